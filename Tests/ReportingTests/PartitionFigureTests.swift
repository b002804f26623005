import Foundation
import Reporting
import Sweeps
import Testing

@Suite("Figures of partitions")
struct PartitionFigureTests {
    typealias Cell = PartitionPicture.Cell
    typealias Place = PartitionPicture.Place

    /// A square of two triangles, one of them of two classes.
    static func picture(radius: Double = 1) -> PartitionPicture {
        PartitionPicture(
            radius: radius,
            samples: [
                PartitionPicture.Sample(label: 3, place: Place(x: 0.5 * radius, y: 0)),
                PartitionPicture.Sample(label: 7, place: Place(x: 0, y: 0.5 * radius)),
            ],
            corners: [(-1, -1), (1, -1), (1, 1), (-1, 1), (0, 0)].map { x, y in
                Place(x: radius * Double(x), y: radius * Double(y))
            },
            cells: [
                Cell(label: 3, region: 0, corners: [0, 1, 2, 4]),
                Cell(label: 3, region: 1, corners: [0, 4, 3]), Cell(label: 7, region: 1, corners: [4, 2, 3]),
            ])
    }

    /// Two widths with two seeds each, with pictures at epochs 0 and 5; width 8 has only the frame of the last one.
    static func results(isDone: (Int, Int) -> Bool = { _, _ in true }, hasPictures: Bool = true)
        -> SweepResults
    {
        let tasks = [4, 8].flatMap { width in
            (0..<2).map { seed in
                let measurements = [0, 2, 5].map { epoch in
                    let picture = picture(radius: Double(1 + seed))
                    let kept = epoch == 5 && width == 8 ? picture.withoutCells : picture
                    return Measurement(
                        epoch: epoch, step: epoch, scalars: [0.5, width == 8 && epoch == 5 ? 4321 : 2],
                        layers: epoch == 2 || !hasPictures ? [] : kept.rows)
                }
                let result = TaskResult(
                    columns: ["test_error", "partition_regions"], measurements: measurements)
                return ReportedTask(
                    id: TaskID(of: ["width": .integer(width), "seed": .integer(seed)]),
                    axisValues: [.integer(width), .integer(seed)],
                    result: isDone(width, seed) ? result : nil)
            }
        }
        return SweepResults(
            name: "cut", axes: [Axis("model.width", [4, 8]), Axis("seed", [0, 1])], tasks: tasks,
            columns: [Column("test_error", title: "test error", unit: "fraction")],
            layerMetrics: PartitionPicture.metrics,
            figures: ReportSpec(partitions: [ReportSpec.Partition()]))
    }

    static func plot(
        _ partition: ReportSpec.Partition, of results: SweepResults = results()
    ) throws -> Plot {
        let plots = try Catalog.plots(of: results, report: ReportSpec(partitions: [partition]))
        return try #require(plots.last)
    }

    static func count(_ part: String, in svg: String) -> Int { svg.components(separatedBy: part).count - 1 }

    @Test(
        "draw cells of a class as one shape, each border once, samples, and a legend of the classes there are"
    )
    func elements() {
        let svg = PartitionPlot(Self.picture()).svg()
        // The panel is 520 pixels wide: the middle stands 260 from its corner, as the edges tell.
        #expect(Self.count("<path d=", in: svg) == 1 + 4, "the hatching, two classes and two kinds of lines")
        let boundary = svg.split(separator: "\n").first { $0.contains("class=\"boundary\"") }
        #expect(boundary.map { Self.count("M", in: String($0)) } == 2)
        let region = svg.split(separator: "\n").first { $0.contains("class=\"region\"") }
        #expect(region.map { Self.count("M", in: String($0)) } == 2)
        #expect(Self.count("<circle", in: svg) == 2)
        #expect(svg.contains(">class 3<") && svg.contains(">class 7<") && !svg.contains(">class 0<"))
        #expect(svg.contains("2 linear regions"))
        #expect(svg == PartitionPlot(Self.picture()).svg())
    }

