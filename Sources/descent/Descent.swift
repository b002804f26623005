import ArgumentParser

/// The command: every part of Descent behind one name.
@main
struct Descent: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "descent",
        abstract:
            "Map how neural networks over-train: sweeps over width, depth, noise and time, on many machines.",
        discussion: """
            Start with:

              descent run sweeps/quickstart.yaml

            Everything a sweep file may name: descent catalog. What a sweep would cost: descent plan SWEEP.yaml.
            Exit codes: 0 done, 1 ended with failed tasks, 64 usage, 65 bad data or sweep file, 66 missing input,
            69 coordinator unreachable, 70 internal, 74 input or output, 75 try again, 78 configuration or version.
            """,
        version: BuildVersion.text,
        groupedSubcommands: [])
}
