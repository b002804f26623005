import Datasets
import LinearAlgebra
import Networks
import Probes
import Sweeps
import Testing

@Suite("Kubo's probes")
struct KuboProbesTests {
    @Test(
        "group similarity is the cosine of the groups' means, class by class", arguments: [[7], [9, 6, 5]])
    func groupSimilarity(widths: [Int]) throws {
        let subject = Subject<Double>(widths: widths, noisy: 9)
        let reading = GroupSimilarity(options: ["per-class": true]).measure(subject.snapshot())
        let (train, test) = (subject.dataset.train, subject.dataset.test)
        for layer in widths.indices {
            func means(_ samples: Samples, _ belongs: (Int) -> Bool) -> [[Double]?] {
                (0..<4).map { label in
                    let chosen = (0..<samples.count).filter {
                        Int(samples.labelsTrue[$0]) == label && belongs($0)
                    }
                    return mean(chosen.map { subject.activations(samples, $0)[layer] })
                }
            }
            func isRight(_ index: Int) -> Bool {
                largest(subject.reference(subject.input(test, index)).logits) == Int(test.labelsTrue[index])
            }
            let groups = [
                "clean": means(train) { !train.isNoisy($0) }, "noisy": means(train, train.isNoisy),
                "correct": means(test, isRight), "wrong": means(test) { !isRight($0) },
            ]
            for pair in ["clean_noisy", "correct_clean", "correct_noisy", "wrong_clean", "wrong_noisy"] {
                let names = pair.split(separator: "_").map(String.init)
                let (first, second) = (try #require(groups[names[0]]), try #require(groups[names[1]]))
                let cosines = zip(first, second).map { a, b in a.flatMap { a in b.map { cosine(a, $0) } } }
                for (label, expected) in cosines.enumerated() {
                    let found = reading.value("class_similarity_\(pair)", layer: layer + 1, index: label)
                    #expect(agrees(found, expected), "\(pair), layer \(layer + 1), class \(label)")
                }
                let known = cosines.compactMap(\.self)
                let center = known.reduce(0, +) / Double(known.count)
                let spread = (known.reduce(0) { $0 + ($1 - center) * ($1 - center) } / Double(known.count))
                    .squareRoot()
                #expect(agrees(reading.value("layer_similarity_\(pair)", layer: layer + 1), center))
                #expect(agrees(reading.value("layer_similarity_\(pair)_spread", layer: layer + 1), spread))
            }
        }
    }

    @Test("group similarity leaves the noisy pairs empty where no label is wrong")
    func withoutNoise() {
        let reading = GroupSimilarity(options: [:]).measure(Subject<Float>(widths: [6], noisy: 0).snapshot())
        #expect(reading.scalars.map { $0 == nil } == [true, false, true, false, true])
    }

    /// A task on data with this noise.
    private func subject(widths: [Int] = [6], noise: Setting) -> ProbeSubject {
        ProbeSubject(
            Subject<Float>(widths: widths).network, trainCount: 24, testCount: 10,
            configuration: ["dataset": ["noise": noise]])
    }

    @Test("metrics of noisy samples are said to stay empty where no label is wrong, by whoever has them")
    func gapsWithoutNoise() {
        for probe in Catalog.probes.map({ $0.init(options: [:]) }) {
            let title = type(of: probe).entry.name
            let names = probe.columns.map(\.name) + probe.layerMetrics.map(\.name)
            // The network has no batch normalisation either.
            if title == "batch-statistics" { continue }
            for noise: Setting in [["kind": "none"], ["kind": "exact-other", "rate": 0]] {
                let gaps = probe.gaps(for: subject(noise: noise))
                #expect(gaps.isEmpty == !names.contains { $0.contains("noisy") }, "\(title)")
                #expect(gaps.allSatisfy { $0.reason.contains("{kind: exact-other, rate: 0.2}") }, "\(title)")
                let isRefused = gaps.contains { $0.isRefusedEverywhere }
                #expect(isRefused == (title == "group-similarity"), "\(title)")
            }
            let gaps = probe.gaps(for: subject(noise: ["kind": "exact-other", "rate": 0.1]))
            #expect(gaps.isEmpty, "\(title)")
        }
    }

    @Test("large activation says that a single neuron has no others to stand out from")
    func singleNeuron() {
        let gaps = LargeActivation(options: [:]).gaps(
            for: subject(widths: [6, 1], noise: ["kind": "exact-other", "rate": 0.1]))
        #expect(gaps.count == 1)
        #expect(gaps.first?.reason.contains("at least 2 units") == true)
    }

    @Test("large activation follows the neuron that is largest at the end, through all epochs")
    func largeActivation() throws {
        let probe = LargeActivation(options: [:])
        // Three moments of a training are stood for by three networks.
        let subjects = [1, 2, 3].map { Subject<Double>(widths: [8, 6], seed: $0) }
        let readings = probe.conclude(subjects.map { probe.measure($0.snapshot()) })
        let means = try subjects.map { subject in
            try (0..<2).map { layer in
                let train = subject.dataset.train
                return try #require(
                    mean((0..<train.count).map { subject.activations(train, $0)[layer] }))
            }
        }
        for layer in 0..<2 {
            let neuron = largest(means[2][layer])
            for epoch in 0..<3 {
                let mean = means[epoch][layer]
                let others = mean.enumerated().filter { $0.offset != neuron }.reduce(0) {
                    $0 + $1.element * $1.element
                }
                let expected = mean[neuron] / (others / Double(mean.count - 1)).squareRoot()
                let found = readings[epoch].value("activation_ratio", layer: layer + 1, index: neuron)
                #expect(agrees(found, expected), "epoch \(epoch), layer \(layer + 1)")
            }
            for (unit, expected) in means[2][layer].enumerated() {
                #expect(agrees(readings[2].value("mean_activation", layer: layer + 1, index: unit), expected))
            }
            #expect(readings[1].value("mean_activation", layer: layer + 1, index: 0) == nil)
        }
        let largestRatios = readings.map { reading in
            reading.layers.filter { $0.metric == "activation_ratio" }.map(\.value).max()
        }
        #expect(readings.map { $0.scalars[0] } == largestRatios)
        #expect(readings.allSatisfy { $0.carried.isEmpty }, "nothing is carried beyond the end")
    }

    @Test("class activations are means and deviations of the largest neuron by true and by assigned label")
    func classActivations() throws {
        let subject = Subject<Double>(widths: [8], noisy: 9)
        let reading = LargeActivation(options: [:]).measure(subject.snapshot())
        let train = subject.dataset.train
        let activations = (0..<train.count).map { subject.activations(train, $0)[0] }
        let neuron = largest(try #require(mean(activations)))
        let groups: [(String, (Int) -> Bool, [Int32])] = [
            ("clean", { !train.isNoisy($0) }, train.labelsTrue),
            ("noisy_true", train.isNoisy, train.labelsTrue),
            ("noisy_assigned", train.isNoisy, train.labelsAssigned),
        ]
        for (name, belongs, labels) in groups {
            for label in 0..<4 {
                let values = (0..<train.count).filter { belongs($0) && Int(labels[$0]) == label }
                    .map { activations[$0][neuron] }
                let center = values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
                let metric = "class_activation_\(name)"
                #expect(
                    agrees(reading.value(metric, layer: 1, index: label), center), "\(name), class \(label)")
                guard let center else { continue }
                let variance = values.reduce(0) { $0 + ($1 - center) * ($1 - center) } / Double(values.count)
                let spread = reading.value(metric + "_spread", layer: 1, index: label)
                #expect(agrees(spread, variance.squareRoot(), within: 1e-6))
            }
        }
    }
}
