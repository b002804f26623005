import Basics
import Datasets
import LinearAlgebra
import Networks
import Probes
import Sweeps
import TestSupport
import Testing

@Suite("Local complexity")
struct LocalComplexityTests {
    static let radii = [0.01, 0.3, 2.0]

    static func probe(directions: Int = 4, points: Int = 100, includesOutput: Bool = false) -> LocalComplexity
    {
        LocalComplexity(options: [
            "radii": .list(radii.map { .number($0) }), "directions": .integer(directions),
            "points": .integer(points),
            "include-output": .boolean(includesOutput),
        ])
    }

    /// Counts over every explicit vertex with the textbook network: [radius][layer] totals over the points.
    static func bruteForce(
        _ subject: Subject<Double>, _ points: [[Double]], frame: [Double], directions: Int,
        includesOutput: Bool
    ) -> [[Int]] {
        radii.map { radius in
            var totals = [Int](
                repeating: 0, count: subject.network.hiddenLayers.count + (includesOutput ? 1 : 0))
            for point in points {
                let vertices = (0..<directions).flatMap { direction in
                    [radius, -radius].map { step in
                        point.indices.map { point[$0] + step * frame[$0 * directions + direction] }
                    }
                }
                let seen = vertices.map { vertex in
                    let reference = subject.reference(vertex)
                    return includesOutput ? reference.hidden + [reference.logits] : reference.hidden
                }
                for layer in totals.indices {
                    for unit in seen[0][layer].indices {
                        let signs = Set(seen.map { $0[layer][unit] > 0 ? 1 : $0[layer][unit] < 0 ? -1 : 0 })
                        totals[layer] += signs.count > 1 ? 1 : 0
                    }
                }
            }
            return totals
        }
    }

    @Test(
        "equals a count over every explicit vertex",
        arguments: [[7], [6, 5], [5, 4, 3]], [Activation.relu, .tanh])
    func bruteForce(widths: [Int], activation: Activation) throws {
        for seed in seeds(5) {
            for includesOutput in [false, true] {
                let subject = Subject<Double>(widths: widths, activation: activation, seed: seed)
                let probe = Self.probe(includesOutput: includesOutput)
                let reading = probe.measure(subject.snapshot())
                let frame = probe.frame(dimensions: 6, seed: seed)
                let train = (0..<24).map { subject.input(subject.dataset.train, $0) }
                let test = (0..<10).map { subject.input(subject.dataset.test, $0) }
                var generator = SeededGenerator(seed: seed, stream: "local-complexity random points")
                let random = (0..<100).map { _ in (0..<6).map { _ in generator.uniform(-2, 2) } }
                var expected: [Double] = []
                for points in [train, test, random] {
                    let counts = Self.bruteForce(
                        subject, points, frame: frame, directions: 4, includesOutput: includesOutput)
                    expected += counts.map { Double($0.reduce(0, +)) / Double(points.count) }
                }
                for (index, (found, wanted)) in zip(reading.scalars, expected).enumerated() {
                    let value = try #require(found)
                    #expect(abs(value - wanted) < 1e-9, "column \(index), SEED=\(seed)")
                }
                #expect(reading.scalars.count == 9)
            }
        }
    }

    @Test("counts by hand: one unit whose line crosses one of two neighbourhoods")
    func byHand() throws {
        // One hidden unit with weights (1, 0, …) and bias −1: it changes sign where the first pixel crosses 1.
        let subject = Subject<Double>(widths: [1])
        for index in 0..<subject.parameters.count { subject.parameters.buffer.pointer[index] = 0 }
        subject.parameters.buffer.pointer[0] = 1
        subject.parameters.buffer.pointer[6] = -1
        let probe = LocalComplexity(options: ["radii": [0.5], "directions": 6, "points": 100])
        let frame = probe.frame(dimensions: 6, seed: 1)
        // With all six directions of space the neighbourhood reaches r·max|v₁| along the first pixel.
        let reach = 0.5 * ((0..<6).map { abs(frame[$0]) }.max() ?? 0)
        let crossing = (0..<24).count { abs(subject.input(subject.dataset.train, $0)[0] - 1) < reach }
        #expect(crossing > 0 && crossing < 24)
        let reading = probe.measure(subject.snapshot())
        #expect(reading.scalars[0] == Double(crossing) / 24)
    }

    /// The first pixel of a point whose others are 0, a radius, and the units that change sign in each layer.
    static let zeroCases: [(pixel: Float, radius: Double, layers: [Double])] = [
        // Vertices 2, 0, 1, 1: the zero differs from the positive numbers, before and after the activation.
        (1, 1, [1, 1]),
        (1, 0.5, [0, 0]),
        // Vertices 0, −2, −1, −1, and only zeros after the activation.
        (-1, 1, [1, 0]),
        (-1, 2, [1, 1]),
        (0, 1, [1, 1]),
    ]

    @Test("a zero is a sign of its own, and a unit that is zero everywhere does not count", arguments: 0..<5)
    func zeros(index: Int) {
        let (pixel, radius, layers) = Self.zeroCases[index]
        let shape = ImageShape(channels: 1, height: 2, width: 3)
        let network = MLP<Double>(inputShape: shape, widths: [2, 2], classCount: 4, activation: .relu)
        let parameters = ParameterBlock<Double>(network.layout)
        // Two chains: one follows the first pixel, the other the third, along which the frame never moves.
        let first = parameters.matrix(network.layout.windows[0])
        (first[0, 0], first[1, 2]) = (1, 1)
        let second = parameters.matrix(network.layout.windows[2])
        (second[0, 0], second[1, 1]) = (1, 1)
        let point = Samples(
            shape: shape, inputs: [pixel, 0, 0, 0, 0, 0], labelsTrue: [0], labelsAssigned: [0])
        let snapshot = Snapshot(
            network: network, parameters: parameters,
            dataset: Dataset(train: point, test: point, classCount: 4, inputRange: -1...1),
            loss: CrossEntropy<Double>(), seed: 1, scratch: ProbeScratch())
        let probe = LocalComplexity(options: ["radii": [.number(radius)], "directions": 2, "points": 1])
        let frame: [Double] = [1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]
        let reading = probe.measure(snapshot, frame: frame)
        for set in ["train", "test"] {
            let found = reading.layers.filter { $0.metric == "local_complexity_\(set)" }.map(\.value)
            #expect(found == layers)
        }
    }

    @Test("its frame is orthonormal and the same for the same seed")
    func frame() {
        let frame = Self.probe(directions: 6).frame(dimensions: 6, seed: 3)
        for a in 0..<6 {
            for b in 0..<6 {
                let product = (0..<6).reduce(0.0) { $0 + frame[$1 * 6 + a] * frame[$1 * 6 + b] }
                #expect(abs(product - (a == b ? 1 : 0)) < 1e-14)
            }
        }
        #expect(frame == Self.probe(directions: 6).frame(dimensions: 6, seed: 3))
        #expect(frame != Self.probe(directions: 6).frame(dimensions: 6, seed: 4))
    }

    @Test("says at once when there are more directions than dimensions, and what would fit")
    func tooManyDirections() {
        let network = MLP<Float>(
            inputShape: ImageShape(channels: 1, height: 2, width: 3), widths: [5], classCount: 4)
        let subject = ProbeSubject(network, trainCount: 24, testCount: 10, configuration: [:])
        #expect(Self.probe(directions: 6).problem(with: subject) == nil)
        #expect(Self.probe(directions: 7).problem(with: subject)?.contains("at most 6") == true)
    }
}
