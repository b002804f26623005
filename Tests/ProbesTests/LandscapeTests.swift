import Basics
import Datasets
import Foundation
import LinearAlgebra
import Networks
import Probes
import Sweeps
import Testing

@Suite("Lin's basins, flatness, clusters and projections")
struct LandscapeTests {
    @Test("a basin's curve is the mean accuracy under the drawn noise")
    func basinCurves() {
        let subject = Subject<Double>(widths: [7, 5])
        let amplitudes = [0.01, 0.3, 2]
        let probe = AttractionBasins(
            options: [
                "amplitudes": .list(amplitudes.map { .number($0) }), "sample-draws": 2, "weight-draws": 2,
            ])
        let reading = probe.measure(subject.snapshot())
        let train = subject.dataset.train
        for (place, amplitude) in amplitudes.enumerated() {
            var (onSamples, onWeights) = (0.0, 0.0)
            for draw in 0..<2 {
                var generator = SeededGenerator(
                    seed: subject.seed, stream: "attraction-basins sample noise \(draw)")
                // Drawn pixel by pixel over all points, as the points lie in memory.
                let noise = (0..<6).map { _ in (0..<24).map { _ in generator.normal() } }
                let correct = (0..<24).count { index in
                    let moved = subject.input(train, index).enumerated().map { pixel, value in
                        value + amplitude * noise[pixel][index]
                    }
                    return largest(subject.reference(moved).logits) == Int(train.labelsAssigned[index])
                }
                onSamples += Double(correct) / 48
                let other = Subject<Double>(widths: [7, 5])
                var weights = SeededGenerator(
                    seed: subject.seed, stream: "attraction-basins weight noise \(draw)")
                for window in other.network.layout.windows where window.shape.count == 2 {
                    for index in 0..<window.count {
                        other.parameters.buffer.pointer[window.offset + index] += amplitude * weights.normal()
                    }
                }
                onWeights +=
                    other.accuracy(train, labels: train.labelsAssigned) { other.reference($0).logits } / 2
            }
            #expect(agrees(reading.value("basin_sample_accuracy", layer: 0, index: place), onSamples))
            #expect(agrees(reading.value("basin_weight_accuracy", layer: 0, index: place), onWeights))
        }
    }

    @Test("a basin's size lies between the amplitudes around its level, on a logarithmic scale")
    func basinSizes() {
        let probe = AttractionBasins(options: ["amplitudes": [0.01, 0.1, 1, 10]])
        let curve = [1, 0.75, 0.25, 0.1]
        #expect(agrees(probe.size(of: curve, still: 1, at: 0.5), 0.1 * 10.squareRoot()))
        #expect(agrees(probe.size(of: curve, still: 1, at: 0.99), pow(10, -2 + 0.04)))
        #expect(probe.size(of: curve, still: 0.4, at: 0.5).isNaN, "nothing was fitted")
        #expect(probe.size(of: [1, 1, 1, 1], still: 1, at: 0.5) == .infinity)
        #expect(probe.size(of: [0.2, 0.2, 0.2, 0.2], still: 1, at: 0.5) == 0.01)
    }

    @Test("noise relative to a matrix's size is no other noise on weights that are twice as large")
    func relativeNoise() {
        let probe = AttractionBasins(options: ["relative": true, "amplitudes": [0.1, 0.5]])
        let subject = Subject<Double>(widths: [6], activation: .identity)
        let before = probe.measure(subject.snapshot())
        for window in subject.network.layout.windows where window.name.hasPrefix("layers.1") {
            for index in 0..<window.count { subject.parameters.buffer.pointer[window.offset + index] *= 2 }
        }
        let after = probe.measure(subject.snapshot())
        for index in 0..<2 {
            let (one, other) = (
                before.value("basin_weight_accuracy", layer: 0, index: index),
                after.value("basin_weight_accuracy", layer: 0, index: index)
            )
            #expect(one == other && one != nil)
        }
    }

    @Test("flatness is the mean loss where every unit has moved by a share of its own norm")
    func flatness() {
        let subject = Subject<Double>(widths: [6, 5])
        let probe = Flatness(options: ["amplitude": 0.2, "reach": 0.4, "steps": 2])
        let reading = probe.measure(subject.snapshot())
        func loss(at place: Double) -> Double {
            let moved = Subject<Double>(widths: [6, 5])
            var generator = SeededGenerator(seed: subject.seed, stream: "flatness direction 0")
            for window in moved.network.layout.windows where window.shape.count == 2 {
                let weights = moved.parameters.matrix(window)
                for unit in 0..<weights.rows {
                    let drawn = (0..<weights.columns).map { _ in generator.normal() }
                    let own = (0..<weights.columns).map { weights[unit, $0] }
                    func norm(_ row: [Double]) -> Double { row.reduce(0) { $0 + $1 * $1 }.squareRoot() }
                    for column in own.indices {
                        weights[unit, column] = own[column] + place * drawn[column] * norm(own) / norm(drawn)
                    }
                }
            }
            let train = subject.dataset.train
            return (0..<train.count).reduce(0) { sum, index in
                let logits = moved.reference(moved.input(train, index)).logits
                return sum + JacobianNormTests.crossEntropy(logits, Int(train.labelsAssigned[index]))
            } / Double(train.count)
        }
        for place in -2...2 {
            let found = reading.value("loss_along_direction", layer: 0, index: place)
            #expect(agrees(found, loss(at: 0.2 * Double(place))), "t = \(0.2 * Double(place))")
        }
        #expect(agrees(reading.scalars[0], (loss(at: 0.2) + loss(at: -0.2)) / 2 - loss(at: 0)))
    }

