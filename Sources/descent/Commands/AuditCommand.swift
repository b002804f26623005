import ArgumentParser
import Basics
import Experiments
import Foundation
import LinearAlgebra
import ResultStore
import Runtime
import Sweeps

struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Prove from the store that every task of a run stands exactly once.",
        discussion: """
            Every hash is computed anew, of tasks and of results; every result must come from an attempt that was handed \
            out, and no fenced attempt may have left a row. Exit codes: 0 proven, 1 where tasks have no result (yet), 65 \
            where the store contradicts itself or training was not deterministic.

            Example:
              descent audit runs/quickstart
            """)

    @OptionGroup var target: RunArgument

    @Flag(help: "Print JSON.")
    var json = false

    private struct Report: Encodable {
        struct Finding: Encodable {
            let severity: String
            let text: String
        }

        let run: String
        let tasks: Int
        let results: Int
        let isProven: Bool
        let findings: [Finding]
    }

    func run() throws {
        let opened = try OpenedRun.open(RunDirectory(target.run), schema: Vocabulary.schema, for: .reading)
        let findings = opened.store.audit(against: opened.grid.ids)
        let done = (try? opened.store.counts().done) ?? 0
        if json {
            try printJSON(
                Report(
                    run: target.run, tasks: opened.grid.count, results: done, isProven: findings.isEmpty,
                    findings: findings.map {
                        Report.Finding(severity: $0.severity.rawValue, text: $0.description)
                    }))
        } else {
            for finding in findings { print(finding) }
            print(
                findings.isEmpty
                    ? "\(Quantity.tasks(opened.grid.count)), each with its one result: all hashes are right"
                    : "\(done) of \(Quantity.tasks(opened.grid.count)) have a result; "
                        + (findings.count == 1 ? "1 finding" : "\(findings.count) findings"))
        }
        guard let worst = findings.first else { return }
        throw ArgumentParser.ExitCode(worst.severity == .missing ? 1 : 65)
    }
}

struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Train tasks of a run again, in this process, and compare bit by bit.",
        discussion: """
            The same bits are promised for the same numeric profile (BLAS kernels and instruction set); where this \
            machine's is another, the command says so. OPENBLAS_CORETYPE and DESCENT_ISA choose it. Exit codes: 0 equal, \
            1 different.

            Examples:
              descent verify runs/quickstart --sample 10
              descent verify runs/quickstart --sample 10 --seed 2
            """)

    @OptionGroup var target: RunArgument

    @Option(help: "How many tasks to train again (default: all that are done).")
    var sample: Int?

    @Option(help: "Which tasks: another seed, another sample.")
    var seed: UInt64 = 0

    @Flag(help: "Print JSON.")
    var json = false

    private struct Report: Encodable {
        struct Difference: Encodable {
            let task: String
            let stored: String
            let received: String
            let profile: String
        }

        let run: String
        let compared: Int
        let equal: Int
        let profile: String
        /// Tasks whose results were made under another profile than this machine's.
        let otherProfile: Int
        let differences: [Difference]
    }

    func validate() throws {
        if let sample, sample < 1 { throw ValidationError("--sample must be at least 1.") }
    }

    func run() throws {
        let opened = try OpenedRun.open(RunDirectory(target.run), schema: Vocabulary.schema, for: .reading)
        try Preflight.checkData(of: opened.grid)
        let verification = RunVerification(opened)
        let tasks = try verification.sample(sample, seed: seed)
        let profile = NumericProfile.current
        let own = "\(profile.blasCore) \(profile.blasVersion) \(profile.instructionSet)"
        var comparisons: [RunVerification.Comparison] = []
        try verification.compare(tasks, train: VerifyCommand.train) { comparison in
            comparisons.append(comparison)
            if !comparison.isEqual { printError("task \(comparison.task) differs") }
            if isatty(2) == 1 { printError("\(comparisons.count) of \(tasks.count) compared") }
            return true
        }
        try report(comparisons, own: own)
    }

    /// Trains a task in this process, from its beginning to its end.
    static func train(_ task: TrainingTask) throws -> TaskResult {
        try TaskRunner(now: { SystemClock.now }).run(
            configuration: task.configuration, environment: task.environment, progress: { _ in },
            isCancelled: { false })
    }

    private func report(_ comparisons: [RunVerification.Comparison], own: String) throws {
        let different = comparisons.filter { !$0.isEqual }
        let otherProfile = comparisons.filter { $0.profile != own }
        if json {
            try printJSON(
                Report(
                    run: target.run, compared: comparisons.count, equal: comparisons.count - different.count,
                    profile: own, otherProfile: otherProfile.count,
                    differences: different.map {
                        Report.Difference(
                            task: $0.task.text, stored: $0.stored.hexadecimal,
                            received: $0.received.hexadecimal, profile: $0.profile)
                    }))
        } else {
            if let other = otherProfile.first {
                print(
                    "\(Quantity.tasks(otherProfile.count)) came from another numeric profile (\(other.profile)) than "
                        + "this machine's (\(own)): their last bits may differ")
            }
            for comparison in different {
                print(
                    "task \(comparison.task) differs: stored \(comparison.stored.hexadecimal.prefix(16)), trained again "
                        + "\(comparison.received.hexadecimal.prefix(16)), profile then \(comparison.profile)")
            }
            print(
                "\(comparisons.count - different.count) of \(Quantity.tasks(comparisons.count)) equal to the last bit"
            )
        }
        if !different.isEmpty { throw ArgumentParser.ExitCode(1) }
    }
}
