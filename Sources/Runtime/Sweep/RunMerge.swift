internal import ResultStore
public import Sweeps

/// Joins runs that never saw each other into one.
///
/// Runs of one sweep whose machines shared nothing, or of sweeps that overlap. Tasks of which several runs have a result
/// confirm each other; where they contradict each other nothing is joined, for then training was not deterministic.
public struct RunMerge: Sendable {
    private let runs: [OpenedRun]
    /// The sweep that has the tasks of all.
    public let grid: Grid

    /// What came of a merge.
    public struct Report: Hashable, Sendable {
        public let run: RunDirectory
        public let taskCount: Int
        /// Results in the new run.
        public let resultCount: Int
        /// Results that another run had with the same bytes.
        public let confirmedCount: Int
    }

    /// Finds the sweep that the runs have together.
    ///
    /// - Throws: ``RunError/unlikeSweeps(_:_:)`` where there is none.
    public init(_ runs: [OpenedRun], schema: Schema) throws(RunError) {
        precondition(!runs.isEmpty, "a merge of no runs")
        var grid = runs[0].grid
        for run in runs.dropFirst() {
            guard let union = SweepUnion.of(grid, run.grid, schema: schema) else {
                throw .unlikeSweeps(runs[0].directory.path, run.directory.path)
            }
            grid = union
        }
        self.runs = runs
        self.grid = grid
    }

    /// Makes the new run.
    ///
    /// - Parameters:
    ///   - directory: Where; it must hold no run yet.
    ///   - program: The version and commit of this program.
    /// - Returns: What came of it.
    /// - Throws: ``RunError/contradiction(_:)`` naming the tasks that have two results, or what is wrong with a store.
    public func merge(into directory: RunDirectory, program: String) throws -> Report {
        if directory.holdsSweep { throw StoreError.exists(path: directory.store) }
        try checkContradictions()
        let output = try OpenedRun.open(grid, in: directory, program: program)
        var confirmed = 0
        for run in runs {
            let joined = try output.store.join(run.store, at: .now)
            confirmed += joined.confirmed
            guard joined.contradicted.isEmpty else { throw RunError.contradiction(joined.contradicted) }
        }
        return Report(
            run: directory, taskCount: grid.count, resultCount: try output.store.counts().done,
            confirmedCount: confirmed)
    }

    /// Compares all results before anything is written.
    private func checkContradictions() throws {
        var contradicted: [TaskID] = []
        for (index, run) in runs.enumerated() {
            for earlier in runs[..<index] {
                contradicted += try run.store.compare(with: earlier.store).contradicted
            }
        }
        if !contradicted.isEmpty { throw RunError.contradiction(contradicted) }
    }
}
