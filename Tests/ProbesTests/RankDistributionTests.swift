import Datasets
import Foundation
import LinearAlgebra
import Networks
import Probes
import Sweeps
import Testing

@Suite("Rank distribution")
struct RankDistributionTests {
    @Test(
        "agrees with every contribution ranked among all of its unit and class", arguments: [[5], [6, 4, 3]])
    func bruteForce(widths: [Int]) {
        let subject = Subject<Double>(widths: widths)
        let bins = 10
        let reading = RankDistribution(options: ["bins": 10, "densities": true]).measure(subject.snapshot())
        let train = subject.dataset.train
        let hidden = (0..<train.count).map { subject.reference(subject.input(train, $0)).hidden }
        for layer in widths.indices {
            var counts = [Int](repeating: 0, count: bins)
            var top = 0
            for unit in 0..<widths[layer] {
                // The tail's Jacobian by differences: it is linear, so that any step will do.
                let origin = tail(subject, from: layer, [Double](repeating: 0, count: widths[layer]))
                let moved = tail(
                    subject, from: layer, (0..<widths[layer]).map { $0 == unit ? 1 : 0 })
                let weights = zip(moved, origin).map { $0 - $1 }
                for sample in 0..<train.count {
                    let weight = weights[Int(train.labelsAssigned[sample])]
                    let own = hidden[sample][layer][unit] * weight
                    let below = hidden.count { $0[layer][unit] * weight < own }
                    let rank = Double(below) / Double(train.count - 1)
                    counts[min(Int(rank * Double(bins)), bins - 1)] += 1
                    top += rank >= 0.95 ? 1 : 0
                }
            }
            let pairs = Double(train.count * widths[layer])
            let densities = counts.map { Double($0) * Double(bins) / pairs }
            for (bin, expected) in densities.enumerated() {
                #expect(agrees(reading.value("rank_density", layer: layer + 1, index: bin), expected))
            }
            #expect(agrees(reading.value("rank_top_density", layer: layer + 1), Double(top) / pairs / 0.05))
            let middles = (0..<bins).map { (Double($0) + 0.5) / Double(bins) }
            let slope =
                zip(middles, densities).reduce(0) { $0 + ($1.0 - 0.5) * ($1.1 - 1) }
                / middles.reduce(0) { $0 + ($1 - 0.5) * ($1 - 0.5) }
            #expect(agrees(reading.value("rank_layer_slope", layer: layer + 1), slope))
        }
    }

    /// The logits that a hidden layer's pre-activations lead to where no activation follows.
    private func tail(_ subject: Subject<Double>, from layer: Int, _ signal: [Double]) -> [Double] {
        (layer + 1..<subject.network.layout.windows.count / 2).reduce(signal) { subject.affine($1, $0) }
    }

    @Test("by hand: a unit that tells its classes apart ranks each class at the top of its own scale")
    func byHand() {
        let shape = ImageShape(channels: 1, height: 1, width: 1)
        let network = MLP<Double>(inputShape: shape, widths: [1], classCount: 2, activation: .identity)
        let parameters = ParameterBlock<Double>(network.layout)
        // h = x, logits (−h, h).
        parameters.buffer.assign([1, 0, -1, 1, 0, 0])
        let samples = Samples(
            shape: shape, inputs: [-2, -1, 1, 2], labelsTrue: [0, 0, 1, 1], labelsAssigned: [0, 0, 1, 1])
        let snapshot = Snapshot(
            network: network, parameters: parameters,
            dataset: Dataset(train: samples, test: samples, classCount: 2, inputRange: -2...2),
            loss: CrossEntropy<Double>(), seed: 1, scratch: ProbeScratch())
        let reading = RankDistribution(options: ["bins": 4, "densities": true]).measure(snapshot)
        // Ranks 1, 2/3, 2/3, 1.
        #expect((0..<4).map { reading.value("rank_density", layer: 1, index: $0) } == [0, 0, 2, 2])
        #expect(agrees(reading.value("rank_top_density", layer: 1), 10))
    }

    @Test("tells how the slope changes with the logarithm of the step")
    func slopeRate() {
        let probe = RankDistribution(options: [:])
        let readings = [(0, 1), (10, 2), (100, 3)].map { step, seed in
            let subject = Subject<Double>(widths: [6], seed: UInt64(seed))
            return probe.measure(
                Snapshot(
                    network: subject.network, parameters: subject.parameters, dataset: subject.dataset,
                    loss: CrossEntropy<Double>(), seed: 1, step: step, scratch: ProbeScratch()))
        }
        let slopes = readings.compactMap { $0.value("rank_layer_slope", layer: 1) }
        let rates = probe.conclude(readings).map { $0.value("rank_slope_rate", layer: 1) }
        #expect(rates[0] == nil && rates[1] == nil)
        #expect(agrees(rates[2], (slopes[2] - slopes[1]) / log(10)))
    }
}
