import ArgumentParser
import Experiments
import Foundation
import Probes
import Reporting
import SweepFiles
import Sweeps

struct ProbeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "probe",
        abstract: "Measure a stored network as the last epoch of a task would be measured.",
        discussion: """
            The sweep file says what the network is, which data it is measured on and which probes run; nothing is \
            trained. The weights are a safetensors file with PyTorch's names and shapes.

            Example:
              descent probe --weights one/final.safetensors sweeps/quickstart.yaml --set model.width=20 --set seed=1
              descent probe --weights one/final.safetensors sweeps/humayun.yaml --picture regions.svg
            """)

    @OptionGroup var options: SweepOptions

    @Option(help: "The weights (safetensors).", completion: .file(extensions: ["safetensors"]))
    var weights: String

    @Option(
        help:
            "Draw the linear regions and classes around three training samples (SVG) instead of probing.",
        completion: .file(extensions: ["svg"]))
    var picture: String?

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let file = try options.read()
        guard let task = file.grid.first else {
            throw InvalidSettings([SettingProblem("grid", "holds no task")])
        }
        try Preflight.checkData(of: task)
        let bytes: [UInt8]
        do {
            bytes = try [UInt8](Data(contentsOf: URL(filePath: weights)))
        } catch {
            throw MissingInput(
                path: weights, advice: "give a safetensors file, such as 'descent train --output' writes")
        }
        if let picture { return try draw(task, bytes, into: picture) }
        let result = try TaskRunner().probe(
            weights: bytes, configuration: task.configuration, environment: task.environment)
        let columns = try Vocabulary.columns(of: task.configuration)
        let values = result.measurements.first?.scalars ?? []
        if json {
            var object: [String: Double?] = [:]
            for (column, value) in zip(columns, values) { object[column.name] = value }
            return try printJSON(object)
        }
        var table = Table(["metric", "value"], rightAligned: [1])
        for (column, value) in zip(columns, values) {
            table.append([column.name, value?.shortestText ?? ""])
        }
        print(table.text)
    }

    /// Draws the partition and says how many regions it has.
    private func draw(_ task: TrainingTask, _ bytes: [UInt8], into path: String) throws {
        let picture = try TaskRunner().partitionPicture(
            weights: bytes, configuration: task.configuration, environment: task.environment)
        try FileWriter.write(PartitionPlot(picture).svg(), to: path)
        if json { return try printJSON(["regions": picture.regionCount]) }
        print("\(picture.regionCount) linear regions: \(path)")
    }
}
