import Datasets
import LinearAlgebra
import Networks
import Probes
import Sweeps
import TestSupport
import Testing

@Suite("The picture of a partition")
struct PartitionTests {
    static func area(_ corners: [PartitionPicture.Place]) -> Double {
        zip(corners, corners.dropFirst() + corners.prefix(1)).reduce(0) {
            $0 + ($1.0.x * $1.1.y - $1.1.x * $1.0.y) / 2
        }
    }

    @Test("covers its square once with regions and once with cells", arguments: seeds(5))
    func areas(seed: UInt64) throws {
        let subject = Subject<Double>(widths: [8, 6], seed: seed)
        let picture = try #require(PartitionPicture(subject.snapshot()))
        let square = 4 * picture.radius * picture.radius
        let cells = picture.cells.reduce(0) { $0 + Self.area(picture.outline(of: $1)) }
        #expect(abs(cells - square) < 1e-9 * square)
        #expect(picture.regionCount > 10)
        #expect(Set(picture.cells.map(\.region)).count == picture.regionCount)
    }

    @Test("has cells that fit at their edges: every edge inside has one on both sides", arguments: seeds(5))
    func edges(seed: UInt64) throws {
        let picture = try #require(PartitionPicture(Subject<Double>(widths: [8, 6], seed: seed).snapshot()))
        var sides: [Set<Int>: Int] = [:]
        for cell in picture.cells {
            for (corner, next) in zip(cell.corners, cell.corners.dropFirst() + cell.corners.prefix(1)) {
                sides[[corner, next], default: 0] += 1
            }
        }
        let inside = picture.edges.map { edge in
            Set([edge.start, edge.end].compactMap { picture.corners.firstIndex(of: $0) })
        }
        #expect(inside.count > 10)
        let haveTwoSides = inside.allSatisfy { sides[$0] == 2 }
        let partSomething = picture.edges.allSatisfy { $0.isRegionBorder || $0.isClassBorder }
        #expect(haveTwoSides && partSomething)
        // Euler: a square cut into cells has one cell more than edges over corners.
        #expect(picture.cells.count == sides.count - picture.corners.count + 1)
    }

    /// The input at a place of a picture: the plane is found again from the samples' places and inputs.
    static func input(_ place: PartitionPicture.Place, _ picture: PartitionPicture, _ inputs: [[Double]])
        -> [Double]
    {
        let (a, b, c) = (picture.samples[0].place, picture.samples[1].place, picture.samples[2].place)
        let determinant = (b.x - a.x) * (c.y - a.y) - (c.x - a.x) * (b.y - a.y)
        let s = ((place.x - a.x) * (c.y - a.y) - (c.x - a.x) * (place.y - a.y)) / determinant
        let t = ((b.x - a.x) * (place.y - a.y) - (place.x - a.x) * (b.y - a.y)) / determinant
        return inputs[0].indices.map {
            inputs[0][$0] + s * (inputs[1][$0] - inputs[0][$0]) + t * (inputs[2][$0] - inputs[0][$0])
        }
    }

    @Test(
        "gives each cell the class of its middle, and has two classes alike on the boundary",
        arguments: seeds(3))
    func classes(seed: UInt64) throws {
        let subject = Subject<Double>(widths: [8, 6], seed: seed)
        let picture = try #require(PartitionPicture(subject.snapshot()))
        // The first sample of each of the first three classes that come up.
        var chosen: [Int] = []
        for index in 0..<24 where chosen.count < 3 {
            let label = subject.dataset.train.labelsAssigned[index]
            if !chosen.contains(where: { subject.dataset.train.labelsAssigned[$0] == label }) {
                chosen.append(index)
            }
        }
        #expect(picture.samples.map(\.label) == chosen.map { Int(subject.dataset.train.labelsAssigned[$0]) })
        let inputs = chosen.map { subject.input(subject.dataset.train, $0) }
        for cell in picture.cells where Self.area(picture.outline(of: cell)) > 1e-9 {
            let corners = picture.outline(of: cell)
            let count = Double(corners.count)
            let middle = PartitionPicture.Place(
                x: corners.reduce(0) { $0 + $1.x / count }, y: corners.reduce(0) { $0 + $1.y / count })
            let logits = subject.reference(Self.input(middle, picture, inputs)).logits
            #expect(largest(logits) == cell.label)
        }
        let hasBoundary = picture.edges.contains(where: \.isClassBorder)
        #expect(hasBoundary == (Set(picture.cells.map(\.label)).count > 1))
        for edge in picture.edges where edge.isClassBorder {
            let middle = PartitionPicture.Place(
                x: (edge.start.x + edge.end.x) / 2, y: (edge.start.y + edge.end.y) / 2)
            let logits = subject.reference(Self.input(middle, picture, inputs)).logits.sorted()
            #expect(abs(logits[3] - logits[2]) < 1e-9)
        }
    }

