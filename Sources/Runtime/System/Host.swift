internal import Foundation
internal import Glibc

/// What this machine is called and has to offer.
public enum Host {
    /// The name up to its first dot, with nothing in it that could not stand in a file name.
    public static var name: String {
        var bytes = [CChar](repeating: 0, count: 256)
        gethostname(&bytes, bytes.count - 1)
        let text = String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let short = text.prefix { $0 != "." }.map { character in
            character.isASCII && (character.isLetter || character.isNumber) ? character : "-"
        }
        return short.isEmpty ? "localhost" : String(short)
    }

    /// Processor cores that this process may use.
    public static var coreCount: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

    /// Memory in bytes that this process may hope for: the machine's, or its control group's where that is less.
    public static var memoryBytes: Int {
        let physical = max(0, sysconf(Int32(_SC_PHYS_PAGES))) * max(0, sysconf(Int32(_SC_PAGESIZE)))
        let limits = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"]
        let granted = limits.compactMap { path -> Int? in
            // `max` stands for no limit.
            let text = try? String(contentsOfFile: path, encoding: .utf8)
            return text.flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
        }
        return granted.filter { $0 > 0 }.reduce(physical, min)
    }

    public static var processID: Int { Int(getpid()) }
}
