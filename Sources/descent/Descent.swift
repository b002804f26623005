import ArgumentParser
import Datasets
import Experiments
import LinearAlgebra
import Runtime
import Sweeps

/// The command: every part of Descent behind one name.
@main
struct Descent: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "descent",
        abstract:
            "Map how neural networks over-train: sweeps over width, depth, noise and time, on many machines.",
        discussion: """
            Example:
              descent run sweeps/quickstart.yaml

            What a sweep file may name: descent catalog. What a sweep would cost: descent plan SWEEP.yaml.

            Exit codes: 0 done, 1 ended with failed tasks, 64 usage, 65 bad data or sweep file, 66 missing input, 69 \
            coordinator unreachable, 70 internal, 74 input or output, 75 try again, 78 configuration or version.
            """,
        version: BuildVersion.text,
        groupedSubcommands: [
            CommandGroup(
                name: "Sweeps:",
                subcommands: [PlanCommand.self, RunCommand.self, ResumeCommand.self, RetryCommand.self]),
            CommandGroup(
                name: "Steering:",
                subcommands: [
                    PauseCommand.self, UnpauseCommand.self, CancelCommand.self, DrainCommand.self,
                    ExplainCommand.self, ExtendCommand.self, MergeCommand.self,
                ]),
            CommandGroup(
                name: "Clusters:",
                subcommands: [CoordinatorCommand.self, WorkerCommand.self, KeysCommand.self]),
            CommandGroup(
                name: "Results:",
                subcommands: [
                    StatusCommand.self, CollectCommand.self, PlotCommand.self, AuditCommand.self,
                    VerifyCommand.self,
                ]),
            CommandGroup(name: "Single tasks:", subcommands: [TrainCommand.self, ProbeCommand.self]),
            CommandGroup(
                name: "About descent:",
                subcommands: [
                    CatalogCommand.self, DataCommand.self, BenchCommand.self, SimulateCommand.self,
                    ChaosCommand.self,
                    DoctorCommand.self,
                ]),
        ])

    /// Runs the command and ends the process with the exit code that the failure deserves.
    static func main() {
        do {
            _ = try InstructionSet.requested()
            var command = try parseAsRoot()
            try command.run()
        } catch {
            guard let code = code(for: error) else { exit(withError: error) }
            printError("descent: \(error)")
            exit(withError: ArgumentParser.ExitCode(code.rawValue))
        }
    }

    /// The exit code of a failure of ours; `nil` for what the argument parser handles.
    private static func code(for error: any Error) -> Runtime.ExitCode? {
        switch error {
        case is InstructionSetError: .configuration
        case is MissingInput, is UnknownTask: .missingInput
        case let error as DatasetError: if case .missing = error { .missingInput } else { .badData }
        case is UnusableDataset: .badData
        case let error as FetchError: exitCode(of: error)
        case let error as TaskError: error.failure == .inputOutput ? .inputOutput : .badData
        case is CleanExit, is ValidationError, is ArgumentParser.ExitCode: nil
        case let error where String(reflecting: type(of: error)).hasPrefix("ArgumentParser."): nil
        default: Runtime.ExitCode(for: error)
        }
    }

    private static func exitCode(of error: FetchError) -> Runtime.ExitCode {
        switch error {
        case .notPublished, .wrongChecksum: .badData
        case .noFolder, .noCurl: .configuration
        case .cannotWrite: .inputOutput
        case .broken: .tryAgain
        }
    }
}
