import Basics
import LinearAlgebra
import Networks
import Probes
import Sweeps
import Testing

@Suite("Linear regions of networks on images")
struct ImageRegionsTests {
    typealias Textbook = ImageComplexityTests.Textbook
    typealias Signal = ImageComplexityTests.Signal

    /// A network with its textbook, and a plane through a point of its inputs.
    struct Scene {
        let family: String
        let side: Int
        let network: any PiecewiseLinear<Double>
        let parameters: ParameterBlock<Double>
        let textbook: Textbook
        let centre: [Double]
        let across: [Double]
        let up: [Double]

        init(_ family: String, side: Int, isNormalized: Bool, seed: UInt64) throws {
            let shape = ImageShape(channels: 1, height: side, width: side)
            var model: Setting = [
                "family": .text(family), "width": 1, "batch-norm": .boolean(isNormalized),
            ]
            if family == "cnn" { model["depth"] = 4 }
            let network: any Network<Double> = try Networks.Catalog.makeNetwork(
                model: model, inputShape: shape, classCount: 3)
            let parameters = ParameterBlock<Double>(network.layout)
            network.initialize(parameters, seed: seed)
            var generator = SeededGenerator(seed: seed, stream: "images")
            var tensors: [String: [Double]] = [:]
            for window in network.layout.windows {
                let values = parameters.buffer.pointer + window.offset
                if window.name.contains("norm") || window.name.contains("bn") {
                    // Means and shifts about zero: else whole layers are silent.
                    let isPositive = window.name.hasSuffix("weight") || window.name.hasSuffix("var")
                    for index in 0..<window.count {
                        values[index] = generator.uniform(isPositive ? 0.3 : -0.3, isPositive ? 1.5 : 0.3)
                    }
                }
                tensors[window.name] = (0..<window.count).map { values[$0] }
            }
            self.family = family
            self.side = side
            self.network = try #require(network as? any PiecewiseLinear<Double>)
            self.parameters = parameters
            textbook = Textbook(tensors: tensors)
            centre = (0..<shape.count).map { _ in generator.normal() }
            // Of length 1, nearly.
            let length = Double(shape.count).squareRoot()
            across = (0..<shape.count).map { _ in generator.normal() / length }
            up = (0..<shape.count).map { _ in generator.normal() / length }
        }

        /// Signs of all hidden pre-activations, and the number of the greatest unit of each window of max-pooling; -1
        /// where ReLU stops them all.
        func pattern(_ x: Double, _ y: Double) -> [Int] {
            let input = centre.indices.map { centre[$0] + x * across[$0] + y * up[$0] }
            let hidden = textbook.hidden(
                family, Signal(channels: 1, height: side, width: side, values: input))
            var pattern = hidden.joined().map { $0 > 0 ? 1 : 0 }
            guard family == "convnet" else { return pattern }
            // 2 × 2 after every layer but the first; after the last, all of a channel that these leave.
            var sideOfLayer = side
            for (layer, values) in hidden.enumerated() where layer > 0 {
                let window = layer == 3 ? sideOfLayer / 2 * 2 : 2
                let signal = Signal(
                    channels: 1 << layer, height: sideOfLayer, width: sideOfLayer, values: values)
                for channel in 0..<1 << layer {
                    for row in 0..<sideOfLayer / window {
                        for column in 0..<sideOfLayer / window {
                            let units = (0..<window * window).map { place in
                                signal.at(
                                    channel, row * window + place / window, column * window + place % window)
                            }
                            let greatest = units.indices.max { units[$0] < units[$1] } ?? 0
                            pattern.append(units[greatest] > 0 ? greatest : -1)
                        }
                    }
                }
                sideOfLayer /= 2
            }
            return pattern
        }
    }

    /// Family, side of the images, half the side of the square.
    static let cases: [(String, Int, Double)] = [
        ("convnet", 8, 0.8), ("convnet", 16, 0.4), ("cnn", 8, 3), ("resnet18", 8, 0.4),
    ]

