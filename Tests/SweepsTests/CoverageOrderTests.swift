import Sweeps
import Testing

@Suite("CoverageOrder")
struct CoverageOrderTests {
    static func grid(_ axes: [Axis]) throws -> Grid {
        try Grid(SweepSpec(name: "x", base: Example.minimal, axes: axes), schema: Example.schema)
    }

    static func width(_ count: Int) -> Axis { Axis("model.width", (1...count).map { .integer($0) }) }
    static func seeds(_ count: Int) -> Axis { Axis("seed", (0..<count).map { .integer($0) }) }

    @Test("the ends of an axis come first, then the middle, then the quarters")
    func levels() {
        #expect(CoverageOrder.levels(1) == [0])
        #expect(CoverageOrder.levels(2) == [0, 0])
        #expect(CoverageOrder.levels(5) == [0, 2, 1, 2, 0])
        #expect(CoverageOrder.levels(9) == [0, 3, 2, 3, 1, 3, 2, 3, 0])
        for count in 0...70 { #expect(CoverageOrder.levels(count).count == count) }
    }

    @Test("every task stands in the order once", arguments: [1, 2, 3, 7, 64])
    func permutation(count: Int) throws {
        let order = CoverageOrder.order(of: try Self.grid([Self.width(count), Self.seeds(3)]))
        #expect(order.sorted() == Array(0..<count * 3))
    }

    @Test("after a twentieth of the tasks no place of the picture is far from one that is there")
    func readableEarly() throws {
        let rates = Axis("optimizer.weight-decay", (0..<32).map { .number(Double($0) / 32) })
        let grid = try Self.grid([Self.width(32), rates, Self.seeds(4)])
        let order = CoverageOrder.order(of: grid)
        let early = order.prefix(grid.count / 20).map { grid.axisValues(at: $0) }
        for axis in 0..<2 {
            let seen = Set(early.map { $0[axis] })
            let places = grid.axes[axis].values.indices.filter { seen.contains(grid.axes[axis].values[$0]) }
            #expect(places.first == 0)
            #expect(places.last == 31)
            let widest = zip(places.dropFirst(), places).map { $0 - $1 }.max()
            #expect(widest ?? 32 <= 4)
        }
        #expect(Set(early.map { $0[2] }) == [0])
    }

    @Test("the second seed waits until every cell has its first")
    func seedsLast() throws {
        let grid = try Self.grid([Self.seeds(3), Self.width(20)])
        let order = CoverageOrder.order(of: grid)
        #expect(Set(order.prefix(20).map { grid.axisValues(at: $0)[0] }) == [0])
    }

    @Test("of equally coarse tasks the dearest goes first")
    func dearestFirst() throws {
        let grid = try Self.grid([Self.width(5)])
        let order = CoverageOrder.order(of: grid) { Float($0) }
        #expect(order == [4, 0, 2, 3, 1])
    }

    @Test("excluded cells are not in the order, and included ones are there first")
    func exclusions() throws {
        var spec = SweepSpec(name: "x", base: Example.minimal, axes: [Self.width(5)])
        spec.exclude = [["model.width": 2]]
        spec.include = [["model.width": 99]]
        let grid = try Grid(spec, schema: Example.schema)
        #expect(CoverageOrder.order(of: grid) == [0, 3, 4, 1, 2])
    }

    @Test("axis values can be had without the task", arguments: 0..<12)
    func axisValues(place: Int) throws {
        var spec = SweepSpec(name: "x", base: Example.minimal, axes: [Self.width(4), Self.seeds(3)])
        spec.exclude = [["seed": 1, "model.width": 3]]
        spec.include = [["model.width": 99]]
        let grid = try Grid(spec, schema: Example.schema)
        #expect(grid.axisValues(at: place) == grid[place].axisValues)
        #expect(grid.id(at: place) == TaskID(of: grid[place].configuration))
    }
}
