import Foundation

/// Numbers as people read them: three digits and a unit.
enum Quantity {
    /// `1.53 GFLOP`, `2.1 TFLOP`.
    static func operations(_ count: Double) -> String {
        scaled(count, by: 1000, ["", "k", "M", "G", "T", "P", "E"]) + "FLOP"
    }

    /// `512 B`, `3.4 MiB`.
    static func bytes(_ count: Double) -> String {
        scaled(count, by: 1024, ["", "Ki", "Mi", "Gi", "Ti"]) + "B"
    }

    /// `0.4 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`.
    static func duration(seconds: Double) -> String {
        guard seconds.isFinite else { return "unknown" }
        if seconds < 10 { return String(format: "%.1f s", seconds) }
        let whole = Int(seconds.rounded())
        switch whole {
        case ..<60: return "\(whole) s"
        case ..<3600: return "\(whole / 60) min \(whole % 60) s"
        case ..<86_400: return "\(whole / 3600) h \(whole % 3600 / 60) min"
        default: return "\(whole / 86_400) d \(whole % 86_400 / 3600) h"
        }
    }

    /// `1 task`, `12 tasks`.
    static func tasks(_ count: Int) -> String { count == 1 ? "1 task" : "\(count) tasks" }

    private static func scaled(_ value: Double, by base: Double, _ prefixes: [String]) -> String {
        var value = value
        var index = 0
        while value >= base, index < prefixes.count - 1 {
            value /= base
            index += 1
        }
        let digits = index == 0 ? 0 : value < 10 ? 2 : value < 100 ? 1 : 0
        return String(format: "%.\(digits)f ", value) + prefixes[index]
    }
}
