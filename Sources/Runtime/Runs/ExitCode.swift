internal import Reporting
internal import ResultStore
internal import SweepFiles
internal import Sweeps
internal import ZeroMQ

/// How the command tells its caller what happened, after `sysexits.h`.
public enum ExitCode: Int32, Hashable, Sendable {
    case done = 0
    /// The sweep has ended, and some tasks failed.
    case failedTasks = 1
    case usage = 64
    /// A data or sweep file says something impossible.
    case badData = 65
    case missingInput = 66
    /// The coordinator cannot be reached.
    case unavailable = 69
    case internalError = 70
    case inputOutput = 74
    /// Interrupted before the end; the same command continues.
    case tryAgain = 75
    /// Another sweep, version or key: repeating it is no use.
    case configuration = 78

    /// The code for an error that ends a command.
    public init(for error: any Error) {
        switch error {
        case let error as RunError: self = error.exitCode
        case let error as KeyError: self = error.exitCode
        case let error as SweepFileError: self = ExitCode(rawValue: error.exitCode) ?? .badData
        case let error as StoreError: self = ExitCode(rawValue: error.exitCode) ?? .inputOutput
        case let error as RunLock.Failure: self = ExitCode(rawValue: error.exitCode) ?? .tryAgain
        case is InvalidSettings, is ReportError: self = .badData
        case is SystemError, is FileWriter.Failure: self = .inputOutput
        case let error as ZeroMQError: self = error.isAddressInUse ? .unavailable : .configuration
        default: self = .internalError
        }
    }
}
