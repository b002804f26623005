import Messaging
import Sweeps

/// How many assignments a worker holds behind the one in training, by how long its tasks take.
///
/// Tasks of hours are fetched one by one, so that nobody waits idle at the end of a sweep while another holds two. Tasks
/// of milliseconds would leave the worker waiting for the coordinator's disk between any two of them.
struct Prefetch: Sendable {
    /// How many to hold now.
    private(set) var count = 0
    private var elapsedMean: Duration?
    private let limits: Worker.Limits

    init(_ limits: Worker.Limits) { self.limits = limits }

    /// Most assignments that a worker ever holds.
    var heldMax: Int { 1 + max(limits.prefetchCount, limits.prefetchCountMax) }

    /// Whether tasks take less than this on average, as far as is known.
    func takesLess(than span: Duration) -> Bool { elapsedMean.map { $0 < span } ?? false }

    /// Learns how long a task took.
    mutating func note(_ elapsed: Duration) {
        guard elapsed < limits.prefetchBelow else {
            elapsedMean = elapsed
            count = 0
            return
        }
        let mean = elapsedMean.map { ($0 * 7 + elapsed) / 8 } ?? elapsed
        elapsedMean = mean
        count = max(count, limits.prefetchCount)
        guard limits.prefetchCount > 0 else { return }
        // By powers of two with one of them to spare: each change is a message to the coordinator.
        while count < limits.prefetchCountMax, mean * (2 * count) <= limits.prefetchSpan {
            count = min(2 * count, limits.prefetchCountMax)
        }
        while count > limits.prefetchCount, mean * count > limits.prefetchSpan * 2 {
            count = max(count / 2, limits.prefetchCount)
        }
    }
}
