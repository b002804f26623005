import Sweeps
import Testing

@Suite("Pictures of partitions")
struct PartitionPictureTests {
    typealias Cell = PartitionPicture.Cell
    typealias Place = PartitionPicture.Place

    /// A square of two triangles, the upper one cut into two classes from the middle to a corner.
    static let picture = PartitionPicture(
        radius: 1.5,
        samples: [
            PartitionPicture.Sample(label: 3, place: Place(x: 0.1, y: -0.25)),
            PartitionPicture.Sample(label: 7, place: Place(x: -1, y: 1)),
        ],
        corners: [(-1.5, -1.5), (1.5, -1.5), (1.5, 1.5), (-1.5, 1.5), (0, 0)].map { Place(x: $0.0, y: $0.1) },
        cells: [
            Cell(label: 3, region: 0, corners: [0, 1, 2, 4]), Cell(label: 3, region: 1, corners: [0, 4, 3]),
            Cell(label: 7, region: 1, corners: [4, 2, 3]),
        ])

    @Test("tell every edge inside the square once, with what it parts")
    func edges() {
        let edges = Self.picture.edges.map { edge in
            "\(edge.start.x),\(edge.start.y) \(edge.end.x),\(edge.end.y) \(edge.isRegionBorder) \(edge.isClassBorder)"
        }
        #expect(
            edges == [
                "1.5,1.5 0.0,0.0 true true", "-1.5,-1.5 0.0,0.0 true false", "-1.5,1.5 0.0,0.0 false true",
            ])
        #expect(Self.picture.regionCount == 2)
    }

    @Test("come back from their rows in whichever order, among rows of others, and from their numbers")
    func roundTrip() {
        let rows = Self.picture.rows
        #expect(rows.count == Self.picture.rowCount)
        let names = Set(PartitionPicture.metrics.map(\.name))
        #expect(rows.allSatisfy { names.contains($0.metric) })
        let other = LayerValue(metric: "share", layer: 9, index: 9, value: .nan)
        #expect(PartitionPicture(rows: [other] + rows.reversed()) == Self.picture)
        #expect(PartitionPicture(numbers: Self.picture.numbers) == Self.picture)
        let frame = Self.picture.withoutCells
        #expect(PartitionPicture(rows: frame.rows) == frame && frame.cells.isEmpty)
    }

    @Test("are refused when a row or a number is missing, and never trap on a damaged one")
    func damaged() {
        let rows = Self.picture.rows
        for place in rows.indices {
            var fewer = rows
            let row = fewer.remove(at: place)
            #expect(PartitionPicture(rows: fewer) != Self.picture, "\(row)")
            for (layer, index, value) in [
                (-1, 0, 1.0), (.max, 0, 1), (0, .max, 1), (0, -1, 1), (0, 0, 1e300), (0, 0, .nan), (0, 0, -1),
            ] {
                var changed = rows
                changed[place] = LayerValue(metric: row.metric, layer: layer, index: index, value: value)
                #expect(PartitionPicture(rows: changed) != Self.picture)
            }
        }
        let numbers = Self.picture.numbers
        for place in numbers.indices {
            #expect(PartitionPicture(numbers: Array(numbers[..<place])) == nil)
            for value in [Double.nan, -1, 1e300, 0.5, 1e9] where value != numbers[place] {
                var changed = numbers
                changed[place] = value
                #expect(PartitionPicture(numbers: changed) != Self.picture)
            }
        }
        #expect(PartitionPicture(rows: []) == nil)
    }
}
