import Sweeps
import Testing

@Suite("SweepUnion")
struct SweepUnionTests {
    static func grid(
        widths: [Setting], seeds: [Setting], base: Setting = Example.minimal, exclude: [SettingMap] = []
    ) throws -> Grid {
        var spec = SweepSpec(
            name: "x", base: base, axes: [Axis("model.width", widths), Axis("seed", seeds)])
        spec.exclude = exclude
        return try Grid(spec, schema: Example.schema)
    }

    static func union(_ first: Grid, _ second: Grid) -> Set<TaskID>? {
        SweepUnion.of(first, second, schema: Example.schema).map { Set($0.map(\.id)) }
    }

    @Test("grids that share an axis are one grid over the values of both, in rising order")
    func product() throws {
        let (a, b) = (
            try Self.grid(widths: [4, 8], seeds: [0, 2]), try Self.grid(widths: [4, 8], seeds: [1, 2])
        )
        let union = try #require(SweepUnion.of(a, b, schema: Example.schema))
        #expect(union.axes[1].values == [0, 1, 2])
        #expect(union.spec.include.isEmpty)
        #expect(Set(union.map(\.id)) == Set(a.map(\.id)).union(b.map(\.id)))
    }

    @Test("a grid that has the other's tasks stays as it is")
    func subset() throws {
        let (a, b) = (try Self.grid(widths: [4, 8], seeds: [0, 1]), try Self.grid(widths: [8], seeds: [1]))
        #expect(SweepUnion.of(a, b, schema: Example.schema)?.frozen == a.frozen)
        #expect(SweepUnion.of(b, a, schema: Example.schema)?.frozen == a.frozen)
    }

    @Test("what no product has is included task by task")
    func ragged() throws {
        let (a, b) = (try Self.grid(widths: [4, 8], seeds: [0]), try Self.grid(widths: [16], seeds: [5]))
        let union = try #require(SweepUnion.of(a, b, schema: Example.schema))
        #expect(union.spec.include.count == 1)
        #expect(Set(union.map(\.id)) == Set(a.map(\.id)).union(b.map(\.id)))
    }

    @Test("sweeps over other base settings are joined, if they have to be, by including them")
    func otherBase() throws {
        var base = Example.minimal
        base["training"] = ["epochs": 20]
        let (a, b) = (
            try Self.grid(widths: [4], seeds: [0]), try Self.grid(widths: [4], seeds: [0], base: base)
        )
        #expect(Self.union(a, b) == Set(a.map(\.id)).union(b.map(\.id)))
    }

    @Test("excluded cells of one are not brought in by the other")
    func exclusions() throws {
        let a = try Self.grid(widths: [4, 8], seeds: [0, 1], exclude: [["model.width": 4, "seed": 0]])
        let b = try Self.grid(widths: [16], seeds: [0, 1])
        #expect(Self.union(a, b) == Set(a.map(\.id)).union(b.map(\.id)))
    }
}
