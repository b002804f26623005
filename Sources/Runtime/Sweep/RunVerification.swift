public import Basics
internal import ResultStore
public import Sweeps

/// Trains tasks of a run again and compares every bit.
public struct RunVerification: Sendable {
    private let run: OpenedRun

    /// How a task compared.
    public struct Comparison: Hashable, Sendable {
        public let task: TaskID
        public let stored: ContentHash
        /// What training gave here.
        public let received: ContentHash
        /// What decides the last bits, where the stored result was made: BLAS core, version, instruction set.
        public let profile: String

        public var isEqual: Bool { stored == received }
    }

    public init(_ run: OpenedRun) { self.run = run }

    /// The tasks to train again, in the order of the sweep.
    ///
    /// - Parameters:
    ///   - count: How many; all that are done where `nil`.
    ///   - seed: Decides which.
    /// - Returns: Their ids.
    /// - Throws: What is wrong with the store.
    public func sample(_ count: Int?, seed: UInt64) throws -> [TaskID] {
        let done = try run.store.loadTasks().filter { $0.situation.condition == .done }.map(\.id)
        guard let count, count < done.count else { return done }
        var generator = SeededGenerator(seed: seed, stream: "verify")
        var places = Array(done.indices)
        // The first steps of a shuffle (Durstenfeld 1964).
        for place in 0..<count {
            places.swapAt(place, place + generator.index(below: places.count - place))
        }
        return places.prefix(count).sorted().map { done[$0] }
    }

    /// Trains the tasks and hands over how each compared.
    ///
    /// - Parameters:
    ///   - tasks: Tasks that have a result.
    ///   - train: Trains one.
    ///   - body: Told of each as soon as it is known; false ends the verification.
    /// - Throws: What is wrong with the store, and what the closures throw.
    public func compare(
        _ tasks: [TaskID], train: (TrainingTask) throws -> TaskResult, body: (Comparison) throws -> Bool
    ) throws {
        for id in tasks {
            guard let task = try run.store.task(id), let stored = try run.store.resultHash(of: id) else {
                continue
            }
            let received = ContentHash(of: try train(task).encoded())
            let comparison = Comparison(
                task: id, stored: stored.hash, received: received, profile: stored.profile)
            if try !body(comparison) { return }
        }
    }
}
