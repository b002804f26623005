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

    /// Physical memory in bytes.
    public static var memoryBytes: Int {
        max(0, sysconf(Int32(_SC_PHYS_PAGES))) * max(0, sysconf(Int32(_SC_PAGESIZE)))
    }

    public static var processID: Int { Int(getpid()) }
}
