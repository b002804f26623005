/// Which tasks of a sweep are meant: `width>=32 and noise.rate=0.2`, `failed or depth in [1, 2]`.
///
/// Names are the sweep's axes, by their path or any end of it (`dataset.noise.rate`, `noise.rate`, `rate`), and
/// `state`, `attempts`, `worker`, `class` (why it failed) and `task` (its id). A state stands alone as well: `failed`.
/// Operators are `=`, `!=`, `<`, `<=`, `>`, `>=` and `in [..]`, joined by `and`, `or`, `not` and parentheses.
///
///     let predicate = try Predicate("width>=32 and failed", axes: grid.axes)
///     predicate.matches(task.id, axisValues: task.axisValues, situation)
public struct Predicate: Hashable, Sendable {
    let root: Node
    /// Whether a state is asked for by its name.
    public let namesCondition: Bool

    indirect enum Node: Hashable, Sendable {
        case all([Node])
        case any([Node])
        case not(Node)
        case compare(Field, Comparison, Setting)
        case among(Field, [Setting])
    }

    enum Field: Hashable, Sendable {
        /// By its place among the sweep's axes.
        case axis(Int)
        case state
        case attempts
        case worker
        case failureClass
        case task
    }

    enum Comparison: String, Hashable, Sendable, CaseIterable {
        case equal = "="
        case unequal = "!="
        case less = "<"
        case atMost = "<="
        case greater = ">"
        case atLeast = ">="
    }

    /// What is wrong with the text of a predicate; one sentence that shows where.
    public struct Problem: Error, Hashable, CustomStringConvertible {
        public let description: String
    }

    /// Reads a predicate over the axes of a sweep.
    ///
    /// - Throws: ``Problem`` naming what is not understood and the nearest thing that would be.
    public init(_ text: String, axes: [Axis]) throws(Problem) {
        var parser = PredicateParser(text, axes: axes)
        root = try parser.parse()
        namesCondition = root.namesCondition
    }

    /// Whether the task is meant.
    ///
    /// A task that has no value on an axis, as included ones may, is unequal to every value of it.
    public func matches(_ task: TaskID, axisValues: [Setting], _ situation: TaskSituation) -> Bool {
        root.matches { field in
            switch field {
            case .axis(let index): index < axisValues.count ? axisValues[index] : .null
            case .state: .text(situation.condition.rawValue)
            case .attempts: .integer(Int(situation.attempts))
            case .worker: situation.worker.map(Setting.text) ?? .null
            case .failureClass: situation.failure.map { .text($0.rawValue) } ?? .null
            case .task: .text(task.text)
            }
        }
    }
}

extension Predicate.Node {
    fileprivate func matches(_ value: (Predicate.Field) -> Setting) -> Bool {
        switch self {
        case .all(let nodes): nodes.allSatisfy { $0.matches(value) }
        case .any(let nodes): nodes.contains { $0.matches(value) }
        case .not(let node): !node.matches(value)
        case .compare(let field, let comparison, let wanted): comparison.holds(value(field), wanted)
        case .among(let field, let wanted): wanted.contains { $0.means(value(field)) }
        }
    }

    fileprivate var namesCondition: Bool {
        switch self {
        case .all(let nodes), .any(let nodes): nodes.contains(where: \.namesCondition)
        case .not(let node): node.namesCondition
        case .compare(let field, _, _), .among(let field, _): field == .state
        }
    }
}

extension Predicate.Comparison {
    fileprivate func holds(_ value: Setting, _ wanted: Setting) -> Bool {
        switch self {
        case .equal: return value.means(wanted)
        case .unequal: return !value.means(wanted)
        case .less, .atMost, .greater, .atLeast: break
        }
        guard let a = value.asNumber, let b = wanted.asNumber else { return false }
        return switch self {
        case .less: a < b
        case .atMost: a <= b
        case .greater: a > b
        case .atLeast, .equal, .unequal: a >= b
        }
    }

    /// True for comparisons that need numbers.
    var isOrder: Bool { self != .equal && self != .unequal }
}
