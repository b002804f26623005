public import Sweeps

/// The memory of a machine, and what may run in it at once.
public struct MemoryLimit: Hashable, Sendable {
    /// Of the machine, or of the part of it that this program may use.
    public let bytes: Double

    /// What a process takes beside its task.
    public static let programBytes = Double(40 << 20)

    public init(bytes: Double) { self.bytes = bytes }

    /// Refuses a task that would take more than there is.
    ///
    /// - Parameter cost: Of the task.
    /// - Throws: ``TaskError`` of class `outOfMemory`: another machine may have more.
    public func check(_ cost: TaskCost) throws(TaskError) {
        guard cost.memoryBytes + MemoryLimit.programBytes > bytes else { return }
        throw .failed(
            .outOfMemory,
            message:
                "the task takes about \(mebibytes(cost.memoryBytes)) but this machine has \(mebibytes(bytes)): "
                + "lower training.batch or the model's size, or use a larger machine")
    }

    /// How many workers fit, even if they run the largest tasks at the same time; 0 where the largest does not fit
    /// alone.
    ///
    /// - Parameters:
    ///   - grid: The sweep; tasks that can never run take nothing.
    ///   - countMax: As many as are wanted.
    /// - Returns: At most `countMax`.
    public func workers(for grid: Grid, atMost countMax: Int) -> Int {
        // Computed once for all seeds of a cell.
        var known: [Int: Double] = [:]
        var needs: [Double] = []
        needs.reserveCapacity(grid.count)
        for place in grid.indices {
            let cell = grid.cellWithoutSeed(place)
            let need =
                cell.flatMap { known[$0] }
                ?? (try? TaskCost.predict(grid[place].configuration))?.memoryBytes ?? 0
            if let cell { known[cell] = need }
            needs.append(need)
        }
        var sum = 0.0
        var count = 0
        // Workers beyond the number of tasks have nothing to do, but take their own memory.
        for need in needs.sorted(by: >) + [Double](repeating: 0, count: max(0, countMax - needs.count)) {
            sum += need + MemoryLimit.programBytes
            if count == countMax || sum > bytes { break }
            count += 1
        }
        return count
    }

    private func mebibytes(_ bytes: Double) -> String { "\(Int((bytes / 0x1p20).rounded())) MiB" }
}