    /// The probe with options, and its readings of one network after the other.
    static func pictures(_ options: Setting, of seeds: [UInt64]) -> [ProbeReading] {
        let probe = Partition(options: options)
        return probe.conclude(
            seeds.map { probe.measure(Subject<Double>(widths: [8, 6], seed: $0).snapshot()) })
    }

    @Test("is kept of the last epoch, and of the first and others evenly between where more are wanted")
    func keptEpochs() throws {
        for (count, kept) in [(1, [6]), (2, [0, 6]), (3, [0, 3, 6]), (4, [0, 2, 4, 6]), (9, Array(0...6))] {
            let readings = Self.pictures(["pictures": .integer(count)], of: [1, 2, 3, 4, 5, 6, 7])
            let pictures = readings.map { PartitionPicture(rows: $0.layers) }
            #expect(pictures.indices.filter { pictures[$0] != nil } == kept)
            #expect(readings.allSatisfy { ($0.scalars[0] ?? 0) > 10 && $0.carried.isEmpty })
            let last = PartitionPicture(Subject<Double>(widths: [8, 6], seed: 7).snapshot())
            let isLast = pictures[6] == last
            #expect(isLast && readings[6].scalars == [last.map { Double($0.regionCount) }])
        }
    }

    @Test("is kept of the last epoch before a network diverged")
    func diverged() {
        let probe = Partition(options: [:])
        let readings = [
            probe.measure(Subject<Double>(widths: [8, 6]).snapshot()),
            ProbeReading(scalars: [.nan]), ProbeReading(scalars: [.nan]),
        ]
        #expect(probe.conclude(readings).map(\.layers.isEmpty) == [false, true, true])
    }

    @Test("beyond its rows is left out but for its frame, while its regions are still counted")
    func tooLarge() throws {
        let whole = try #require(Self.pictures([:], of: [1]).first)
        let picture = try #require(PartitionPicture(rows: whole.layers))
        let count = whole.layers.count
        let exact = try #require(Self.pictures(["rows": .integer(count)], of: [1]).first)
        let isWhole = exact == whole
        #expect(isWhole)
        let reading = try #require(Self.pictures(["rows": .integer(count - 1)], of: [1]).first)
        let isFrame = PartitionPicture(rows: reading.layers) == picture.withoutCells
        #expect(isFrame)
        #expect(reading.scalars == whole.scalars)
        let hopeless = try #require(Self.pictures(["rows": 100], of: [1]).first)
        #expect(picture.corners.count > 50)
        let isSameFrame = hopeless.layers == reading.layers
        #expect(isSameFrame && hopeless.scalars == [nil])
    }

    @Test("shows a part of the same plane where its reach is less")
    func reach() throws {
        let snapshot = Subject<Double>(widths: [8, 6]).snapshot()
        let whole = try #require(PartitionPicture(snapshot))
        let part = try #require(PartitionPicture(snapshot, reach: 0.7))
        #expect(part.radius == whole.radius / 2 && part.samples == whole.samples)
        #expect(part.regionCount < whole.regionCount)
        // A corner inside the part is one of the whole.
        let inside = whole.corners.filter { max(abs($0.x), abs($0.y)) < part.radius }
        let isThere = inside.map { place in
            part.corners.contains { abs($0.x - place.x) < 1e-9 && abs($0.y - place.y) < 1e-9 }
        }
        #expect(!isThere.isEmpty && !isThere.contains(false))
    }

    @Test("is refused of too few samples, and where all pictures would not fit a result")
    func problems() {
        let network = MLP<Float>(
            inputShape: ImageShape(channels: 1, height: 2, width: 2), widths: [3], classCount: 2)
        func problem(_ options: Setting, trainCount: Int = 4, activation: Setting = "relu") -> String? {
            let subject = ProbeSubject(
                network, trainCount: trainCount, testCount: 4,
                configuration: ["model": ["family": "mlp", "activation": activation]])
            return Partition(options: options).problem(with: subject)
        }
        #expect(problem([:]) == nil)
        #expect(problem([:], trainCount: 2)?.contains("take at least 3") == true)
        #expect(problem([:], activation: "tanh")?.contains("relu or leaky-relu") == true)
        #expect(problem(["pictures": 5, "rows": 20_000]) == nil)
        #expect(problem(["pictures": 6, "rows": 20_000])?.contains("fewer pictures or rows") == true)
    }
}
