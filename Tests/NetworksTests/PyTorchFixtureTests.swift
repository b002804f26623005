import LinearAlgebra
import Networks
import Sweeps
import Testing

@Suite("Agreement with PyTorch")
struct PyTorchFixtureTests {
    @Test("logits, losses and every gradient agree in double precision to 1e-10")
    func double() throws {
        for reference in try PyTorchNetworks.load().cases {
            try check(reference, Double.self, tolerance: 1e-10)
        }
    }

    @Test("logits, losses and every gradient agree in single precision to 1e-5")
    func single() throws {
        for reference in try PyTorchNetworks.load().cases {
            try check(reference, Float.self, tolerance: 1e-5)
        }
    }

    @Test("the fixture holds every activation with every loss")
    func coverage() throws {
        let cases = try PyTorchNetworks.load().cases
        #expect(Set(cases.map(\.activation)) == Set(Activation.allCases.map(\.rawValue)))
        #expect(Set(cases.map(\.loss)) == Set(Catalog.losses.map(\.name)))
        #expect(cases.count == Activation.allCases.count * Catalog.losses.count)
    }

    private func check<Scalar: Real>(
        _ reference: PyTorchNetworks.Case, _: Scalar.Type, tolerance: Double
    ) throws {
        let title = "\(reference.activation) with \(reference.loss) in \(Scalar.self)"
        let network = MLP<Scalar>(
            inputShape: ImageShape(channels: 1, height: 1, width: reference.sizes[0]),
            widths: Array(reference.sizes.dropFirst().dropLast()), classCount: reference.sizes.last ?? 0,
            activation: try #require(Activation(rawValue: reference.activation)))
        let loss: any Loss<Scalar> = try Catalog.makeLoss(named: reference.loss)
        let batch = reference.labels.count
        let parameters = ParameterBlock<Scalar>(network.layout)
        for window in network.layout.windows {
            #expect(reference.shapes[window.name] == window.shape)
            for (index, value) in (reference.parameters[window.name] ?? []).enumerated() {
                parameters.buffer.pointer[window.offset + index] = Scalar(value)
            }
        }
        let workspace = network.makeWorkspace(batchMax: batch + 3)
        for row in 0..<batch {
            for column in 0..<reference.sizes[0] {
                workspace.input[column, row] = Scalar(reference.inputs[row * reference.sizes[0] + column])
            }
        }
        let gradients = ParameterBlock<Scalar>(network.layout)
        let values = Buffer<Scalar>(count: batch)
        network.forward(parameters, workspace, batch: batch)
        let (logits, gradient) = (
            workspace.logits.firstColumns(batch), workspace.logitGradient.firstColumns(batch)
        )
        loss.values(logits, labels: reference.labels, into: values.pointer)
        loss.gradient(logits, labels: reference.labels, scale: 1 / Scalar(batch), into: gradient)
        network.backward(parameters, workspace, batch: batch, gradients: gradients, needsInputGradient: true)

        expect("logits", byExample(logits), reference.logits)
        expect("losses", values.array.map(Double.init), reference.losses)
        expect("mean loss", [Scalar.sum(values.pointer, count: batch) / Double(batch)], [reference.meanLoss])
        expect(
            "input gradient", byExample(workspace.inputGradient.firstColumns(batch)), reference.inputGradient)
        for window in network.layout.windows {
            let found = (0..<window.count).map { Double(gradients.buffer.pointer[window.offset + $0]) }
            expect("gradient of \(window.name)", found, reference.gradients[window.name] ?? [])
        }
        func expect(_ name: String, _ found: [Double], _ expected: [Double]) {
            let largest = expected.lazy.map(abs).max() ?? 0
            let difference = largestDifference(found, expected)
            #expect(difference <= tolerance * max(1, largest), "\(name) of \(title)")
            #expect(!expected.isEmpty, "\(name) of \(title)")
        }
    }

    /// The elements one example after the other, as PyTorch lists them.
    private func byExample<Scalar: Real>(_ matrix: Matrix<Scalar>) -> [Double] {
        (0..<matrix.columns).flatMap { column in (0..<matrix.rows).map { Double(matrix[$0, column]) } }
    }
}
