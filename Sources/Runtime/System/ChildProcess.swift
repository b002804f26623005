internal import Glibc

/// A process that this one started.
public struct ChildProcess: Hashable, Sendable {
    public let processID: Int32

    /// How a process ended.
    public enum Ending: Hashable, Sendable, CustomStringConvertible {
        case exited(Int32)
        case signalled(Int32)

        public var description: String {
            switch self {
            case .exited(let code): "exited with code \(code)"
            case .signalled(SIGKILL): "was killed (signal 9), perhaps because memory ran out"
            case .signalled(let signal):
                "died of signal \(signal) (\(strsignal(signal).map { String(cString: $0) } ?? "unknown"))"
            }
        }

        /// Whether the process itself is to blame, rather than whoever ended it.
        ///
        /// A process that ends with a code of its own was not taken by surprise; but if it trained, something in it
        /// gave up: OpenBLAS ends the process when it gets no memory.
        public var isCrash: Bool {
            switch self {
            case .exited(let code): code != 0
            case .signalled(let signal):
                [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS].contains(signal)
            }
        }
    }

    /// Starts a program in a process group of its own, so that Ctrl-C in the terminal reaches this process alone.
    ///
    /// - Parameters:
    ///   - executable: The path of the program.
    ///   - name: What process lists call it.
    ///   - arguments: What follows its name.
    ///   - environment: Variables to add or replace, as `NAME=value`.
    ///   - standardInput: What it reads from.
    ///   - output: The file to which both of its outputs are appended.
    /// - Returns: The process, which runs.
    /// - Throws: ``SystemError`` when it cannot be started.
    public static func start(
        _ executable: String, name: String, _ arguments: [String], environment: [String] = [],
        standardInput: Int32, output: String
    ) throws(SystemError) -> ChildProcess {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, standardInput, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o644)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Threads of ours block signals, and masks are inherited; dispositions that ignore are, too.
        var (none, all) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        var processID: pid_t = 0
        let result = withCStrings([name] + arguments) { argv in
            withCStrings(merged(environment)) { envp in
                posix_spawn(&processID, executable, &actions, &attributes, argv, envp)
            }
        }
        guard result == 0 else { throw SystemError("posix_spawn", code: result, path: executable) }
        return ChildProcess(processID: processID)
    }

    /// How it ended, told once; `nil` while it runs.
    public func ending() -> Ending? {
        var status: Int32 = 0
        guard waitpid(processID, &status, WNOHANG) == processID else { return nil }
        let signal = status & 0x7F
        return signal == 0 ? .exited((status >> 8) & 0xFF) : .signalled(signal)
    }

    /// Sends a signal; only while ``ending()`` has not told the end, for afterwards the number may be another's.
    public func send(signal: Int32) { kill(processID, signal) }

    private static func merged(_ additions: [String]) -> [String] {
        var variables: [String] = []
        var pointer = environ
        while let variable = pointer.pointee {
            variables.append(String(cString: variable))
            pointer += 1
        }
        let names = additions.map { $0.prefix { $0 != "=" } + "=" }
        return variables.filter { variable in !names.contains { variable.hasPrefix($0) } } + additions
    }
}

/// Lends `texts` as an array of C strings that ends with a null pointer.
private func withCStrings<Result>(
    _ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
) -> Result {
    let pointers = texts.map { strdup($0) }
    defer { for pointer in pointers { free(pointer) } }
    return body(pointers + [nil])
}
