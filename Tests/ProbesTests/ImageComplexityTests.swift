import Basics
import Datasets
import LinearAlgebra
import Networks
import Probes
import Sweeps
import Testing

@Suite("Local complexity of networks on images")
struct ImageComplexityTests {
    /// One image or the signals of one layer, channel by channel.
    struct Signal {
        var channels: Int
        var height: Int
        var width: Int
        var values: [Double]

        func at(_ channel: Int, _ row: Int, _ column: Int) -> Double {
            guard row >= 0, row < height, column >= 0, column < width else { return 0 }
            return values[(channel * height + row) * width + column]
        }

        var rectified: Signal {
            var copy = self
            copy.values = values.map { max($0, 0) }
            return copy
        }

        /// The greatest of each 2 × 2.
        var pooled: Signal {
            var result = Signal(channels: channels, height: height / 2, width: width / 2, values: [])
            for channel in 0..<channels {
                for row in 0..<result.height {
                    for column in 0..<result.width {
                        let four = [(0, 0), (0, 1), (1, 0), (1, 1)].map {
                            at(channel, 2 * row + $0.0, 2 * column + $0.1)
                        }
                        result.values.append(four.max() ?? 0)
                    }
                }
            }
            return result
        }
    }

    /// A network's tensors by name, and what each layer makes of them, by the textbook.
    struct Textbook {
        let tensors: [String: [Double]]

        /// Square filters with a border of zeros that keeps the size, then a stride.
        func convolved(_ x: Signal, _ name: String, stride: Int = 1) -> Signal {
            let weights = tensors[name + ".weight"] ?? []
            let bias = tensors[name + ".bias"]
            let side = name.contains("shortcut") ? 1 : 3
            let outputs = weights.count / (x.channels * side * side)
            var result = Signal(
                channels: outputs, height: (x.height + stride - 1) / stride,
                width: (x.width + stride - 1) / stride, values: [])
            for output in 0..<outputs {
                for row in 0..<result.height {
                    for column in 0..<result.width {
                        var sum = bias?[output] ?? 0
                        for channel in 0..<x.channels {
                            for tap in 0..<side * side {
                                let weight = weights[(output * x.channels + channel) * side * side + tap]
                                let (down, right) = (tap / side - side / 2, tap % side - side / 2)
                                sum += weight * x.at(channel, stride * row + down, stride * column + right)
                            }
                        }
                        result.values.append(sum)
                    }
                }
            }
            return result
        }

        func normalized(_ x: Signal, _ name: String) -> Signal {
            guard let scale = tensors[name + ".weight"], let shift = tensors[name + ".bias"],
                let mean = tensors[name + ".running_mean"], let variance = tensors[name + ".running_var"]
            else { return x }
            var copy = x
            let plane = x.height * x.width
            for index in x.values.indices {
                let channel = index / plane
                let deviation = (variance[channel] + 1e-5).squareRoot()
                copy.values[index] =
                    (x.values[index] - mean[channel]) / deviation * scale[channel] + shift[channel]
            }
            return copy
        }

        /// The inputs of all ReLUs whose units count.
        func hidden(_ family: String, _ image: Signal) -> [[Double]] {
            var x = image
            var hidden: [[Double]] = []
            guard family == "resnet18" else {
                for layer in 0..<4 {
                    let stride = family == "cnn" && layer % 2 == 1 ? 2 : 1
                    let z = normalized(convolved(x, "convs.\(layer)", stride: stride), "norms.\(layer)")
                    hidden.append(z.values)
                    x = family == "convnet" && layer > 0 ? z.rectified.pooled : z.rectified
                }
                return hidden
            }
            x = convolved(x, "conv1")
            for stage in 1...4 {
                for block in 0..<2 {
                    let name = "layer\(stage).\(block)"
                    let stride = stage > 1 && block == 0 ? 2 : 1
                    let first = normalized(x, name + ".bn1")
                    let hasShortcut = tensors[name + ".shortcut.weight"] != nil
                    let skip =
                        hasShortcut ? convolved(first.rectified, name + ".shortcut", stride: stride) : x
                    let second = normalized(
                        convolved(first.rectified, name + ".conv1", stride: stride), name + ".bn2")
                    hidden += [first.values, second.values]
                    x = convolved(second.rectified, name + ".conv2")
                    for index in x.values.indices { x.values[index] += skip.values[index] }
                }
            }
            return hidden
        }
    }

    @Test(
        "equals a count over every explicit vertex of a textbook network",
        arguments: ["convnet", "cnn", "resnet18"], [false, true])
    func bruteForce(family: String, isNormalized: Bool) throws {
        let shape = ImageShape(channels: 2, height: 8, width: 8)
        var model: Setting = [
            "family": .text(family), "width": 2, "batch-norm": .boolean(isNormalized),
        ]
        if family == "cnn" { model["depth"] = 4 }
        let network: any Network<Double> = try Networks.Catalog.makeNetwork(
            model: model, inputShape: shape, classCount: 3)
        let parameters = ParameterBlock<Double>(network.layout)
        network.initialize(parameters, seed: 2)
        var generator = SeededGenerator(seed: 3, stream: "images")
        var tensors: [String: [Double]] = [:]
        for window in network.layout.windows {
            let values = parameters.buffer.pointer + window.offset
            if window.name.contains("norm") || window.name.contains("bn") {
                for index in 0..<window.count { values[index] = generator.uniform(0.3, 1.5) }
            }
            tensors[window.name] = (0..<window.count).map { values[$0] }
        }
        let samples = Samples(
            shape: shape, inputs: (0..<20 * shape.count).map { _ in Float(generator.normal()) },
            labelsTrue: [Int32](repeating: 0, count: 20), labelsAssigned: [Int32](repeating: 0, count: 20))
        let probe = LocalComplexity(options: ["radii": [0.1, 2], "directions": 3, "points": 20])
        let reading = probe.measure(
            Snapshot(
                network: network, parameters: parameters,
                dataset: Dataset(train: samples, test: samples, classCount: 3, inputRange: -1...1),
                loss: CrossEntropy<Double>(), seed: 7, scratch: ProbeScratch()))
        let frame = probe.frame(dimensions: shape.count, seed: 7)
        let textbook = Textbook(tensors: tensors)
        for (place, radius) in [0.1, 2].enumerated() {
            var counts: [Int: Int] = [:]
            for point in 0..<20 {
                let seen = (0..<3).flatMap { direction in
                    [radius, -radius].map { step in
                        let input = (0..<shape.count).map {
                            Double(samples.inputs[point * shape.count + $0])
                                + step * frame[$0 * 3 + direction]
                        }
                        return textbook.hidden(
                            family, Signal(channels: 2, height: 8, width: 8, values: input))
                    }
                }
                for layer in seen[0].indices {
                    counts[layer, default: 0] += seen[0][layer].indices.count { unit in
                        // A zero, where a whole channel is cut off, is a sign of its own.
                        Set(seen.map { $0[layer][unit] > 0 ? 1 : $0[layer][unit] < 0 ? -1 : 0 }).count > 1
                    }
                }
            }
            #expect(counts.count == (family == "resnet18" ? 16 : 4))
            for (layer, count) in counts {
                let found = reading.value("local_complexity_train", layer: layer + 1, index: place)
                #expect(found == Double(count) / 20, "layer \(layer), r = \(radius)")
            }
            #expect(counts.values.contains { $0 > 0 })
        }
    }
}
