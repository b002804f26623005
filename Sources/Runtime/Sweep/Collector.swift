internal import Basics
internal import Messaging
public import Reporting
internal import ResultStore
public import Sweeps

/// Makes the files of a run from its store: delete them and they come back the same.
public struct Collector: Sendable {
    private let run: OpenedRun
    /// What the store holds, as reports see it.
    public let results: SweepResults

    /// The files that were written.
    public struct Files: Hashable, Sendable {
        /// CSV files.
        public var tables: [String] = []
        /// SVG files, in the order in which the page shows them.
        public var plots: [String] = []
        /// `index.html`; `nil` where only tables were written.
        public var page: String?
        /// What could not be made beside the plots; one sentence for people.
        public var complaint: String?
    }

    /// Reads all results.
    ///
    /// - Parameters:
    ///   - run: Whose.
    ///   - columns: Titles and units of all scalar metrics, in catalog order.
    ///   - layerMetrics: What the metrics per layer are called.
    ///   - figures: What the probes draw of themselves.
    /// - Throws: What is wrong with the store.
    public init(_ run: OpenedRun, columns: [Column], layerMetrics: [LayerMetric], figures: ReportSpec) throws
    {
        self.run = run
        let store = run.store
        var tasks = run.grid.map { ReportedTask(id: $0.id, axisValues: $0.axisValues, result: nil) }
        try store.forEachResult { stored in
            guard let result = TaskResult(encoded: stored.bytes) else {
                throw RunError.unreadableResult(task: stored.task.id.text)
            }
            tasks[stored.ordinal] = ReportedTask(
                id: stored.task.id, axisValues: stored.task.axisValues, result: result,
                provenance: Provenance(stored))
        }
        results = SweepResults(
            name: run.grid.spec.name, axes: run.grid.axes, tasks: tasks, columns: columns,
            layerMetrics: layerMetrics, figures: figures)
    }

    /// Writes the CSV files.
    ///
    /// - Parameter folder: Where to; the run's `results` where `nil`.
    /// - Returns: What was written.
    /// - Throws: `FileWriter.Failure` when the disk is full; the files that stood there before still do.
    public func writeTables(to folder: String? = nil) throws -> Files {
        let folder = folder ?? run.directory.results
        try Folder.create(folder)
        var files = Files()
        let tables: [(name: String, text: (SweepResults) -> String)] = [
            ("measurements", ResultTables.measurements), ("layers", ResultTables.layers),
            ("summary", ResultTables.summary), ("provenance", ResultTables.provenance),
        ]
        for table in tables {
            let path = "\(folder)/\(table.name).csv"
            try FileWriter.write(table.text(results), to: path)
            files.tables.append(path)
        }
        return files
    }

    /// Writes the plots and, in the run directory, the page that shows them.
    ///
    /// - Parameter folder: Where to; the run's `plots` where `nil`.
    /// - Returns: What was written.
    /// - Throws: `ReportError` where the sweep cannot be drawn as its `report` asks, or `FileWriter.Failure`.
    public func writePlots(to folder: String? = nil) throws -> Files {
        let plots = try Catalog.plots(of: results, report: run.grid.spec.report)
        let target = folder ?? run.directory.plots
        try Folder.create(target)
        var files = Files()
        let converter = RasterImages.converter
        for plot in plots {
            let path = "\(target)/\(plot.name).svg"
            try FileWriter.write(plot.svg, to: path)
            files.plots.append(path)
            guard let converter, files.complaint == nil else { continue }
            do {
                try RasterImages.convert(path, converter: converter)
            } catch {
                files.complaint = "\(error)"
            }
        }
        if folder == nil {
            let hasImages = converter != nil && files.complaint == nil
            let page = ResultPage.html(results, plots: plots, hasRasterImages: hasImages)
            try FileWriter.write(page, to: run.directory.page)
            files.page = run.directory.page
        }
        return files
    }
}

extension Provenance {
    fileprivate init(_ stored: SweepStore.Result) {
        let instructionSet = NumericProfile.instructionSet(in: stored.profile)
        self.init(
            attempt: stored.attempt, worker: stored.provenance.worker, host: stored.provenance.host,
            blasCore: stored.provenance.blasCore, instructionSet: instructionSet,
            threads: stored.provenance.threads, started: stored.provenance.started.description,
            seconds: stored.provenance.seconds, hash: stored.hash.hexadecimal)
    }
}
