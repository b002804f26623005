import Sweeps

/// A sweep file that cannot be used, with everything that is wrong with it.
public struct SweepFileError: Error, Hashable, CustomStringConvertible {
    public let kind: Kind
    /// At least one, sorted by line.
    public let problems: [Problem]

    public enum Kind: Hashable, Sendable {
        /// The file could not be read; a path to mend.
        case unreadable
        /// The file says something impossible; its author can mend it.
        case invalid
        /// The file is meant for a newer program.
        case newerFormat
    }

    /// One thing that is wrong, and where.
    public struct Problem: Hashable, Sendable, CustomStringConvertible {
        /// The file's name as it was given, or the command line's `--set key=value`.
        public let source: String
        /// Counted from 1; `nil` where no line is to blame.
        public let line: Int?
        /// The key by its path; empty where no key is to blame.
        public let key: String
        public let message: String

        public init(source: String, line: Int? = nil, key: String = "", message: String) {
            self.source = source
            self.line = line
            self.key = key
            self.message = message
        }

        public var description: String {
            let place = line.map { "\(source):\($0)" } ?? source
            return key.isEmpty ? "\(place): \(message)" : "\(place): \(key): \(message)"
        }
    }

    init(_ kind: Kind, _ problems: [Problem]) {
        self.kind = kind
        var seen: Set<Problem> = []
        let distinct = problems.filter { seen.insert($0).inserted }
        // Sorted by line, and by order of discovery within one.
        self.problems = distinct.enumerated().sorted {
            ($0.element.line ?? .max, $0.offset) < ($1.element.line ?? .max, $1.offset)
        }.map(\.element)
    }

    /// One line a problem: `file:line: key: what is wrong; nearest known key 'x'`.
    public var description: String { problems.map(\.description).joined(separator: "\n") }

    /// The exit code after `sysexits.h`: 66 missing input, 65 bad data, 78 configuration.
    public var exitCode: Int32 {
        switch kind {
        case .unreadable: 66
        case .invalid: 65
        case .newerFormat: 78
        }
    }
}
