internal import Basics
public import Sweeps

/// What the user of a stormed run gives as a command, and how that may end.
public enum ChaosUserCommand: Hashable, Sendable {
    /// With a predicate, or all tasks.
    case pause(where: String?)
    case unpause
    case cancel(where: String?)
    /// Brings back what is cancelled.
    case retry
    /// A worker, or all of a host.
    case drain(String)
    case status
    case explain(TaskID)
    case audit
    /// Gives the run the whole sweep in place of a part of it.
    case extend

    /// The command's name, under which it is counted.
    public var name: String {
        switch self {
        case .pause: "pause"
        case .unpause: "unpause"
        case .cancel: "cancel"
        case .retry: "retry"
        case .drain: "drain"
        case .status: "status"
        case .explain: "explain"
        case .audit: "audit"
        case .extend: "extend"
        }
    }

    /// The names in the order in which an account lists them.
    static let names = [
        "pause", "unpause", "cancel", "retry", "drain", "extend", "status", "explain", "audit",
    ]

    /// Whether a command in order ends with this code, whatever a storm does to the others.
    func mayEnd(with code: ExitCode?) -> Bool {
        switch (self, code) {
        case (_, .done): true
        // The worker has left already, or nobody works on the run at this moment.
        case (.drain, .missingInput), (.drain, .unavailable): true
        // Some tasks have no result yet; anything else that an audit finds is a fault.
        case (.audit, .failedTasks): true
        default: false
        }
    }
}

/// What the user of a stormed run wants next.
enum ChaosWish: Hashable, Sendable {
    /// Hands out no more of some tasks, and releases them after a while.
    case pause(Selection, for: Duration)
    /// Takes some tasks from their workers, and brings them back after a while.
    case cancel(Selection, for: Duration)
    /// Lets one worker leave, or all of them.
    case drain(all: Bool)
    case status
    case explain
    case audit

    /// Which tasks are meant.
    enum Selection: Hashable, Sendable {
        case all
        /// Those in this state.
        case condition(TaskCondition)
        /// Some.
        case some
    }
}

/// What the user wants when: the same for the same seed.
///
/// Every kind of wish comes once before any comes again, so that the shortest storm has them all.
struct ChaosWishes: Sendable {
    private var generator: SeededGenerator
    private let pauseMean: Duration
    private var deck: [Kind] = []

    private enum Kind: CaseIterable {
        case pause
        case cancel
        case drain
        case status
        case explain
        case audit
    }

    /// Most tasks that a predicate names one by one.
    private static let tasksNamedMax = 20

    /// - Parameters:
    ///   - seed: Decides everything.
    ///   - pauseMean: The mean time between two wishes.
    init(seed: UInt64, pauseMean: Duration) {
        generator = SeededGenerator(seed: seed, stream: "user")
        self.pauseMean = pauseMean
    }

    /// The next wish, and how long after the one before it.
    mutating func next() -> (after: Duration, wish: ChaosWish) {
        if deck.isEmpty {
            deck = Kind.allCases
            generator.shuffle(&deck)
        }
        let pause = pauseMean * generator.uniform(0.2, 1.8)
        let wish: ChaosWish =
            switch deck.removeLast() {
            case .pause: .pause(selection(), for: duration(0.3, 2))
            case .cancel: .cancel(selection(), for: duration(0.3, 2))
            case .drain: .drain(all: generator.index(below: 3) == 0)
            case .status: .status
            case .explain: .explain
            case .audit: .audit
            }
        return (pause, wish)
    }

    private mutating func selection() -> ChaosWish.Selection {
        switch generator.index(below: 6) {
        case 0: .all
        case 1: .condition(.waiting)
        case 2, 3: .condition(.running)
        default: .some
        }
    }

    private mutating func duration(_ low: Double, _ high: Double) -> Duration {
        .milliseconds(Int(generator.uniform(low, high) * 1000))
    }

    /// How long after its start a command is killed; `nil` for most, which are left alone.
    mutating func killDelay() -> Duration? {
        generator.index(below: 4) == 0 ? duration(0.005, 0.2) : nil
    }

    /// The predicate of a selection; `nil` for all tasks.
    mutating func predicate(of selection: ChaosWish.Selection, among tasks: [TaskID]) -> String? {
        switch selection {
        case .all: return nil
        case .condition(let condition): return condition.rawValue
        case .some:
            var chosen = tasks
            generator.shuffle(&chosen)
            let count = min(max(1, tasks.count / 3), ChaosWishes.tasksNamedMax)
            return "task in [\(chosen.prefix(count).map(\.text).joined(separator: ", "))]"
        }
    }

    /// One of some; `nil` where there is none.
    mutating func choice<Element>(of elements: [Element]) -> Element? {
        elements.isEmpty ? nil : elements[generator.index(below: elements.count)]
    }

    /// How many faults strike a run of a part of the sweep before it is extended.
    mutating func faultsBeforeExtension() -> Int { 1 + generator.index(below: 4) }
}
