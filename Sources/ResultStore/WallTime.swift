import Foundation

/// A moment by the clock on the wall, in milliseconds: for people and records, never for decisions.
public struct WallTime: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Since 1970-01-01 00:00 UTC, leap seconds not counted.
    public let milliseconds: Int64

    public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// What the system's clock says.
    public static var now: WallTime {
        WallTime(milliseconds: Int64((Date().timeIntervalSince1970 * 1000).rounded()))
    }

    public static func < (a: WallTime, b: WallTime) -> Bool { a.milliseconds < b.milliseconds }

    /// ISO 8601 in UTC: `2026-11-21T05:14:54.250Z`.
    public var description: String {
        let date = Date(timeIntervalSince1970: Double(milliseconds) / 1000)
        return date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
}
