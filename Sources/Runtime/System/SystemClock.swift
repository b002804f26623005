public import Basics
internal import Glibc

/// The clock that state machines live by.
///
/// `CLOCK_MONOTONIC`: wall-clock steps do not move it, and it stands still while the machine sleeps. That is wanted:
/// leases measure how long a *listening* process has heard nothing, and a process on a sleeping machine cannot listen.
/// `CLOCK_BOOTTIME` would let every lease expire in the moment a laptop wakes up.
public enum SystemClock {
    /// The time since an origin that all processes of this machine share until it restarts.
    public static var now: Instant {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Instant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    /// The processor time that this thread has taken: what else runs on the machine does not count.
    public static var processorTime: Instant {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Instant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }
}
