internal import Basics
internal import Messaging
public import ResultStore
internal import SweepFiles
public import Sweeps

/// A run directory with its sweep and its store.
///
/// The directory belongs to one sweep for ever: to the tasks, that is. What is drawn of them may change.
public final class OpenedRun: Sendable {
    public let directory: RunDirectory
    public let grid: Grid
    public let store: SweepStore
    /// Held by whoever may write; `nil` for readers.
    private let lock: RunLock?

    private init(_ directory: RunDirectory, _ grid: Grid, _ store: SweepStore, _ lock: RunLock?) {
        self.directory = directory
        self.grid = grid
        self.store = store
        self.lock = lock
    }

    /// Begins a run of `grid`, or opens the one that the directory holds.
    ///
    /// - Parameters:
    ///   - grid: The sweep.
    ///   - directory: Where the run is or shall be.
    ///   - program: The version and commit of this program.
    /// - Returns: The run, with every task in its store, locked for this process.
    /// - Throws: ``RunError/otherSweep(directory:name:)``, `RunLock.Failure` while another process runs it, or what is
    ///   wrong with the store or the disk.
    public static func open(
        _ grid: Grid, in directory: RunDirectory, program: String
    ) throws -> OpenedRun {
        try directory.create()
        let lock = try RunLock(path: directory.lock)
        let text = SweepFile.text(of: grid.frozen)
        let fingerprint = grid.fingerprint
        let identity = SweepStore.Identity(
            name: grid.spec.name, fingerprint: fingerprint, specification: text, program: program)
        let store =
            directory.holdsSweep
            ? try SweepStore.open(at: directory.store, for: .writing)
            : try SweepStore.create(at: directory.store, identity, at: .now)
        guard store.identity.fingerprint == fingerprint else {
            throw RunError.otherSweep(directory: directory.path, name: store.identity.name)
        }
        // A process that was killed while it made the run may have left some tasks out.
        if try store.counts().total != grid.count { try store.insert(grid) }
        try AtomicFile.write(Array(text.utf8), to: directory.sweepFile)
        return OpenedRun(directory, grid, store, lock)
    }

    /// Opens the run that a directory holds.
    ///
    /// - Parameters:
    ///   - directory: Where the run is.
    ///   - schema: Every key that a sweep file may hold.
    ///   - access: Writers lock the run; readers may come while a coordinator works.
    ///   - purpose: What a writer locks it for.
    /// - Returns: The run as its own `sweep.yaml` describes it.
    /// - Throws: ``RunError/noSweep(directory:)``, or what is wrong with the store or the specification.
    public static func open(
        _ directory: RunDirectory, schema: Schema, for access: SweepStore.Access,
        purpose: RunLock.Purpose = .coordinating
    ) throws -> OpenedRun {
        guard directory.holdsSweep else { throw RunError.noSweep(directory: directory.path) }
        let lock =
            access == .writing
            ? try RunLock(path: directory.lock, holder: .current(for: purpose)) : nil
        let store = try SweepStore.open(at: directory.store, for: access)
        let grid = try grid(of: store, in: directory, schema: schema)
        if access == .writing, try store.counts().total != grid.count { try store.insert(grid) }
        return OpenedRun(directory, grid, store, lock)
    }

    /// The sweep of a store: from `sweep.yaml`, in which people may change what is drawn, or else from the store.
    private static func grid(
        of store: SweepStore, in directory: RunDirectory, schema: Schema
    ) throws -> Grid {
        if let edited = try? SweepFile(contentsOf: directory.sweepFile, schema: schema).grid,
            edited.fingerprint == store.identity.fingerprint
        {
            return edited
        }
        let bytes = Array(store.identity.specification.utf8)
        let grid = try SweepFile(bytes: bytes, file: directory.sweepFile, schema: schema).grid
        guard grid.fingerprint == store.identity.fingerprint else {
            throw RunError.otherProgram(directory: directory.path, program: store.identity.program)
        }
        return grid
    }

    /// The run anew, with the lock that is held, after its store was replaced.
    func reopened(with grid: Grid) throws -> OpenedRun {
        OpenedRun(directory, grid, try SweepStore.open(at: directory.store, for: .writing), lock)
    }

    /// Which sweep messages speak of.
    var sweepID: SweepID { SweepID(store.identity.fingerprint) }
}
