import Foundation

/// The right to write to a run directory, held by one process at a time: a coordinator, or for a moment a command that
/// changes the run.
///
/// The lock is the kernel's (`flock` on `sweep.lock`), so it ends with the process, however that dies, and nobody
/// ever has to unlock anything. The file names its holder only for people and for error messages. Child processes do
/// not inherit it.
public final class RunLock: Sendable {
    private let descriptor: Int32

    /// Who holds a lock.
    public struct Holder: Hashable, Sendable, Codable {
        public let host: String
        public let processID: Int32
        /// Changes with every start of the host; empty where the system does not tell.
        public let bootID: String
        /// When the holder took the lock.
        public let since: String
        /// What for; `nil` where an earlier version wrote the file, which only coordinators did for long.
        public let purpose: Purpose?

        public init(
            host: String, processID: Int32, bootID: String, since: String, purpose: Purpose = .coordinating
        ) {
            self.host = host
            self.processID = processID
            self.bootID = bootID
            self.since = since
            self.purpose = purpose
        }

        /// This process, as a coordinator.
        public static var current: Holder { current(for: .coordinating) }

        /// This process.
        public static func current(for purpose: Purpose) -> Holder {
            let bootID = try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)
            return Holder(
                host: ProcessInfo.processInfo.hostName, processID: getpid(),
                bootID: bootID?.trimmingCharacters(in: .whitespacesAndNewlines) ?? "",
                since: WallTime.now.description, purpose: purpose)
        }

        /// False for a process of this machine that has ended, or that ran before the machine was restarted.
        ///
        /// Asking the lock itself would mean to hold it for a moment, in which a coordinator could fail to start.
        public var mayLive: Bool {
            let here = Holder.current
            guard host == here.host else { return true }
            return bootID == here.bootID && (kill(processID, 0) == 0 || errno == EPERM)
        }

        /// Whether a coordinator works on the run, as far as one can tell.
        public var mayCoordinate: Bool { purpose != .changing && mayLive }
    }

    /// What a run is held for.
    public enum Purpose: String, Hashable, Sendable, Codable {
        /// As long as the sweep takes.
        case coordinating
        /// A moment: a command marks tasks or gives the run another sweep.
        case changing
    }

    /// Why the lock was not taken.
    public enum Failure: Error, Hashable, CustomStringConvertible {
        /// Another process has it; `nil` where it has not said yet who it is.
        case held(path: String, by: Holder?)
        /// The file cannot be made or locked.
        case inputOutput(path: String, reason: String)

        public var description: String {
            switch self {
            case .held(let path, let holder?) where holder.purpose == .changing:
                "\(path): a command on \(holder.host), process \(holder.processID), has been changing this run since "
                    + "\(holder.since); try again"
            case .held(let path, let holder?):
                "\(path): a coordinator on \(holder.host), process \(holder.processID), has held this run since "
                    + "\(holder.since); stop it first, or watch it with 'descent status'"
            case .held(let path, nil): "\(path): another process holds this run; stop it first"
            case .inputOutput(let path, let reason): "\(path): cannot be locked (\(reason))"
            }
        }

        /// The exit code after `sysexits.h`: 75 try again, 74 I/O.
        public var exitCode: Int32 {
            switch self {
            case .held: 75
            case .inputOutput: 74
            }
        }
    }

    /// How long to wait for those who hold a run for a moment.
    private static let patience = Duration.seconds(10)

    /// Takes the lock in the file at `path`.
    ///
    /// Fails at once where a coordinator has it; a command that changes the run lets go of it soon, and is waited for.
    ///
    /// - Throws: ``Failure/held(path:by:)`` with the holder's host and process.
    public init(path: String, holder: Holder = .current) throws(Failure) {
        let descriptor = RunLock.retrying { open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644) }
        guard descriptor >= 0 else { throw Failure.inputOutput(path: path, reason: RunLock.latestError) }
        let deadline = SuspendingClock.now + RunLock.patience
        while RunLock.retrying({ flock(descriptor, LOCK_EX | LOCK_NB) }) != 0 {
            let isHeld = errno == EWOULDBLOCK
            let reason = RunLock.latestError
            let other = RunLock.readHolder(path)
            // Whoever took the lock a moment ago has not said who it is, or the dead one's name still stands there.
            let passes = other.map { $0.purpose == .changing || !$0.mayLive } ?? true
            if isHeld, passes, SuspendingClock.now < deadline {
                usleep(10_000)
                continue
            }
            close(descriptor)
            throw isHeld ? .held(path: path, by: other) : .inputOutput(path: path, reason: reason)
        }
        do {
            try RunLock.write(holder, to: descriptor, path: path)
        } catch {
            close(descriptor)
            throw error
        }
        self.descriptor = descriptor
    }

    deinit {
        // The name goes first: whoever reads it afterwards sees that nobody is here.
        _ = RunLock.retrying { ftruncate(descriptor, 0) }
        // Closing alone would leave the lock with a child that is being born at this moment.
        _ = RunLock.retrying { flock(descriptor, LOCK_UN) }
        close(descriptor)
    }

    /// Who holds, or last held, the lock at `path`; `nil` where it was let go of.
    public static func readHolder(_ path: String) -> Holder? {
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        return try? JSONDecoder().decode(Holder.self, from: data)
    }

    private static func write(_ holder: Holder, to descriptor: Int32, path: String) throws(Failure) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let text = try? encoder.encode(holder) + Data("\n".utf8) else {
            throw .inputOutput(path: path, reason: "the holder has no name")
        }
        let written = text.withUnsafeBytes { bytes in
            retrying { ftruncate(descriptor, 0) } == 0
                ? retrying { pwrite(descriptor, bytes.baseAddress, bytes.count, 0) } : -1
        }
        guard written == text.count else { throw .inputOutput(path: path, reason: latestError) }
        _ = retrying { fsync(descriptor) }
    }

    /// Calls until the call is not interrupted by a signal.
    private static func retrying<Value: SignedInteger>(_ call: () -> Value) -> Value {
        while true {
            let result = call()
            if result != -1 || errno != EINTR { return result }
        }
    }

    private static var latestError: String { String(cString: strerror(errno)) }
}