    @Test(
        "have one pattern of signs and of greatest units inside, no two the same, and affine logits",
        arguments: cases, [false, true])
    func patterns(_ subject: (family: String, side: Int, radius: Double), isNormalized: Bool) throws {
        for seed in UInt64(1)...2 {
            let scene = try Scene(subject.family, side: subject.side, isNormalized: isNormalized, seed: seed)
            let partition = PlanePartition(
                scene.network, scene.parameters, across: scene.across, up: scene.up)
            let pieces = try #require(partition.pieces(around: scene.centre, radius: subject.radius))
            #expect(pieces.count > 2)
            var (area, found): (Double, Set<[Int]>) = (0, [])
            for piece in pieces {
                let count = Double(piece.count)
                let middle = piece.reduce((x: 0.0, y: 0.0)) { ($0.x + $1.x / count, $0.y + $1.y / count) }
                let inside = scene.pattern(middle.x, middle.y)
                // Towards every corner, but not onto it.
                for corner in piece {
                    let there = scene.pattern(
                        middle.x + 0.999 * (corner.x - middle.x), middle.y + 0.999 * (corner.y - middle.y))
                    #expect(there == inside)
                }
                found.insert(inside)
                for (one, other) in zip(piece, piece.dropFirst() + piece.prefix(1)) {
                    area += (one.x * other.y - other.x * one.y) / 2
                }
                let logits = partition.logits(at: piece + [middle], around: scene.centre)
                for label in 0..<3 {
                    let mean = piece.indices.reduce(0) { $0 + logits[$1 * 3 + label] / count }
                    #expect(abs(logits[piece.count * 3 + label] - mean) < 1e-9)
                }
            }
            #expect(found.count == pieces.count)
            // The pieces cover the square.
            #expect(abs(area / (4 * subject.radius * subject.radius) - 1) < 1e-9)
        }
    }

    @Test("groups of max-pooling are the windows of the textbook, one for pools that follow each other")
    func groups() throws {
        let network = try Scene("convnet", side: 16, isNormalized: false, seed: 1).network
        #expect(network.maximumGroups(of: 0).isEmpty)
        // 2 channels of 16 × 16; the second window of the first row.
        #expect(network.maximumGroups(of: 1).count == 2 * 64)
        #expect(network.maximumGroups(of: 1)[1] == [2, 3, 18, 19])
        // 8 channels of 4 × 4, halved and then taken whole.
        #expect(network.maximumGroups(of: 3).count == 8)
        #expect(network.maximumGroups(of: 3)[1] == Array(16..<32))
    }

    @Test("are counted of a single-precision network by the same one in double precision")
    func widened() throws {
        let shape = ImageShape(channels: 1, height: 8, width: 8)
        let network: any Network<Float> = try Networks.Catalog.makeNetwork(
            model: ["family": "resnet18", "width": 1, "batch-norm": true], inputShape: shape, classCount: 3)
        let parameters = ParameterBlock<Float>(network.layout)
        network.initialize(parameters, seed: 4)
        let piecewise = try #require(network as? any PiecewiseLinear<Float>)
        try expectSameLogits(piecewise, parameters)
    }

    private func expectSameLogits(
        _ network: some PiecewiseLinear<Float>, _ parameters: ParameterBlock<Float>
    ) throws {
        let (wide, wideParameters) = network.inDoublePrecision(parameters)
        #expect(wide.layout.windows.map(\.name) == network.layout.windows.map(\.name))
        let (narrow, double) = (network.makeWorkspace(batchMax: 3), wide.makeWorkspace(batchMax: 3))
        var generator = SeededGenerator(seed: 5, stream: "inputs")
        for pixel in 0..<64 {
            for image in 0..<3 {
                let value = Float(generator.normal())
                narrow.input[pixel, image] = value
                double.input[pixel, image] = Double(value)
            }
        }
        network.forward(parameters, narrow, batch: 3)
        wide.forward(wideParameters, double, batch: 3)
        for label in 0..<3 {
            for image in 0..<3 {
                #expect(abs(Double(narrow.logits[label, image]) - double.logits[label, image]) < 1e-5)
            }
        }
    }
}
