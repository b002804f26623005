public import Basics
internal import Glibc

/// How far a sweep is, as one line for people.
public struct ProgressReport: Hashable, Sendable {
    public var done = 0
    public var failed = 0
    public var running = 0
    public var paused = 0
    public var cancelled = 0
    public var total = 0
    public var workers = 0
    public var elapsed = Duration.zero
    public var tasksPerSecond: Double?
    public var remaining: ProgressEstimate.Remaining?
    /// What holds the sweep up, such as a full disk; `nil` while all is well.
    public var problem: String?

    public init() {}

    /// `312/576 tasks · 2 running · 4.1/s · 1m 16s · about 1m 4s left (58s to 1m 12s)`.
    public var text: String {
        var parts = ["\(done + failed)/\(total) tasks", "\(running) running"]
        if failed > 0 { parts.append("\(failed) failed") }
        if paused > 0 { parts.append("\(paused) paused") }
        if cancelled > 0 { parts.append("\(cancelled) cancelled") }
        // What a held-up sweep did before says nothing of when it will end.
        if let tasksPerSecond, problem == nil { parts.append(ProgressReport.rate(tasksPerSecond)) }
        parts.append(elapsed.forPeople)
        if let remaining, problem == nil, done + failed < total {
            parts.append(
                "about \(remaining.expected.forPeople) left "
                    + "(\(remaining.low.forPeople) to \(remaining.high.forPeople))")
        }
        if let problem { parts.append(problem) }
        return parts.joined(separator: " · ")
    }

    private static func rate(_ tasksPerSecond: Double) -> String {
        if tasksPerSecond >= 0.95 { return "\((tasksPerSecond * 10).rounded() / 10)/s" }
        return "\((tasksPerSecond * 600).rounded() / 10)/min"
    }
}

extension Duration {
    /// This duration with the two units that matter: `850ms`, `12s`, `3m 4s`, `2h 10m`, `4d 3h`.
    public var forPeople: String {
        let seconds = Int(inSeconds.rounded())
        switch seconds {
        case ..<1: return inSeconds < 0.0005 ? "0s" : "\(Int((inSeconds * 1000).rounded()))ms"
        case ..<60: return "\(seconds)s"
        case ..<3600: return "\(seconds / 60)m \(seconds % 60)s"
        case ..<86_400: return "\(seconds / 3600)h \(seconds / 60 % 60)m"
        default: return "\(seconds / 86_400)d \(seconds / 3600 % 24)h"
        }
    }
}

/// Shows progress on standard error: one line that is rewritten on a terminal, a plain line now and then elsewhere.
public struct ProgressLine: ~Copyable {
    private let output: Int32
    private let isTerminal: Bool
    private let usesColor: Bool
    private let interval: Duration
    private var shownAt: Instant?
    private var shown = ""

    /// - Parameters:
    ///   - output: The descriptor to write to.
    ///   - plainInterval: Shortest time between two lines where there is no terminal.
    ///   - isTerminal: Whether `output` is one; found out where `nil`.
    public init(output: Int32 = 2, plainInterval: Duration = .seconds(5), isTerminal: Bool? = nil) {
        self.output = output
        let isDumb = getenv("TERM").map { String(cString: $0) } == "dumb"
        let isTerminal = isTerminal ?? (isatty(output) == 1 && !isDumb)
        self.isTerminal = isTerminal
        // https://no-color.org: any value but the empty one.
        usesColor = isTerminal && (getenv("NO_COLOR").map { $0.pointee == 0 } ?? true)
        interval = isTerminal ? .milliseconds(200) : plainInterval
    }

    /// Shows `report`, unless the last one is too recent.
    public mutating func show(_ report: ProgressReport, at now: Instant) {
        if let shownAt, now - shownAt < interval { return }
        let text = report.text
        guard text != shown else { return }
        shownAt = now
        shown = text
        if isTerminal { draw() } else { write(text + "\n") }
    }

    /// Writes a line that stays, above the progress.
    public mutating func say(_ line: String) {
        if isTerminal, !shown.isEmpty {
            write("\r\u{1B}[K\(line)\n")
            draw()
        } else {
            write(line + "\n")
        }
    }

    /// Shows the last state, however recent the one before, and leaves it standing.
    public mutating func finish(_ report: ProgressReport) {
        let isShown = report.text == shown
        shown = report.text
        if isTerminal {
            draw()
            write("\n")
        } else if !isShown {
            write(shown + "\n")
        }
        shown = ""
    }

    private func draw() {
        let line = String(shown.prefix(max(20, width - 1)))
        write("\r" + (usesColor ? "\u{1B}[36m\(line)\u{1B}[0m" : line) + "\u{1B}[K")
    }

    private var width: Int {
        var size = winsize()
        return ioctl(output, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
    }

    private func write(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(output, $0.baseAddress, $0.count) }
            // Nobody reads: progress is not worth dying for.
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
