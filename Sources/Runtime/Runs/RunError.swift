public import Sweeps

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
    case workersRefused(String)
    /// No worker could be kept running.
    case noWorkers(String)
    /// Somebody works on the run whom we cannot ask.
    case unreachable(directory: String, reason: String)
    /// Somebody works on the run and does not listen yet, or has gone while we asked.
    case changingHands(directory: String, reason: String)
    /// The coordinator will not do what it was asked for.
    case declined(reason: String, exitCode: ExitCode)
    /// Nobody works on the run.
    case noCoordinator(directory: String)
    /// No worker and no host has this name.
    case noWorker(String, known: [String])
    /// A predicate that is not understood.
    case predicate(String)
    /// The beginning of a task's id that fits none, or several.
    case noTask(String, directory: String, isAmbiguous: Bool)
    /// No sweep has the tasks of both runs.
    case unlikeSweeps(String, String)
    /// Tasks of which two runs have different results.
    case contradiction([TaskID])

    public var description: String {
        switch self {
        case .noSweep(let directory):
            "\(directory): holds no sweep; give the directory of a run, or start one with 'descent run SWEEP.yaml'"
        case .otherSweep(let directory, let name):
            "\(directory): already holds another sweep, '\(name)'; choose another directory with --run, continue that "
                + "one with 'descent resume \(directory)', or change it with 'descent extend \(directory) SWEEP'"
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
        case .workersRefused(let reason): reason
        case .noWorkers(let reason): "no worker can be kept running: \(reason)"
        case .unreachable(let directory, let reason), .changingHands(let directory, let reason):
            "\(directory): \(reason)"
        case .declined(let reason, _), .predicate(let reason): reason
        case .noTask(let text, let directory, let isAmbiguous):
            isAmbiguous
                ? "\(directory): several tasks begin with '\(text)'; write more of the id"
                : "\(directory): holds no task '\(text)'; the first column of results/measurements.csv has the ids"
        case .unlikeSweeps(let first, let second):
            "\(first) and \(second): their sweeps have too little in common to be one; only runs of the same sweep, or of "
                + "grids over the same base settings, can be joined"
        case .contradiction(let tasks):
            "ALARM: \(tasks.count) tasks have different results in different runs, so training was not deterministic; "
                + "nothing is joined: \(tasks.map(\.text).joined(separator: ", "))"
        case .noCoordinator(let directory):
            "\(directory): nobody works on this run; workers leave by themselves when a run ends"
        case .noWorker(let name, let known):
            "no worker or host is called '\(name)'"
                + (known.isEmpty ? "; none is connected" : "; connected: \(known.joined(separator: ", "))")
        }
    }

    public var exitCode: ExitCode {
        switch self {
        case .noSweep: .missingInput
        case .otherSweep, .otherProgram, .plainText, .workersRefused: .configuration
        case .malformedEndpoint, .predicate: .usage
        case .unreachable, .changingHands, .noCoordinator: .unavailable
        case .declined(_, let exitCode): exitCode
        case .noWorker, .noTask: .missingInput
        case .unlikeSweeps: .configuration
        case .contradiction: .badData
        case .unreadableResult: .badData
        case .noWorkers: .unavailable
        case .broken: .internalError
        case .storeFails: .inputOutput
        }
    }
}
