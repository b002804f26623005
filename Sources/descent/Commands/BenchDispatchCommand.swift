import ArgumentParser
import Foundation
import Runtime
import Sweeps

struct BenchDispatchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dispatch",
        abstract: "Time how fast tasks that do nothing are handed out and recorded, and print CSV.",
        discussion: """
            Real worker processes, ZeroMQ and the durable store; only the training is missing. Columns: engine, tasks, \
            workers, seconds, tasks_per_s, us_per_task, coordinator_cpu_us_per_task, peak_mib. The clock starts when \
            all workers have joined and stops when the last result is durable.

            Example:
              descent bench dispatch --tasks 20000 --workers 8
              descent bench dispatch --tasks 10000 --workers 16 --seconds 1 --encrypt
            """)

    @Option(help: "Tasks to hand out.")
    var tasks = 20_000

    @Option(help: "Worker processes.")
    var workers = 8

    @Option(help: "How long every task sleeps, in seconds (default: not at all).")
    var seconds = 0.0

    @Option(
        help:
            "The folder, on the disk to be measured, in which a temporary run is made (default: the system's).",
        completion: .directory)
    var directory: String?

    @Flag(help: "Encrypt and authenticate with CURVE, as between machines.")
    var encrypt = false

    @Flag(help: "Print JSON.")
    var json = false

    @Option(help: ArgumentHelp("Be a worker of the benchmark in this folder.", visibility: .hidden))
    var work: String?

    func validate() throws {
        guard tasks > 0, workers > 0 else {
            throw ValidationError("--tasks and --workers must be positive.")
        }
        guard (0...3600).contains(seconds) else {
            throw ValidationError("--seconds must lie between 0 and 3600.")
        }
    }

    /// One line of the result, for programs.
    private struct Line: Encodable {
        let engine: String
        let tasks: Int
        let workers: Int
        let seconds: Double
        let tasks_per_s: Double
        let us_per_task: Double
        let coordinator_cpu_us_per_task: Double
        let peak_mib: Double
    }

    func run() throws {
        if let work { return try DispatchBenchmark.work(in: RunDirectory(work), build: BuildVersion.text) }
        let folder = (directory ?? NSTemporaryDirectory()) + "/descent-dispatch-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var options = DispatchBenchmark.Options(
            taskCount: tasks, workerCount: workers, directory: RunDirectory(folder),
            workerArguments: { _ in ["bench", "dispatch", "--work", folder] })
        options.isEncrypted = encrypt
        options.taskSeconds = seconds
        let benchmark = DispatchBenchmark(options)
        let engine = encrypt ? "descent-curve" : "descent"
        let measured = try benchmark.measure()
        let line = Line(
            engine: engine, tasks: tasks, workers: workers, seconds: measured.seconds,
            tasks_per_s: measured.tasksPerSecond, us_per_task: measured.microsecondsPerTask,
            coordinator_cpu_us_per_task: measured.coordinatorMicrosecondsPerTask,
            peak_mib: measured.peakMebibytes)
        if json { return try printJSON(line) }
        print("engine,tasks,workers,seconds,tasks_per_s,us_per_task,coordinator_cpu_us_per_task,peak_mib")
        let numbers = [
            line.seconds, line.tasks_per_s, line.us_per_task, line.coordinator_cpu_us_per_task, line.peak_mib,
        ]
        print("\(engine),\(tasks),\(workers),\(numbers.map(rounded).joined(separator: ","))")
    }
}
