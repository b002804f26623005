import Basics
import Glibc
import Runtime
import TestSupport
import Testing

@Suite("Progress")
struct ProgressTests {
    @Test("the estimate of equal tasks is exact, and its interval has no width")
    func equalTasks() throws {
        var estimate = ProgressEstimate(startedAt: .origin)
        for second in 1...10 { estimate.completed(at: .origin + .seconds(second * 2)) }
        let now = Instant.origin + .seconds(20)
        let remaining = try #require(estimate.remaining(weight: 5, count: 5, at: now))
        let exact = ProgressEstimate.Remaining(
            expected: .seconds(10), low: .seconds(10), high: .seconds(10))
        #expect(remaining == exact)
        #expect(estimate.tasksPerSecond == 0.5)
    }

    @Test("tasks count by their weight")
    func weights() throws {
        var estimate = ProgressEstimate(startedAt: .origin)
        var now = Instant.origin
        for weight in [8.0, 4, 2, 1] {
            now = now + .seconds(weight)
            estimate.completed(weight: weight, at: now)
        }
        let remaining = try #require(estimate.remaining(weight: 30, count: 3, at: now))
        #expect(abs(remaining.expected.inSeconds - 30) < 1e-9)
    }

    @Test("the interval holds the truth about nineteen times out of twenty", arguments: [6, 40])
    func coverage(seen: Int) throws {
        for seed in seeds(2) {
            var generator = SeededGenerator(seed: seed, stream: "durations")
            var coveredCount = 0
            let rounds = 2000
            for _ in 0..<rounds {
                var estimate = ProgressEstimate(startedAt: .origin)
                var now = Instant.origin
                for _ in 0..<seen {
                    now = now + .seconds(1 + 0.2 * generator.normal())
                    estimate.completed(at: now)
                }
                let truth = (0..<60).reduce(0.0) { sum, _ in sum + 1 + 0.2 * generator.normal() }
                let remaining = try #require(estimate.remaining(weight: 60, count: 60, at: now))
                if remaining.low.inSeconds <= truth, truth <= remaining.high.inSeconds { coveredCount += 1 }
            }
            // Binomial with p = 0.95 and n = 2,000: deviation 0.49 %, so seven deviations are 3.4 %.
            let share = Double(coveredCount) / Double(rounds)
            #expect(abs(share - 0.95) < 0.034, "\(share) of the intervals held the truth; SEED=\(seed)")
        }
    }

    @Test("nothing is estimated from fewer than three tasks, and nothing remains of nothing")
    func tooFew() {
        var estimate = ProgressEstimate(startedAt: .origin)
        #expect(estimate.remaining(weight: 9, count: 9, at: .origin) == nil)
        estimate.completed(at: .origin + .seconds(1))
        estimate.completed(at: .origin + .seconds(2))
        #expect(estimate.remaining(weight: 9, count: 9, at: .origin + .seconds(2)) == nil)
        #expect(estimate.remaining(weight: 0, count: 0, at: .origin + .seconds(2))?.expected == .zero)
    }

    @Test("old completions are forgotten: the estimate follows a change of speed")
    func window() throws {
        var estimate = ProgressEstimate(startedAt: .origin)
        var now = Instant.origin
        for _ in 0..<1000 {
            now = now + .seconds(10)
            estimate.completed(at: now)
        }
        for _ in 0..<400 {
            now = now + .seconds(1)
            estimate.completed(at: now)
        }
        #expect(try #require(estimate.tasksPerSecond) == 1)
    }

    @Test("a report reads as one line")
    func text() {
        var report = ProgressReport()
        report.done = 310
        report.failed = 2
        report.running = 2
        report.total = 576
        report.elapsed = .seconds(76)
        report.tasksPerSecond = 4.105
        report.remaining = ProgressEstimate.Remaining(
            expected: .seconds(64), low: .seconds(58), high: .seconds(72))
        #expect(
            report.text
                == "312/576 tasks · 2 running · 2 failed · 4.1/s · 1m 16s · about 1m 4s left (58s to 1m 12s)")
        // What a held-up sweep did before says nothing of when it will end.
        report.problem = "the disk is full"
        #expect(report.text == "312/576 tasks · 2 running · 2 failed · 1m 16s · the disk is full")
    }

    @Test("durations show the two units that matter")
    func durations() {
        let expected: [(Duration, String)] = [
            (.zero, "0s"), (.milliseconds(250), "250ms"), (.seconds(59), "59s"), (.seconds(60), "1m 0s"),
            (.seconds(3599), "59m 59s"), (.seconds(3600), "1h 0m"), (.seconds(90_000), "1d 1h"),
        ]
        for (duration, text) in expected { #expect(duration.forPeople == text) }
    }

    @Test("without a terminal, progress is plain lines, and not more than one an interval")
    func plainLines() throws {
        let folder = try TemporaryFolder()
        let descriptor = open(folder.path + "/progress", O_WRONLY | O_CREAT, 0o600)
        var line = ProgressLine(output: descriptor, plainInterval: .seconds(5))
        var report = ProgressReport()
        report.total = 3
        for second in 0...6 {
            report.done = second / 2
            line.show(report, at: .origin + .seconds(second))
        }
        line.say("bob died")
        line.finish(report)
        line.finish(report)
        close(descriptor)
        #expect(
            folder.text(of: "progress") == """
                0/3 tasks · 0 running · 0s
                2/3 tasks · 0 running · 0s
                bob died
                3/3 tasks · 0 running · 0s
                3/3 tasks · 0 running · 0s

                """)
    }

    @Test("on a terminal, progress is one line that is rewritten")
    func terminal() throws {
        let folder = try TemporaryFolder()
        let descriptor = open(folder.path + "/progress", O_WRONLY | O_CREAT, 0o600)
        var line = ProgressLine(output: descriptor, isTerminal: true)
        var report = ProgressReport()
        report.total = 3
        line.show(report, at: .origin)
        line.say("bob died")
        line.finish(report)
        close(descriptor)
        let shown = "0/3 tasks · 0 running · 0s"
        // Colour depends on the environment of the test.
        let output = folder.text(of: "progress")?
            .replacing("\u{1B}[36m", with: "").replacing("\u{1B}[0m", with: "")
        let drawn = "\r\(shown)\u{1B}[K"
        #expect(output == "\(drawn)\r\u{1B}[Kbob died\n\(drawn)\(drawn)\n")
    }
}
