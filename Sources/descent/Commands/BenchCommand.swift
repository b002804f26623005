import ArgumentParser
import Experiments
import LinearAlgebra
import Networks
import Runtime
import Sweeps

struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure this build on this machine.",
        subcommands: [BenchTrainCommand.self, BenchProbesCommand.self, BenchDispatchCommand.self])
}

struct BenchTrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Time training steps and Jacobians, and print CSV.",
        discussion: """
            Columns: kind (train_step or jacobian), model, width, batch, threads, ms_median, gflops. Operations are \
            counted as 2 for each multiply-add, times 3 for a training step and times 2 for a Jacobian.

            Example:
              descent bench train --model mlp --width 1,8,64 --batch 100 --input 1x8x8
              descent bench train --model convnet,resnet18 --width 1,4,16 --batch 128 --input 3x32x32
              descent bench train --model mlp3,mlp5,mlp7 --batch 512 --input 3x32x32
            """)

    @Option(help: "Model families of the catalog, separated by commas.")
    var model = "mlp"

    @Option(help: "Widths, separated by commas, for families that have any.")
    var width = "1,2,4,8,16,32,64"

    @Option(help: "Hidden layers of mlp, convolutions of cnn (default: the family's).")
    var depth: Int?

    @Flag(help: "Normalise batches.")
    var batchNorm = false

    @Option(help: "Examples a step.")
    var batch = 128

    @Option(help: ArgumentHelp("Shape of one input.", valueName: "channels x height x width"))
    var input = "1x8x8"

    @Option(help: "Threads; only one is used now.")
    var threads = 1

    @Option(help: "At least this many seconds a line.")
    var seconds = 0.5

    func validate() throws {
        guard threads == 1 else { throw ValidationError("Training uses one thread; --threads must be 1.") }
        guard batch > 0 else { throw ValidationError("--batch must be positive.") }
        guard shape != nil else {
            throw ValidationError("--input takes a shape such as 3x32x32, not '\(input)'.")
        }
        guard !widths.isEmpty else {
            throw ValidationError("--width takes whole numbers such as 1,8,64, not '\(width)'.")
        }
    }

    private var widths: [Int] {
        let parts = width.split(separator: ",").map { Int($0) }
        return parts.contains { ($0 ?? 0) < 1 } ? [] : parts.compactMap(\.self)
    }

    private var shape: ImageShape? {
        let parts = input.split(separator: "x").compactMap { Int($0) }
        guard parts.count == 3, parts.allSatisfy({ $0 > 0 }) else { return nil }
        return ImageShape(channels: parts[0], height: parts[1], width: parts[2])
    }

    func run() throws {
        guard let shape else { return }
        print("kind,model,width,batch,threads,ms_median,gflops")
        for (family, width) in subjects {
            let settings = try Vocabulary.modelSettings(
                family: family, width: width ?? 1, depth: depth, hasBatchNorm: batchNorm)
            let benchmark = ThroughputBenchmark(model: settings, input: shape, batch: batch)
            for timing in try benchmark.measure(timeMin: .seconds(seconds), now: { SystemClock.now }) {
                let numbers = [timing.millisecondsMedian, timing.gigaflops].map { rounded($0) }
                print(
                    "\(timing.kind),\(family),\(width.map(String.init) ?? ""),\(batch),\(threads),"
                        + numbers.joined(separator: ","))
            }
        }
    }

    /// Each family with each width; once, without a width, where its sizes are fixed.
    private var subjects: [(family: String, width: Int?)] {
        model.split(separator: ",").map(String.init).flatMap { family in
            let entry = Networks.Catalog.families.first { $0.name == family }
            let hasWidth = entry?.options.contains { $0.key == "width" } ?? true
            return hasWidth ? widths.map { (family, $0) } : [(family, nil)]
        }
    }
}

/// Four significant digits: more would be noise.
func rounded(_ value: Double) -> String {
    guard value > 0 else { return "0" }
    var scale = 1.0
    while value * scale < 1000 { scale *= 10 }
    return ((value * scale).rounded() / scale).shortestText
}