    @Test("centres and samples of classes are compared layer by layer")
    func clustering() throws {
        let subject = Subject<Double>(widths: [7, 5])
        let train = subject.dataset.train
        let reading = ClassClustering(options: ["class": 2, "samples": 3]).measure(subject.snapshot())
        for layer in 0..<2 {
            let members = (0..<4).map { label in
                (0..<train.count).filter { Int(train.labelsAssigned[$0]) == label }
                    .map { subject.activations(train, $0)[layer] }
            }
            let centres = members.compactMap(mean)
            #expect(centres.count == 4)
            let pairs = (0..<4).flatMap { a in (0..<a).map { cosine(centres[a], centres[$0]) } }
            let expected = pairs.reduce(0, +) / Double(pairs.count)
            #expect(agrees(reading.value("layer_centre_similarity", layer: layer + 1), expected))
            for place in 0..<3 {
                let found = reading.value("layer_sample_similarity", layer: layer + 1, index: place)
                #expect(agrees(found, cosine(members[2][place], centres[2])))
            }
        }
    }

    @Test("projections are the chosen logits of the first samples of each class")
    func projection() {
        let subject = Subject<Double>(widths: [6])
        let reading = LogitProjection(options: ["logits": [3, 1], "classes": [0, 2], "samples": 2])
            .measure(subject.snapshot())
        for (set, samples) in [("train", subject.dataset.train), ("test", subject.dataset.test)] {
            for label in [0, 2] {
                let chosen = (0..<samples.count).filter { Int(samples.labelsTrue[$0]) == label }.prefix(2)
                for (place, index) in chosen.enumerated() {
                    let logits = subject.reference(subject.input(samples, index)).logits
                    let x = reading.value("projection_\(set)_x", layer: label, index: place)
                    let y = reading.value("projection_\(set)_y", layer: label, index: place)
                    #expect(agrees(x, logits[3]) && agrees(y, logits[1]), "\(set), class \(label)")
                }
            }
        }
    }

    @Test(
        "batch statistics are those of the samples normalised together, share by share",
        arguments: [4, 7, 100])
    func batchStatisticsByHand(batch: Int) throws {
        let data = Subject<Double>(widths: [3])
        let network = MLP<Double>(
            inputShape: ImageShape(channels: 1, height: 2, width: 3), widths: [5], classCount: 4,
            isNormalized: true)
        let parameters = ParameterBlock<Double>(network.layout)
        network.initialize(parameters, seed: 2)
        var generator = SeededGenerator(seed: 3, stream: "norms")
        func tensor(_ name: String) throws -> Matrix<Double> {
            parameters.matrix(try #require(network.layout.windows.first { $0.name == name }))
        }
        for name in ["norms.0.weight", "norms.0.bias", "norms.0.running_mean", "norms.0.running_var"] {
            let values = try tensor(name)
            for unit in 0..<5 { values[unit, 0] = generator.uniform(0.2, 1.5) }
        }
        let reading = BatchStatistics(options: ["batch": .integer(batch)]).measure(
            Snapshot(
                network: network, parameters: parameters, dataset: data.dataset, loss: CrossEntropy<Double>(),
                seed: 1, scratch: ProbeScratch()))
        let test = data.dataset.test
        let (first, scale, shift) = (
            try tensor("layers.0.weight"), try tensor("norms.0.weight"), try tensor("norms.0.bias")
        )
        let (last, bias) = (try tensor("layers.1.weight"), try tensor("layers.1.bias"))
        var (loss, wrong) = (0.0, 0)
        for start in stride(from: 0, to: test.count, by: batch) {
            let share = start..<min(start + batch, test.count)
            let sums = share.map { index in
                (0..<5).map { unit in
                    zip(data.input(test, index), 0..<6).reduce(0) { $0 + $1.0 * first[unit, $1.1] }
                }
            }
            let count = Double(share.count)
            for (index, own) in zip(share, sums) {
                let hidden = (0..<5).map { unit in
                    let mean = sums.reduce(0) { $0 + $1[unit] } / count
                    let variance = sums.reduce(0) { $0 + ($1[unit] - mean) * ($1[unit] - mean) } / count
                    let normal = (own[unit] - mean) / (variance + 1e-5).squareRoot()
                    return max(0, scale[unit, 0] * normal + shift[unit, 0])
                }
                let logits = (0..<4).map { label in
                    (0..<5).reduce(bias[label, 0]) { $0 + last[label, $1] * hidden[$1] }
                }
                let label = Int(test.labelsTrue[index])
                loss += log(logits.reduce(0) { $0 + exp($1) }) - logits[label]
                if largest(logits) != label { wrong += 1 }
            }
        }
        #expect(agrees(reading.scalars[0], loss / Double(test.count)))
        #expect(agrees(reading.scalars[1], Double(wrong) / Double(test.count)))
    }

    @Test("batch statistics stay empty for a network that normalises nothing, and say what would fill them")
    func batchStatistics() {
        let rig = Subject<Float>(widths: [6])
        let subject = ProbeSubject(rig.network, trainCount: 24, testCount: 10, configuration: [:])
        let probe = BatchStatistics(options: [:])
        #expect(probe.problem(with: subject) == nil)
        let gaps = probe.gaps(for: subject)
        #expect(gaps.map(\.isRefusedEverywhere) == [true])
        #expect(gaps.allSatisfy { $0.reason.contains("batch-norm: true") })
        #expect(probe.measure(rig.snapshot()).scalars == [nil, nil])
    }
}
