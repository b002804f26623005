import Foundation
import LinearAlgebra
import Networks
import Sweeps
import Testing

/// What `Tests/Fixtures/make_images.py` wrote.
private struct PyTorchImages: Decodable {
    let shape: [Int]
    let classes: Int
    let inputs: [Double]
    let labels: [Int32]
    let cases: [Case]

    struct Case: Decodable {
        let model: Model
        let parameters: [String: [Double]]
        let shapes: [String: [Int]]
        let evaluated: [Double]
        let logits: [Double]
        let gradients: [String: Spread]
        let inputGradient: Spread
    }

    struct Model: Decodable {
        let family: String
        let width: Int
        let depth: Int?
        let batchNorm: Bool
        let variant: String?

        enum CodingKeys: String, CodingKey {
            case family, width, depth, variant
            case batchNorm = "batch-norm"
        }

        var setting: Setting {
            var setting: Setting = [
                "family": .text(family), "width": .integer(width), "batch-norm": .boolean(batchNorm),
            ]
            if let depth { setting["depth"] = .integer(depth) }
            if let variant { setting["variant"] = .text(variant) }
            return setting
        }
    }

    /// A tensor in a few numbers.
    struct Spread: Decodable {
        let sum: Double
        let squares: Double
        let places: [Int]
        let values: [Double]
    }

    static func load() throws -> PyTorchImages {
        try JSONDecoder().decode(PyTorchImages.self, from: Fixture.data("images.json"))
    }
}

/// A network of the fixture with the fixture's parameters and batch.
private struct ImageRig<Scalar: Real> {
    let reference: PyTorchImages.Case
    let fixture: PyTorchImages
    let network: any Network<Scalar>
    let parameters: ParameterBlock<Scalar>
    let gradients: ParameterBlock<Scalar>
    let workspace: Workspace<Scalar>
    let loss: any Loss<Scalar>
    let batch: Int

    init(_ reference: PyTorchImages.Case, _ fixture: PyTorchImages) throws {
        self.reference = reference
        self.fixture = fixture
        let shape = ImageShape(
            channels: fixture.shape[0], height: fixture.shape[1], width: fixture.shape[2])
        network = try Catalog.makeNetwork(
            model: reference.model.setting, inputShape: shape, classCount: fixture.classes)
        parameters = ParameterBlock(network.layout)
        gradients = ParameterBlock(network.layout.trainable)
        network.initialize(parameters, seed: 0)
        for window in network.layout.trainable.windows {
            let values = try #require(reference.parameters[window.name], "\(window.name)")
            #expect(reference.shapes[window.name] == window.shape)
            for (index, value) in values.enumerated() {
                parameters.buffer.pointer[window.offset + index] = Scalar(value)
            }
        }
        batch = fixture.labels.count
        workspace = network.makeWorkspace(batchMax: batch + 20)
        for row in 0..<batch {
            for column in 0..<shape.count {
                workspace.input[column, row] = Scalar(fixture.inputs[row * shape.count + column])
            }
        }
        loss = try Catalog.makeLoss(named: "cross-entropy")
    }

    /// The mean loss of a training pass, whose gradients are left in their block.
    func trainingPass() -> Double {
        network.forward(parameters, workspace, batch: batch, pass: ForwardPass(normalization: .training))
        let (logits, gradient) = (
            workspace.logits.firstColumns(batch), workspace.logitGradient.firstColumns(batch)
        )
        let values = Buffer<Scalar>(count: batch)
        loss.values(logits, labels: fixture.labels, into: values.pointer)
        loss.gradient(logits, labels: fixture.labels, scale: 1 / Scalar(batch), into: gradient)
        network.backward(parameters, workspace, batch: batch, gradients: gradients, needsInputGradient: true)
        return Scalar.sum(values.pointer, count: batch) / Double(batch)
    }

    func byExample(_ matrix: Matrix<Scalar>) -> [Double] {
        (0..<batch).flatMap { column in (0..<matrix.rows).map { Double(matrix[$0, column]) } }
    }
}

@Suite("Networks on images against PyTorch")
struct ImageFixtureTests {
    @Test("logits and gradients agree in double precision to 1e-10")
    func double() throws { try checkPasses(Double.self, tolerance: 1e-10) }

    @Test("logits and gradients agree in single precision to 2e-5")
    func single() throws { try checkPasses(Float.self, tolerance: 2e-5) }

    @Test("the fixture holds every family on images with and without batch normalisation")
    func coverage() throws {
        let models = try PyTorchImages.load().cases.map(\.model)
        for norm in [false, true] {
            let families = models.filter { $0.batchNorm == norm }.map { $0.family + ($0.variant ?? "") }
            #expect(families == ["convnet", "cnn", "resnet18preactivation", "resnet18postactivation"])
        }
    }

    private func checkPasses<Scalar: Real>(_: Scalar.Type, tolerance: Double) throws {
        let fixture = try PyTorchImages.load()
        for reference in fixture.cases {
            let rig = try ImageRig<Scalar>(reference, fixture)
            let title = reference.model.setting.canonicalText
            rig.network.forward(rig.parameters, rig.workspace, batch: rig.batch)
            expect(
                rig.byExample(rig.workspace.logits), reference.evaluated, tolerance, "evaluation, \(title)")
            _ = rig.trainingPass()
            expect(rig.byExample(rig.workspace.logits), reference.logits, tolerance, "logits, \(title)")
            for window in rig.network.layout.trainable.windows {
                let found = (0..<window.count).map {
                    Double(rig.gradients.buffer.pointer[window.offset + $0])
                }
                let expected = try #require(reference.gradients[window.name])
                expect(found, expected, tolerance, "gradient of \(window.name), \(title)")
            }
            expect(
                rig.byExample(rig.workspace.inputGradient), reference.inputGradient, tolerance,
                "input gradient, \(title)")
        }
    }

    private func expect(
        _ found: [Double], _ expected: [Double], _ tolerance: Double, _ name: String
    ) {
        let largest = expected.lazy.map(abs).max() ?? 0
        let difference = largestDifference(found, expected)
        #expect(difference <= tolerance * max(1, largest), "\(name)")
    }

    private func expect(
        _ found: [Double], _ expected: PyTorchImages.Spread, _ tolerance: Double, _ name: String
    ) {
        let scale = max(1, expected.squares.squareRoot())
        expect(expected.places.map { found[$0] }, expected.values, tolerance * scale, name)
        // A sum of n numbers errs by √n times the error of one.
        let many = Double(found.count).squareRoot()
        expect([found.reduce(0, +)], [expected.sum], tolerance * scale * many, "sum of \(name)")
        let squares = found.reduce(0) { $0 + $1 * $1 }
        expect([squares], [expected.squares], tolerance * scale * 2, "squares of \(name)")
    }
}
