import ArgumentParser
import Experiments
import SweepFiles
import Sweeps

/// A sweep file with the changes that the command line makes to it.
struct SweepOptions: ParsableArguments {
    @Argument(help: "The sweep file (YAML).", completion: .file(extensions: ["yaml", "yml"]))
    var sweep: String

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp(
            "Change a key of the sweep file, such as training.epochs=50.", valueName: "key=value"))
    var changes: [String] = []

    /// The sweep, validated, with the grid that it spans and the cost of its tasks checked.
    func read() throws -> SweepFile {
        try SweepFile(contentsOf: sweep, schema: Vocabulary.schema, overrides: changes)
    }
}

/// The run directory that a command works on.
struct RunArgument: ParsableArguments {
    @Argument(help: "The run directory, such as runs/quickstart.", completion: .directory)
    var run: String
}
