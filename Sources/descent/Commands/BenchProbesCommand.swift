import ArgumentParser
import Experiments
import Runtime
import Sweeps

struct BenchProbesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "probes",
        abstract: "Time one reading of each probe beside an epoch of training, and print CSV.",
        discussion: """
            Columns: probe (train_epoch first), model, width, batch, threads, ms_median, share. The share is that of all \
            readings of a task, at logarithmic epochs, in its training time. Images are made up; a fifth of the labels \
            is wrong.

            Example:
              descent bench probes --model mlp --width 32 --depth 2 --input 1x8x8
              descent bench probes --model convnet --width 4 --input 3x32x32 --probe jacobian-norm,path-integrals
            """)

    @Option(help: "Model families of the catalog, separated by commas.")
    var model = "mlp"

    @Option(help: "Units or channels.")
    var width = 32

    @Option(help: "Hidden layers.")
    var depth = 2

    @Flag(help: "With batch normalisation.")
    var batchNorm = false

    @Option(help: "Examples a step.")
    var batch = 128

    @Option(help: ArgumentHelp("Shape of one input.", valueName: "channels x height x width"))
    var input = "1x8x8"

    @Option(help: "Training samples, and test samples.")
    var samples = 1024

    @Option(help: "Epochs of the task.")
    var epochs = 400

    @Option(help: "Probes, separated by commas (default: all that fit the model), at their standard options.")
    var probe: String?

    @Option(help: "Samples that each probe looks at (default: each its own).")
    var points: Int?

    @Flag(help: "Print JSON.")
    var json = false

    /// One line of the result, for programs.
    private struct Line: Encodable {
        let probe: String
        let model: String
        let width: Int
        let batch: Int
        let threads: Int
        let ms_median: Double
        let share: Double
    }

    func run() throws {
        var lines: [Line] = []
        if !json { print("probe,model,width,batch,threads,ms_median,share") }
        for family in model.split(separator: ",").map(String.init) {
            var settings = try resolved(family, probes: [])
            let names =
                try probe?.split(separator: ",").map(String.init)
                ?? ProbeBenchmark.fitting(settings)
            settings = try resolved(family, probes: names)
            for timing in try ProbeBenchmark(configuration: settings).measure(now: { SystemClock.now }) {
                let line = Line(
                    probe: timing.name, model: family, width: width, batch: batch, threads: 1,
                    ms_median: timing.millisecondsMedian, share: timing.share)
                lines.append(line)
                if json { continue }
                let numbers = [line.ms_median, line.share].map(rounded).joined(separator: ",")
                print("\(line.probe),\(family),\(width),\(batch),1,\(numbers)")
            }
        }
        if json { try printJSON(lines) }
    }

    /// The configuration of a task that has some probes.
    private func resolved(_ family: String, probes: [String]) throws -> Setting {
        let parts = input.split(separator: "x").compactMap { Int($0) }
        guard parts.count == 3 else {
            throw ValidationError("--input takes a shape such as 3x32x32, not '\(input)'.")
        }
        let keys = Vocabulary.modelKeys(of: family)
        var model: Setting = ["family": .text(family)]
        if keys.contains("width") { model["width"] = .integer(width) }
        if keys.contains("depth") { model["depth"] = .integer(depth) }
        if batchNorm { model["batch-norm"] = true }
        let listed = probes.map { name -> Setting in
            guard let points, Vocabulary.probeKeys(of: name).contains("points") else { return .text(name) }
            return .map([name: ["points": .integer(points)]])
        }
        return try Vocabulary.schema.resolve([
            "dataset": [
                "name": "synthetic", "train": .integer(samples), "test": .integer(samples),
                "channels": .integer(parts[0]), "height": .integer(parts[1]), "width": .integer(parts[2]),
                "noise": ["kind": "exact-other", "rate": 0.2],
            ],
            "model": model, "optimizer": "adam",
            "training": ["batch": .integer(batch), "epochs": .integer(epochs)],
            "measure": ["at": "logarithmic", "probes": .list(listed)],
        ]).configuration
    }
}
