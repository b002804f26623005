/// A point on a monotonic time line, in nanoseconds from an origin that the holder of the clock chose.
///
/// State machines never read a clock: every instant reaches them as an argument. The same code therefore runs
/// under the system's monotonic clock and under the simulator's virtual one.
public struct Instant: Hashable, Comparable, Sendable, Codable {
    /// Nanoseconds since the origin.
    public let nanoseconds: Int64

    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// The start of the time line.
    public static let origin = Instant(nanoseconds: 0)

    public static func < (a: Instant, b: Instant) -> Bool { a.nanoseconds < b.nanoseconds }

    public static func + (instant: Instant, duration: Duration) -> Instant {
        Instant(nanoseconds: instant.nanoseconds + duration.wholeNanoseconds)
    }

    /// The time from `b` to `a`; negative when `b` is the later one.
    public static func - (a: Instant, b: Instant) -> Duration { .nanoseconds(a.nanoseconds - b.nanoseconds) }
}

extension Duration {
    /// This duration in nanoseconds, rounded towards zero.
    public var wholeNanoseconds: Int64 {
        components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
    }

    /// This duration in seconds.
    public var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
