import Basics

/// All that happened in a simulation, as a hash and, where asked for, as a table for people.
struct History: Sendable {
    /// FNV-1a over every entry: two runs of one seed must agree.
    private(set) var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    private(set) var lines: [String] = []
    private let isTracing: Bool

    init(isTracing: Bool) { self.isTracing = isTracing }

    mutating func note(_ now: Instant, _ kind: UInt8, _ a: Int, _ b: Int, _ text: @autoclosure () -> String) {
        fold(UInt64(bitPattern: now.nanoseconds))
        fold(UInt64(kind))
        fold(UInt64(bitPattern: Int64(a)))
        fold(UInt64(bitPattern: Int64(b)))
        guard isTracing else { return }
        let milliseconds = now.nanoseconds / 1_000_000
        let seconds = "\(milliseconds / 1000)." + String(String(1000 + milliseconds % 1000).dropFirst())
        lines.append(String(repeating: " ", count: max(0, 9 - seconds.count)) + seconds + "  " + text())
    }

    private mutating func fold(_ word: UInt64) {
        for shift in stride(from: UInt64(0), to: 64, by: 16) {
            hash = (hash ^ (word >> shift & 0xFFFF)) &* 0x100_0000_01b3
        }
    }
}
