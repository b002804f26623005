public import Basics
import Foundation
import GRDB
public import Sweeps
import Synchronization

extension SweepStore {
    /// Who runs an attempt, as far as records go.
    public struct Worker: Hashable, Sendable {
        /// The worker's stable name.
        public let name: String
        public let host: String
        /// What decides the last bits of its results: BLAS core and instruction set.
        public let profile: String

        public init(name: String, host: String, profile: String) {
            self.name = name
            self.host = host
            self.profile = profile
        }
    }

    /// How a result came about: `provenance.csv`, the only file that differs between runs.
    public struct Provenance: Hashable, Sendable {
        public let worker: String
        public let host: String
        public let blasCore: String
        public let threads: Int
        public let started: WallTime
        /// How long training and probing took, in seconds.
        public let seconds: Double

        public init(
            worker: String, host: String, blasCore: String, threads: Int, started: WallTime, seconds: Double
        ) {
            self.worker = worker
            self.host = host
            self.blasCore = blasCore
            self.threads = threads
            self.started = started
            self.seconds = seconds
        }
    }

    /// One durable change.
    ///
    /// Every one may come twice, after a doubtful commit, and then changes nothing.
    public enum Write: Hashable, Sendable {
        /// The attempt number is taken for good.
        case attemptStarted(Assignment, worker: Worker)
        /// The task's one result: the canonical bytes of a ``TaskResult`` and their hash.
        case result(Assignment, bytes: [UInt8], hash: ContentHash, Provenance)
        /// The attempt ended without a result; `isFinal` when the task has thereby failed for good.
        case failure(Assignment, FailureClass, message: String, isFinal: Bool)
        /// Another attempt gave other bytes than the stored result.
        case disagreement(Assignment, received: ContentHash, worker: String)
        /// What the user wants of these tasks, and why; those that the verb does not touch are left alone.
        case steered(SteeringVerb, [TaskID], reason: String)

        /// The attempt that the write is about; `nil` for a wish of the user.
        public var assignment: Assignment? {
            switch self {
            case .attemptStarted(let assignment, _), .result(let assignment, _, _, _),
                .failure(let assignment, _, _, _), .disagreement(let assignment, _, _):
                assignment
            case .steered: nil
            }
        }
    }

    /// What became of a write.
    public enum Outcome: Hashable, Sendable {
        case stored
        /// It was stored before, or came too late to matter.
        case unchanged
        /// The task has a result of other bytes, which stays; the disagreement is recorded.
        case disagreement(recorded: ContentHash)
    }

    /// Appends tasks in the order of the grid; those that are there already are left alone.
    ///
    /// A process that is killed halfway leaves the first tasks, and the next one adds the others.
    ///
    /// - Throws: ``StoreError/otherSweep(path:reason:)`` where the store holds other tasks.
    public func insert(_ tasks: some Collection<TrainingTask>) throws(StoreError) {
        try translating(isWriting: true) {
            let present = try pool.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM tasks") ?? 0 }
            if present > tasks.count {
                throw StoreError.otherSweep(path: path, reason: "\(present) tasks instead of \(tasks.count)")
            }
            var ordinal = present
            var rest = tasks.dropFirst(present)
            while !rest.isEmpty {
                let batch = rest.prefix(1000)
                try pool.write { db in
                    for task in batch {
                        try SweepStore.insert(task, ordinal: ordinal, db)
                        ordinal += 1
                    }
                }
                rest = rest.dropFirst(1000)
            }
        }
    }

    private static func insert(_ task: TrainingTask, ordinal: Int, _ db: Database) throws {
        let row = TaskRow(task, ordinal: ordinal)
        _ = try execute("INSERT INTO tasks (ordinal, id) VALUES (?, ?)", [ordinal, row.id], db)
        _ = try execute(
            """
            INSERT INTO definitions (task, checksum, axis_values, environment, configuration)
            VALUES (?, ?, ?, ?, ?)
            """, [ordinal, row.checksum, row.axisValues, row.environment, row.configuration], db)
    }

    /// Makes all writes durable in one transaction, in their order, or none.
    ///
    /// - Parameters:
    ///   - writes: What to keep.
    ///   - time: The moment that records name.
    /// - Returns: What became of each.
    /// - Throws: ``StoreError/cannotCommit(path:reason:)`` when the disk is full or fails: nothing was kept, and the
    ///   same writes may be tried again.
    public func commit(_ writes: [Write], at time: WallTime) throws(StoreError) -> [Outcome] {
        try translating(isWriting: true) {
            try pool.write { db in
                var transaction = try Transaction(db, at: time, ordinals: ordinals.withLock { $0 })
                let outcomes = try writes.map { try transaction.perform($0) }
                ordinals.withLock { $0 = transaction.ordinals }
                return outcomes
            }
        }
    }

    static func execute(_ sql: String, _ arguments: StatementArguments, _ db: Database) throws -> Int {
        try db.cachedStatement(sql: sql).execute(arguments: arguments)
        return db.changesCount
    }
}
