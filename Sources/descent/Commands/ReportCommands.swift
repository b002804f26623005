import ArgumentParser
import Basics
import Experiments
import Foundation
import ResultStore
import Runtime
import Sweeps

struct CollectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "collect",
        abstract: "Write the CSV files of a run, also while it runs.",
        discussion: """
            Example:
              descent collect runs/quickstart --output tables
            """)

    @OptionGroup var target: RunArgument

    @Option(help: "Where to write them (default: the run's results folder).", completion: .directory)
    var output: String?

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let files = try RunReader(target.run).collector().writeTables(to: output)
        if json { try printJSON(files.tables) } else { for file in files.tables { print(file) } }
    }
}

struct PlotCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plot",
        abstract: "Draw the heatmaps and curves of a run, also while it runs.",
        discussion: """
            What is drawn stands under 'report' in the run's sweep.yaml, which may be edited; without it the axes \
            decide. PNG and PDF files appear where rsvg-convert is installed.

            Example:
              descent plot runs/quickstart --output figures
            """)

    @OptionGroup var target: RunArgument

    @Option(help: "Where to write them (default: the run's plots folder).", completion: .directory)
    var output: String?

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let files = try RunReader(target.run).collector().writePlots(to: output)
        if let complaint = files.complaint { printError(complaint) }
        let written = files.plots + [files.page].compactMap(\.self)
        if json { try printJSON(written) } else { for file in written { print(file) } }
    }
}
