internal import Basics
internal import Glibc

/// The user of a stormed run: gives one command after another, each as a process of its own, and looks at how it ends.
///
/// Commands reach a coordinator that may be frozen, dead, or just starting, or work on the store where there is none,
/// and some are killed halfway. All others must end in order: whoever steers does not care about the weather.
struct ChaosUser: ~Copyable {
    private let start: ([String]) throws -> ChildProcess
    private let arguments: @Sendable (ChaosUserCommand) -> [String]
    private var queue: [Order] = []
    private var running: Running?
    /// Commands given, by name.
    private(set) var counts: [String: Int] = [:]
    /// Commands that ended as they must not, one sentence each.
    private(set) var complaints: [String] = []
    /// Whether the run has been given its whole sweep.
    private(set) var hasExtended = false

    /// A command to give.
    struct Order {
        let command: ChaosUserCommand
        /// Not before.
        let due: Instant
        /// How long after its start to kill it; `nil` to leave it alone.
        var killAfter: Duration?
    }

    private struct Running {
        let order: Order
        let process: ChildProcess
        let killAt: Instant?
        var wasKilled = false
    }

    /// - Parameters:
    ///   - arguments: How the program spells a command.
    ///   - start: Starts the program.
    init(
        arguments: @escaping @Sendable (ChaosUserCommand) -> [String],
        start: @escaping ([String]) throws -> ChildProcess
    ) {
        self.arguments = arguments
        self.start = start
    }

    /// Whether nothing is under way and nothing waits for its time.
    var isIdle: Bool { queue.isEmpty && running == nil }

    mutating func want(_ order: Order) {
        let place = queue.firstIndex { $0.due > order.due } ?? queue.endIndex
        queue.insert(order, at: place)
    }

    /// Gives at once what waits for its time.
    mutating func hurry(at now: Instant) {
        queue = queue.map { Order(command: $0.command, due: now, killAfter: $0.killAfter) }
    }

    /// Starts what is due, strikes what is to be killed, and judges what has ended.
    ///
    /// - Throws: ``SystemError`` when a process cannot be started.
    mutating func turn(at now: Instant) throws {
        if var current = running {
            if let ending = current.process.ending() {
                judge(ending, of: current)
                running = nil
            } else if let killAt = current.killAt, killAt <= now, !current.wasKilled {
                current.process.send(signal: SIGKILL)
                current.wasKilled = true
                running = current
            }
        }
        guard running == nil, let next = queue.first, next.due <= now else { return }
        queue.removeFirst()
        counts[next.command.name, default: 0] += 1
        let process = try start(arguments(next.command))
        running = Running(order: next, process: process, killAt: next.killAfter.map { now + $0 })
    }

    private mutating func judge(_ ending: ChildProcess.Ending, of command: Running) {
        switch ending {
        case .signalled(SIGKILL) where command.wasKilled:
            // Nobody knows how far it came, and the run waits for it.
            if command.order.command == .extend {
                want(Order(command: .extend, due: command.order.due))
            }
        case .exited(let code) where command.order.command.mayEnd(with: ExitCode(rawValue: code)):
            if command.order.command == .extend { hasExtended = true }
        default: complaints.append("'descent \(command.order.command.name)' \(ending)")
        }
    }

    /// Leaves no process behind.
    mutating func end() {
        queue = []
        guard let process = running?.process else { return }
        process.send(signal: SIGKILL)
        var status: Int32 = 0
        waitpid(process.processID, &status, 0)
        running = nil
    }
}