    @Test("show the last picture of every cell of the first seed, and say where one was too large to keep")
    func standard() throws {
        let plots = try Catalog.plots(of: Self.results(), report: ReportSpec())
        #expect(plots.last?.name == "partitions")
        let svg = try #require(plots.last).svg
        #expect(Self.count("<circle", in: svg) == 2, "one panel of two has a picture")
        #expect(svg.contains("the first of 2 seeds") && svg.contains("after 5 epochs"))
        #expect(svg.contains(">width 4<") && svg.contains(">2 regions<"))
        #expect(svg.contains("4321 regions: too many") && Self.count("class=\"missing\"", in: svg) == 1)
        let silent = try Catalog.plots(of: Self.results(hasPictures: false), report: ReportSpec())
        #expect(!silent.contains { $0.name == "partitions" })
    }

    @Test("have a panel for each epoch and task that the sweep file names")
    func chosen() throws {
        let partition = ReportSpec.Partition(
            tasks: [SettingMap.Entry("model.width", [4]), SettingMap.Entry("seed", [1])], epochs: [0, 5])
        let svg = try Self.plot(partition).svg
        #expect(Self.count("<circle", in: svg) == 4)
        #expect(svg.contains(">epoch 0<") && svg.contains(">epoch 5<") && svg.contains("one seed"))
        #expect(svg.contains("units of the scaled input"))
        let both = try Self.plot(ReportSpec.Partition(tasks: [SettingMap.Entry("seed", [0, 1])])).svg
        #expect(both.contains("the first of 2 seeds"))
    }

    @Test("hatch the panels of tasks that are not done, and stay within their bound")
    func gaps() throws {
        let partition = ReportSpec.Partition(epochs: [0])
        let svg = try Self.plot(partition, of: Self.results { width, _ in width == 4 }).svg
        #expect(Self.count("class=\"missing\"", in: svg) == 1 && svg.contains(">no result<"))
        let many = (0..<40).map { width in
            ReportedTask(
                id: TaskID(of: ["width": .integer(width)]), axisValues: [.integer(width), 0],
                result: Self.results().tasks[0].result)
        }
        let wide = SweepResults(
            name: "wide", axes: Self.results().axes, tasks: many, columns: Self.results().columns)
        let sheet = try Self.plot(ReportSpec.Partition(epochs: [0, 5]), of: wide).svg
        #expect(Self.count("<circle", in: sheet) == 2 * ReportSpec.Partition.panelsMax)
        #expect(sheet.contains("6 of 40 values of width"))
    }

    @Test("refuse what the sweep does not have, in one sentence that says what it has")
    func refusals() {
        func message(_ partition: ReportSpec.Partition, hasPictures: Bool = true) -> String? {
            let error = #expect(throws: ReportError.self) {
                try Self.plot(partition, of: Self.results(hasPictures: hasPictures))
            }
            return error?.description
        }
        #expect(
            message(ReportSpec.Partition(epochs: [3]))
                == "report.partitions: no picture was kept at epoch 3, only at 0, 5; the probe 'partition' keeps more "
                + "with 'pictures'")
        #expect(
            message(ReportSpec.Partition(tasks: [SettingMap.Entry("model.width", [4, 6])]))
                == "report: no task has 6 on the axis 'model.width', only 4, 8")
        #expect(
            message(ReportSpec.Partition(tasks: [SettingMap.Entry("model.depth", [4])]))?.contains(
                "model.depth")
                == true)
        #expect(
            message(ReportSpec.Partition(), hasPictures: false)
                == "report.partitions: no result has a picture of linear regions; measure the probe 'partition'"
        )
    }

    @Test("give the same bytes in whichever order tasks come")
    func canonical() throws {
        let results = Self.results()
        let turned = SweepResults(
            name: results.name, axes: results.axes, tasks: results.tasks.reversed(), columns: results.columns,
            layerMetrics: results.layerMetrics, figures: results.figures)
        let (one, other) = (
            try Self.plot(ReportSpec.Partition()), try Self.plot(ReportSpec.Partition(), of: turned)
        )
        #expect(one == other)
    }
}
