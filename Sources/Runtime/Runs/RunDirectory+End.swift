internal import ResultStore

extension RunDirectory {
    /// Whether nobody works on the run and nobody needs to: every task is done, has failed or was cancelled.
    ///
    /// False wherever there is any doubt: a coordinator that was killed leaves tasks to do, one that only restarts finds
    /// them, and one of another machine may live as long as its name stands in the lock.
    public var hasEnded: Bool {
        guard holdsSweep, RunLock.readHolder(lock)?.mayLive != true,
            let counts = try? SweepStore.open(at: store, for: .reading).counts(), counts.total > 0,
            counts.open == 0, counts.paused == 0
        else { return false }
        // Somebody may have begun to change the run meanwhile.
        return RunLock.readHolder(lock)?.mayLive != true
    }
}
