/// A run directory or an address that cannot be used as asked, said so that the user can mend it.
public enum RunError: Error, Hashable, CustomStringConvertible {
    /// There is no sweep in the directory.
    case noSweep(directory: String)
    /// The directory holds another sweep than the one given.
    case otherSweep(directory: String, name: String)
    /// The tasks of the run come out differently in this version of the program.
    case otherProgram(directory: String, program: String)
    /// An address that others could listen in on.
    case plainText(endpoint: String)
    case malformedEndpoint(String)
    /// A result in the store that this program cannot read.
    case unreadableResult(task: String)
    /// The coordinator cannot go on.
    case broken(String)
    /// The user asked for the end, and the store cannot be written.
    case storeFails(String)
    /// The coordinator will never have these workers.
    case refused(String)
    /// No worker could be kept running.
    case noWorkers(String)

    public var description: String {
        switch self {
        case .noSweep(let directory):
            "\(directory): holds no sweep; give the directory of a run, or start one with 'descent run SWEEP.yaml'"
        case .otherSweep(let directory, let name):
            "\(directory): already holds another sweep, '\(name)'; choose another directory with --run, "
                + "or continue that one with 'descent resume \(directory)'"
        case .otherProgram(let directory, let program):
            "\(directory): was made by \(program), which describes the same tasks otherwise than this program; "
                + "use that version, or start a new run"
        case .plainText(let endpoint):
            "\(endpoint): is reachable from other machines, and messages would be neither encrypted nor authenticated; "
                + "encrypt, or allow it with --allow-plain-text-network where everybody is trusted"
        case .malformedEndpoint(let endpoint):
            "\(endpoint): is no address; write tcp://HOST:PORT, with * for every interface and 0 for any port"
        case .unreadableResult(let task):
            "the stored result of task \(task) cannot be read; 'descent audit' tells more"
        case .broken(let reason): "the coordinator cannot go on: \(reason); nothing stored is lost"
        case .storeFails(let reason):
            "ended before all was done: \(reason), then continue with 'descent resume'"
        case .refused(let reason): reason
        case .noWorkers(let reason): "no worker can be kept running: \(reason)"
        }
    }

    public var exitCode: ExitCode {
        switch self {
        case .noSweep: .missingInput
        case .otherSweep, .otherProgram, .plainText, .refused: .configuration
        case .malformedEndpoint: .usage
        case .unreadableResult: .badData
        case .noWorkers: .unavailable
        case .broken: .internalError
        case .storeFails: .inputOutput
        }
    }
}
