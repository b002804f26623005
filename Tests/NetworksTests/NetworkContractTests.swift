import Basics
import LinearAlgebra
import Networks
import Sweeps
import TestSupport
import Testing

/// What every network of the catalog promises, checked for every family, activation and loss.
@Suite("Network contract")
struct NetworkContractTests {
    @Test("single precision agrees with double precision", arguments: ContractCase.all)
    func precisions(of subject: ContractCase) throws {
        let double = try Rig<Double>(subject)
        let single = try Rig<Float>(subject)
        let (expected, found) = (double.gradients(), single.gradients())
        // A dot product of length n errs by about √n · 2⁻²⁴ of its terms; a few layers of them stay below 2⁻¹⁶.
        let (a, b) = (expected.buffer.array, found.buffer.array.map(Double.init))
        #expect(largestDifference(a, b) <= 0x1p-16 * (a.lazy.map(abs).max() ?? 0), "\(subject)")
        #expect(abs(double.meanLoss() - single.meanLoss()) <= 0x1p-16 * (1 + double.meanLoss()), "\(subject)")
    }

    @Test("backward without parameter gradients gives the same input gradients", arguments: ContractCase.all)
    func inputGradientsAlone(of subject: ContractCase) throws {
        let rig = try Rig<Double>(subject)
        _ = rig.gradients()
        let together = rig.column(0, of: rig.workspace.inputGradient)
        rig.network.backward(
            rig.parameters, rig.workspace, batch: rig.batch, gradients: nil, needsInputGradient: true)
        #expect(rig.column(0, of: rig.workspace.inputGradient) == together)
    }

    @Test("a batch's columns do not touch each other", arguments: ContractCase.all)
    func independentColumns(of subject: ContractCase) throws {
        let rig = try Rig<Double>(subject)
        _ = rig.gradients()
        let logits = rig.column(1, of: rig.workspace.logits)
        let gradient = rig.column(1, of: rig.workspace.inputGradient)
        // Every other column turns into NaN; the columns beyond the batch as well.
        let input = rig.workspace.input
        for row in 0..<input.rows {
            for column in 0..<rig.workspace.batchMax where column != 1 { input[row, column] = .nan }
        }
        rig.forward()
        rig.backward(nil)
        #expect(largestDifference(logits, rig.column(1, of: rig.workspace.logits)) <= 1e-12)
        #expect(largestDifference(gradient, rig.column(1, of: rig.workspace.inputGradient)) <= 1e-12)
    }

    @Test("a smaller batch gives the same columns", arguments: ContractCase.all)
    func smallerBatch(of subject: ContractCase) throws {
        let rig = try Rig<Double>(subject)
        rig.forward()
        let whole = (0..<3).map { rig.column($0, of: rig.workspace.logits) }
        rig.network.forward(rig.parameters, rig.workspace, batch: 3)
        for (index, expected) in whole.enumerated() {
            #expect(largestDifference(expected, rig.column(index, of: rig.workspace.logits)) <= 1e-12)
        }
    }

    @Test("the first pre-activations followed by the rest are a forward pass", arguments: ContractCase.all)
    func forwardFromFirst(of subject: ContractCase) throws {
        let rig = try Rig<Float>(subject)
        // Convolutional families do not keep their first layer apart.
        guard let network = rig.network as? any AffineFirstLayer<Float> else { return }
        rig.forward()
        let logits = (0..<rig.batch).map { rig.column($0, of: rig.workspace.logits) }
        let other = network.makeWorkspace(batchMax: rig.batch)
        network.firstPreActivation(
            rig.parameters, input: rig.workspace.input.firstColumns(rig.batch), into: other.firstPreActivation
        )
        network.forwardFromFirst(rig.parameters, other, batch: rig.batch, observer: nil)
        #expect((0..<rig.batch).map { rig.column($0, of: other.logits) } == logits)
        network.forwardFromFirst(rig.parameters, other, batch: rig.batch, observer: nil)
        #expect((0..<rig.batch).map { rig.column($0, of: other.logits) } == logits, "a second time")
    }

    @Test(
        "observers see every hidden layer before its activation, and change nothing",
        arguments: ContractCase.all)
    func observers(of subject: ContractCase) throws {
        let rig = try Rig<Float>(subject)
        rig.forward()
        let logits = rig.column(0, of: rig.workspace.logits)
        var seen: [(index: Int, rows: Int, columns: Int)] = []
        var isFirstPreActivation = false
        let observer = LayerObserver<Float>.preActivations { index, window in
            seen.append((index, window.rows, window.columns))
            guard index == 0, rig.network is any AffineFirstLayer<Float> else { return }
            isFirstPreActivation =
                rig.column(3, of: window) == rig.column(3, of: rig.workspace.firstPreActivation)
        }
        rig.network.forward(
            rig.parameters, rig.workspace, batch: rig.batch, pass: ForwardPass(observer: observer))
        #expect(rig.column(0, of: rig.workspace.logits) == logits)
        #expect(seen.map(\.index) == Array(rig.network.hiddenLayers.indices))
        #expect(seen.map(\.rows) == rig.network.hiddenLayers.map(\.unitCount))
        #expect(seen.allSatisfy { $0.columns == rig.batch })
        #expect(isFirstPreActivation || !(rig.network is any AffineFirstLayer<Float>))
    }

    @Test("parameters follow each other without gaps, under unique names", arguments: ContractCase.all)
    func layout(of subject: ContractCase) throws {
        let layout = try Rig<Float>(subject).network.layout
        var end = 0
        for window in layout.windows {
            #expect(window.offset == end)
            end += window.count
        }
        #expect(layout.count == end)
        #expect(Set(layout.windows.map(\.name)).count == layout.windows.count)
    }

    @Test("the seed decides every initial parameter, in both precisions", arguments: ContractCase.all)
    func initialParameters(of subject: ContractCase) throws {
        let single = try Rig<Float>(subject, isStirred: false)
        let double = try Rig<Double>(subject, isStirred: false)
        let initial = single.parameters.buffer.array
        let isRounded = double.parameters.buffer.array.map(Float.init) == initial
        #expect(isRounded)
        let again = ParameterBlock<Float>(single.network.layout)
        single.network.initialize(again, seed: Rig<Float>.seed)
        let isRepeated = again.buffer.array == initial
        #expect(isRepeated)
        single.network.initialize(again, seed: Rig<Float>.seed + 1)
        let isOther = again.buffer.array != initial
        #expect(isOther)
    }
}
