import Basics
import LinearAlgebra
import Networks
import Probes
import Sweeps
import TestSupport
import Testing

@Suite("Linear regions")
struct LinearRegionsTests {
    /// A network of two inputs, so that the plane is the whole input space.
    static func network(
        _ widths: [Int], seed: UInt64, activation: Activation = .relu, isNormalized: Bool = false
    ) -> (MLP<Double>, ParameterBlock<Double>) {
        let network = MLP<Double>(
            inputShape: ImageShape(channels: 1, height: 1, width: 2), widths: widths, classCount: 2,
            activation: activation, isNormalized: isNormalized)
        let parameters = ParameterBlock<Double>(network.layout)
        network.initialize(parameters, seed: seed)
        return (network, parameters)
    }

    @Test("of one layer are those of an arrangement of lines in a square", arguments: seeds(20))
    func arrangement(seed: UInt64) {
        let (network, parameters) = Self.network([9], seed: seed)
        let weights = parameters.matrix(network.layout.windows[0])
        let biases = parameters.matrix(network.layout.windows[1])
        // Convex pieces: 1, and one more for each line that crosses and for each crossing of two lines.
        var expected = 1
        for unit in 0..<9 {
            let (a, b, c) = (weights[unit, 0], weights[unit, 1], biases[unit, 0])
            if abs(c) < abs(a) + abs(b) { expected += 1 }
            for other in 0..<unit {
                let (d, e, f) = (weights[other, 0], weights[other, 1], biases[other, 0])
                let determinant = a * e - b * d
                let (x, y) = ((b * f - c * e) / determinant, (c * d - a * f) / determinant)
                if abs(x) < 1 && abs(y) < 1 { expected += 1 }
            }
        }
        let partition = PlanePartition(network, parameters, across: [1, 0], up: [0, 1])
        let count = partition.pieces(around: [0, 0], radius: 1)?.count
        #expect(count == expected)
    }

    /// The signs of all hidden pre-activations at a point.
    static func pattern(
        _ network: MLP<Double>, _ parameters: ParameterBlock<Double>, _ workspace: Workspace<Double>,
        _ x: Double, _ y: Double
    ) -> [Bool] {
        workspace.input[0, 0] = x
        workspace.input[1, 0] = y
        var signs: [Bool] = []
        let observer = LayerObserver<Double>.preActivations { _, window in
            signs += (0..<window.rows).map { window[$0, 0] > 0 }
        }
        network.forward(parameters, workspace, batch: 1, pass: ForwardPass(observer: observer))
        return signs
    }

    @Test(
        "have one pattern of signs inside, and no two the same",
        arguments: [Activation.relu, .leakyRelu], [false, true])
    func patterns(activation: Activation, isNormalized: Bool) throws {
        for seed in UInt64(1)...5 {
            let (network, parameters) = Self.network(
                [6, 5, 4], seed: seed, activation: activation, isNormalized: isNormalized)
            let workspace = network.makeWorkspace(batchMax: 1)
            let partition = PlanePartition(network, parameters, across: [1, 0], up: [0, 1])
            var (area, found): (Double, Set<[Bool]>) = (0, [])
            let pieces = try #require(partition.pieces(around: [0.1, -0.2], radius: 2))
            for piece in pieces {
                let count = Double(piece.count)
                let middle = piece.reduce((x: 0.0, y: 0.0)) { ($0.x + $1.x / count, $0.y + $1.y / count) }
                let inside = Self.pattern(
                    network, parameters, workspace, 0.1 + middle.x, -0.2 + middle.y)
                // Towards every corner, but not onto it.
                for corner in piece {
                    let (x, y) = (
                        middle.x + 0.999 * (corner.x - middle.x), middle.y + 0.999 * (corner.y - middle.y)
                    )
                    let there = Self.pattern(network, parameters, workspace, 0.1 + x, -0.2 + y)
                    #expect(there == inside)
                }
                found.insert(inside)
                for (one, other) in zip(piece, piece.dropFirst() + piece.prefix(1)) {
                    area += (one.x * other.y - other.x * one.y) / 2
                }
            }
            #expect(found.count == pieces.count)
            // The pieces cover the square: 16 units of area.
            #expect(abs(area - 16) < 1e-9)
        }
    }

    @Test("are not counted beyond the corners asked for, which an exact limit allows")
    func limit() throws {
        let (network, parameters) = Self.network([9, 8], seed: 3)
        let partition = PlanePartition(network, parameters, across: [1, 0], up: [0, 1])
        let pieces = try #require(partition.pieces(around: [0, 0], radius: 1))
        let corners = Set(pieces.joined().map { [$0.x, $0.y] }).count
        let exact = partition.pieces(around: [0, 0], radius: 1, cornersMax: corners)
        #expect(exact?.count == pieces.count)
        for cornersMax in [4, corners / 2, corners - 1] {
            #expect(partition.pieces(around: [0, 0], radius: 1, cornersMax: cornersMax) == nil)
        }
    }

    @Test("do not exist for smooth activations, and the probe says what has them")
    func problem() {
        let network = MLP<Float>(
            inputShape: ImageShape(channels: 1, height: 2, width: 2), widths: [3], classCount: 2)
        let subject = ProbeSubject(
            network, trainCount: 4, testCount: 4,
            configuration: ["model": ["family": "mlp", "activation": "tanh"]])
        #expect(LinearRegions(options: [:]).problem(with: subject)?.contains("relu or leaky-relu") == true)
    }
}
