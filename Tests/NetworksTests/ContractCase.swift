import Basics
import LinearAlgebra
import Networks
import Sweeps

/// One combination of the catalog: a resolved `model` section with a loss.
struct ContractCase: Sendable, CustomStringConvertible {
    let model: Setting
    let loss: String
    let description: String

    /// Small sizes of the families that have any; a family that is not here stands as its defaults make it.
    private static let sizes: [String: [[String: Setting]]] = [
        "mlp": [["width": 1, "depth": 1], ["width": 9, "depth": 3]],
        "mlp-widths": [["widths": [5, 17, 3]]],
    ]

    /// Every built family with every activation and every loss.
    ///
    /// A family of fixed, large widths takes its default activation and one loss: its layers are those of the others.
    static let all: [ContractCase] = Catalog.families.filter(\.isBuilt).flatMap { family in
        let isFixed = sizes[family.name] == nil
        let activations = isFixed ? ["relu"] : Activation.allCases.map(\.rawValue)
        let losses = isFixed ? [Catalog.losses[0]] : Catalog.losses
        return (sizes[family.name] ?? [[:]]).flatMap { size in
            activations.flatMap { activation in
                losses.map { loss in
                    var model: Setting = ["family": .text(family.name), "activation": .text(activation)]
                    for (key, value) in size { model[key] = value }
                    let description = "\(model.canonicalText) with \(loss.name)"
                    return ContractCase(model: model, loss: loss.name, description: description)
                }
            }
        }
    }
}

/// A network of a case with parameters, a batch of random inputs and labels, ready to run.
struct Rig<Scalar: Real> {
    static var seed: UInt64 { 11 }
    let network: any Network<Scalar>
    let loss: any Loss<Scalar>
    let parameters: ParameterBlock<Scalar>
    let workspace: Workspace<Scalar>
    let labels: Buffer<Int32>
    let batch = 5

    init(_ subject: ContractCase) throws {
        network = try Catalog.makeNetwork(
            model: subject.model, inputShape: ImageShape(channels: 1, height: 3, width: 4), classCount: 4)
        loss = try Catalog.makeLoss(named: subject.loss)
        parameters = ParameterBlock(network.layout)
        network.initialize(parameters, seed: Self.seed)
        workspace = network.makeWorkspace(batchMax: batch + 2)
        labels = Buffer(count: batch)
        var generator = SeededGenerator(seed: 5, stream: "contract inputs")
        for row in 0..<workspace.input.rows {
            for column in 0..<batch { workspace.input[row, column] = Scalar(generator.uniform(-1, 1)) }
        }
        for index in 0..<batch { labels.pointer[index] = Int32(generator.index(below: network.classCount)) }
    }

    func forward() { network.forward(parameters, workspace, batch: batch) }

    func backward(_ gradients: ParameterBlock<Scalar>?) {
        loss.gradient(
            workspace.logits.firstColumns(batch), labels: labels.pointer, scale: 1 / Scalar(batch),
            into: workspace.logitGradient.firstColumns(batch))
        network.backward(parameters, workspace, batch: batch, gradients: gradients, needsInputGradient: true)
    }

    /// The gradients of the mean loss after a whole step of passes.
    func gradients() -> ParameterBlock<Scalar> {
        let gradients = ParameterBlock<Scalar>(network.layout.trainable)
        forward()
        backward(gradients)
        return gradients
    }

    func meanLoss() -> Double {
        forward()
        let values = Buffer<Scalar>(count: batch)
        loss.values(workspace.logits.firstColumns(batch), labels: labels.pointer, into: values.pointer)
        return Scalar.sum(values.pointer, count: batch) / Double(batch)
    }

    /// The central difference of the mean loss at one number.
    func difference(at place: UnsafeMutablePointer<Scalar>) -> Double {
        let step = Scalar(0x1p-18)
        let old = place.pointee
        defer { place.pointee = old }
        place.pointee = old + step
        let above = meanLoss()
        place.pointee = old - step
        return (above - meanLoss()) / Double(2 * step)
    }

    /// Indices of parameters spread over the block: all of them where there are few.
    func probedParameters(count: Int) -> some Sequence<Int> {
        stride(from: 0, to: parameters.count, by: max(1, parameters.count / count))
    }

    func column(_ index: Int, of matrix: Matrix<Scalar>) -> [Scalar] {
        (0..<matrix.rows).map { matrix[$0, index] }
    }
}

/// The largest distance between elements at the same place; NaN where one is NaN.
func largestDifference(_ a: [Double], _ b: [Double]) -> Double {
    guard a.count == b.count else { return .infinity }
    return zip(a, b).reduce(0) { largest, pair in
        let difference = abs(pair.0 - pair.1)
        return difference > largest || difference.isNaN ? difference : largest
    }
}
