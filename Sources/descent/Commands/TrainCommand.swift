import ArgumentParser
import Experiments
import Foundation
import Reporting
import Runtime
import Sweeps

struct TrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Train one task alone in this process: to debug it, to reproduce it, to keep its weights.",
        discussion: """
            Trains the first task of the sweep; choose another one with --set, or one of a run by its id. With \
            --output, the folder gets measurements.csv, layers.csv, initial.safetensors and final.safetensors, which \
            PyTorch loads as they are.

            Examples:
              descent train sweeps/quickstart.yaml --set model.width=20 --set seed=1 --output one
              descent train --run runs/quickstart --task 0123456789abcdef
            """)

    @Argument(help: "The sweep file (YAML).", completion: .file(extensions: ["yaml", "yml"]))
    var sweep: String?

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("Change a key of the sweep file, such as model.width=20.", valueName: "key=value"))
    var changes: [String] = []

    @Option(help: "A run directory instead of a sweep file.", completion: .directory)
    var run: String?

    @Option(help: "The id of a task of the run.")
    var task: String?

    @Option(help: "Where to write CSV files and weights.", completion: .directory)
    var output: String?

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard (sweep == nil) != (run == nil) else { throw ValidationError("Give a sweep file, or --run with --task.") }
        guard (run == nil) == (task == nil) else { throw ValidationError("--run and --task go together.") }
        guard run == nil || changes.isEmpty else { throw ValidationError("--set changes a sweep file, not a run.") }
    }
}
