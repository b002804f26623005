internal import Basics
internal import Foundation
internal import Glibc
internal import ResultStore
internal import SweepFiles
public import Sweeps

/// Gives a run a larger sweep: what it has stays, what is new will run.
///
/// Tasks are the same where their parameters are the same, whatever the sweep files say. What the new sweep does not
/// ask for any more is not thrown away: the store as it was stays in `archive/`.
public struct RunExtension: Sendable {
    private let run: OpenedRun
    private let grid: Grid
    private let program: String

    /// What an extension would come to.
    public struct Plan: Hashable, Sendable {
        /// Tasks of both sweeps.
        public let kept: Int
        /// Those of them that are done.
        public let keptDone: Int
        /// Tasks of the new sweep only.
        public let new: Int
        /// Tasks of the old sweep only: archived.
        public let archived: Int
        /// Those of them that are done.
        public let archivedDone: Int

        /// Nothing is new, and nothing goes.
        public var changesNothing: Bool { new == 0 && archived == 0 }
    }

    /// - Parameters:
    ///   - run: Opened for writing.
    ///   - grid: The sweep that it shall have.
    ///   - program: The version and commit of this program.
    public init(_ run: OpenedRun, to grid: Grid, program: String) {
        self.run = run
        self.grid = grid
        self.program = program
    }

    /// What would be kept, new and archived; changes nothing.
    public func plan() throws -> Plan {
        let wanted = Set(grid.ids)
        var (kept, keptDone, archived, archivedDone) = (0, 0, 0, 0)
        for record in try run.store.loadTasks() {
            let isDone = record.situation.condition == .done
            if wanted.contains(record.id) {
                kept += 1
                keptDone += isDone ? 1 : 0
            } else {
                archived += 1
                archivedDone += isDone ? 1 : 0
            }
        }
        return Plan(
            kept: kept, keptDone: keptDone, new: grid.count - kept, archived: archived,
            archivedDone: archivedDone)
    }

    /// Whether the new sweep trains what the old one trains and measures all that it measures, and more.
    public var onlyMeasuresMore: Bool {
        guard grid.count == run.grid.count else { return false }
        return zip(run.grid, grid).allSatisfy { old, new in
            TaskID(ofTrainingIn: old.configuration) == TaskID(ofTrainingIn: new.configuration)
                && new.configuration["measure"].measures(old.configuration["measure"])
        }
    }

    /// Puts the new sweep in the place of the old one, in one step: whoever is killed on the way leaves the one or the
    /// other.
    ///
    /// - Returns: The run with its new sweep; the one given before must not be used any more.
    /// - Throws: What is wrong with the store or the disk; the run is then as it was.
    public func apply() throws -> OpenedRun {
        let directory = run.directory
        let fresh = directory.store + ".new"
        for suffix in ["", "-wal", "-shm"] { try AtomicFile.remove(fresh + suffix) }
        let identity = SweepStore.Identity(
            name: grid.spec.name, fingerprint: grid.fingerprint,
            specification: SweepFile.text(of: grid.frozen), program: program)
        let store = try SweepStore.create(at: fresh, identity, at: .now)
        try store.insert(grid)
        try store.continueFrom(run.store)
        try store.close()
        try run.store.close()
        try archive()
        guard rename(fresh, directory.store) == 0 else {
            throw SystemError("rename", code: errno, path: directory.store)
        }
        // What readers of the old store still have open is theirs alone from now on.
        for suffix in ["-wal", "-shm"] {
            try AtomicFile.remove(directory.store + suffix)
            try AtomicFile.remove(fresh + suffix)
        }
        try AtomicFile.write(Array(identity.specification.utf8), to: directory.sweepFile)
        return try run.reopened(with: grid)
    }

    /// Gives the store, which has been closed, a second name that stays.
    private func archive() throws {
        try Folder.create(run.directory.archive)
        let digits = run.store.identity.fingerprint.hexadecimal.prefix(12)
        let path = "\(run.directory.archive)/sweep-\(digits).sqlite"
        // The same sweep was here before, and knew less.
        try AtomicFile.remove(path)
        guard link(run.directory.store, path) == 0 else {
            throw SystemError("link", code: errno, path: path)
        }
    }
}

extension Setting? {
    /// Whether this `measure` section asks for all that another one does, and for the same moments.
    fileprivate func measures(_ other: Setting?) -> Bool {
        var (mine, others) = (self ?? .null, other ?? .null)
        let (probes, otherProbes) = (mine["probes"]?.asMap, others["probes"]?.asMap)
        mine["probes"] = nil
        others["probes"] = nil
        return mine == others && (otherProbes?.entries ?? []).allSatisfy { probes?[$0.key] == $0.setting }
    }
}
