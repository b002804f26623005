import Sweeps
import Testing

@Suite("Predicate")
struct PredicateTests {
    static let axes = Axis.named([
        Axis("model.width", [1, 2, 32, 64]), Axis("dataset.noise.rate", [0, 0.1, 0.2]),
        Axis("optimizer.learning-rate", [0.005, 0.1]), Axis("model.activation", ["relu", "tanh"]),
        Axis("seed", [0, 1]),
    ])
    static let values: [Setting] = [32, 0.2, 0.005, "relu", 1]
    static let waiting = TaskSituation(.waiting)

    static func matches(_ text: String, _ situation: TaskSituation = waiting) throws -> Bool {
        try Predicate(text, axes: axes).matches(TaskID(of: 1), axisValues: values, situation)
    }

    static func problem(_ text: String) -> String {
        do throws(Predicate.Problem) {
            _ = try Predicate(text, axes: axes)
            return ""
        } catch {
            return error.description
        }
    }

    @Test(
        "comparisons of axes hold for the tasks that they hold for",
        arguments: [
            ("width=32", true), ("width==32.0", true), ("width!=32", false), ("width>=32", true),
            ("width > 32", false), ("model.width<64", true), ("noise.rate<=0.2", true),
            ("dataset.noise.rate=0.2", true), ("rate in [0.1, 0.2]", true), ("rate not in [0.2]", false),
            ("learning-rate=5e-3", true), ("learning_rate<1", true), ("activation=relu", true),
            ("activation = 'tanh'", false), ("activation in [\"relu\", tanh]", true), ("seed>-1", true),
        ])
    func comparisons(text: String, isMet: Bool) throws {
        #expect(try Self.matches(text) == isMet)
    }

    @Test(
        "'not' binds tighter than 'and', and 'and' than 'or'",
        arguments: [
            ("width=1 or width=32 and seed=0", false), ("(width=1 or width=32) and seed=1", true),
            ("width=32 or width=1 and seed=0", true), ("not width=1 and seed=1", true),
            ("not (width=32 and seed=1)", false), ("not not seed=1", true), ("WIDTH=1 OR seed=1", nil),
            ("width=1 OR seed=1", true),
        ])
    func precedence(text: String, isMet: Bool?) throws {
        guard let isMet else {
            #expect(Self.problem(text) != "")
            return
        }
        #expect(try Self.matches(text) == isMet)
    }

    @Test("states, failures, workers, attempts and ids can be asked for")
    func situations() throws {
        let failed = TaskSituation(.failed, attempts: 3, failure: .crash)
        let running = TaskSituation(.running, hold: .paused, attempts: 1, worker: "alice")
        #expect(try Self.matches("failed", failed))
        #expect(try !Self.matches("failed"))
        #expect(try Self.matches("state=failed and class=crash", failed))
        #expect(try Self.matches("state in [waiting, failed] and attempts>=3", failed))
        #expect(try Self.matches("running and worker=alice", running))
        #expect(try Self.matches("task=\(TaskID(of: 1))"))
        #expect(try Predicate("not failed", axes: Self.axes).namesCondition)
        #expect(try !Predicate("class=crash or width>1", axes: Self.axes).namesCondition)
    }

    @Test("a task without a value on an axis is unequal to all of them")
    func missingValue() throws {
        let predicate = try Predicate("width!=1", axes: Self.axes)
        let other = try Predicate("width<1000", axes: Self.axes)
        #expect(predicate.matches(TaskID(of: 1), axisValues: [], Self.waiting))
        #expect(!other.matches(TaskID(of: 1), axisValues: [], Self.waiting))
    }

    @Test(
        "what is not understood is named, with the nearest that would be",
        arguments: [
            ("widht>=32", "'widht' is no axis of this sweep; nearest known axis 'width'"),
            ("failde", "'failde' is no state; nearest known word 'failed'"),
            ("state=pausd", "'state' is never 'pausd'; nearest known value 'paused'"),
            ("activation=rleu", "'activation' is never 'rleu'; nearest known value 'relu'"),
            ("width", "'width' needs a comparison"), ("width>=", "a value of 'width' was expected"),
            ("width>=wide", "'width' is never 'wide'"),
            ("activation>relu", "'>' compares numbers, and"),
            ("(width=1", "')' was expected and not 'the end'"),
            ("width=1 seed=2", "'seed' comes where 'and', 'or' or the end was expected"),
            ("width=1 & seed=2", "'&' has no meaning"), ("width in 1", "'[' was expected"),
            ("activation='relu", "has no end"), ("", "an axis or a state was expected and not 'the end'"),
        ])
    func problems(text: String, message: String) {
        let problem = Self.problem(text)
        #expect(problem.contains(message), "\(problem)")
        #expect(problem.hasPrefix("'\(text)': "))
    }

    @Test("a short name that two axes share is refused with both")
    func ambiguous() {
        let axes = Axis.named([Axis("model.depth", [1, 2]), Axis("probe.depth", [1, 2])])
        let error = #expect(throws: Predicate.Problem.self) { try Predicate("depth=1", axes: axes) }
        #expect(error?.description.contains("'model.depth' and 'probe.depth'") == true)
    }

    @Test("no nesting is deep enough to end the process")
    func deep() {
        let text = String(repeating: "(", count: 100_000)
        #expect(Self.problem(text).contains("too many parentheses"))
    }
}
