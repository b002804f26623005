internal import Basics
internal import Coordination
internal import Foundation
internal import Messaging
internal import Sweeps

/// What the command line asks a coordinator that runs on the same machine.
enum ControlRequest: Hashable, Sendable {
    /// Do this to the tasks that are meant; to all where nothing is said.
    case steer(SteeringVerb, where: String?, reason: String)
    /// Let a worker, or all workers of a host, leave.
    case dismiss(String)
    /// What keeps this task, named by its id, from being handed out?
    case obstacle(String)
    /// How does the sweep stand?
    case picture

    private struct Body: Codable {
        var request: String
        var predicate: String?
        var reason: String?
        var worker: String?
        var task: String?
    }

    /// The request as JSON.
    var encoded: [UInt8] {
        let body: Body =
            switch self {
            case .steer(let verb, let predicate, let reason):
                Body(request: verb.rawValue, predicate: predicate, reason: reason)
            case .dismiss(let worker): Body(request: "drain", worker: worker)
            case .obstacle(let task): Body(request: "explain", task: task)
            case .picture: Body(request: "status")
            }
        // A handful of texts always encodes.
        return (try? JSONEncoder().encode(body)).map { [UInt8]($0) } ?? []
    }

    /// A request read back; `nil` for anything else.
    init?(encoded: [UInt8]) {
        guard encoded.count < 1 << 16, let body = try? JSONDecoder().decode(Body.self, from: Data(encoded))
        else { return nil }
        if let verb = SteeringVerb(rawValue: body.request) {
            self = .steer(verb, where: body.predicate, reason: body.reason ?? "")
        } else if body.request == "drain", let worker = body.worker {
            self = .dismiss(worker)
        } else if body.request == "explain", let task = body.task {
            self = .obstacle(task)
        } else if body.request == "status" {
            self = .picture
        } else {
            return nil
        }
    }
}

/// What a coordinator answers the command line.
struct ControlReply: Codable, Hashable, Sendable {
    /// Tasks that were touched, durably.
    var taskCount: Int?
    /// Workers that will leave.
    var workers: [String]?
    var picture: LivePicture?
    /// What keeps a task from being handed out; one sentence, `nil` for nothing.
    var obstacle: String?
    /// Why nothing was done; one sentence.
    var problem: String?
    /// What the command shall end with where there is a problem.
    var exitCode: Int32?

    init(_ answer: Coordinator.Answer) {
        switch answer {
        case .steered(let count): taskCount = count
        case .dismissed(let names): workers = names
        case .ended: (problem, exitCode) = ("the sweep has just ended; run the command again", 75)
        }
    }

    init(obstacle: Coordinator.Obstacle?) { self.obstacle = obstacle?.description }

    init(_ picture: LivePicture) { self.picture = picture }

    init(problem: String, _ exitCode: ExitCode) {
        self.problem = problem
        self.exitCode = exitCode.rawValue
    }

    static let notUnderstood = ControlReply(
        problem: "the coordinator does not know this request: it runs another version of the program",
        .configuration)
}

/// What only the coordinator knows of a sweep: who is there, and how fast.
public struct LivePicture: Codable, Hashable, Sendable {
    public let mode: String
    /// Why nothing can be stored at the moment; `nil` while the store works.
    public let storeProblem: String?
    public let tasksPerSecond: Double?
    public let secondsLeft: Double?
    public let secondsLeftLow: Double?
    public let secondsLeftHigh: Double?
    public let disagreementCount: Int
    public let workers: [Worker]
    /// Hosts on which tasks fail that may do well elsewhere; `nil` from a coordinator that does not know of such.
    public let suspectHosts: [Host]?
    /// Why nothing moves although tasks wait and workers are here; one sentence, `nil` while anything does.
    public let standstill: String?

    public struct Host: Codable, Hashable, Sendable {
        public let name: String
        /// It gets no tasks; false where nobody else could take them.
        public let isSetAside: Bool
        /// How many tasks in a row failed there.
        public let failureCount: Int
        /// One sentence for people, with what to do.
        public let text: String
    }

    public struct Worker: Codable, Hashable, Sendable {
        public let name: String
        public let host: String
        /// `working`, `idle`, `set aside`, `lacks time`, `leaving` or `silent`.
        public let state: String
        /// The task in training.
        public let task: String?
        public let epoch: Int?
        public let epochCount: Int?
        /// Results since the coordinator started.
        public let resultCount: Int
        /// 1 for a worker as fast as all together.
        public let relativeSpeed: Double?
        /// How long it may stay; `nil` for as long as it likes.
        public let secondsLeft: Double?
    }

    init(_ picture: Coordinator.Picture) {
        mode = picture.mode.rawValue
        storeProblem = picture.storeProblem
        tasksPerSecond = picture.tasksPerSecond
        secondsLeft = picture.forecast?.expected.inSeconds
        secondsLeftLow = picture.forecast?.low.inSeconds
        secondsLeftHigh = picture.forecast?.high.inSeconds
        disagreementCount = picture.disagreementCount
        workers = picture.workers.map(Worker.init)
        standstill = picture.standstill?.description
        suspectHosts = picture.suspectHosts.map { host in
            Host(
                name: host.name, isSetAside: host.isSetAside, failureCount: host.failures.count,
                text: host.description)
        }
    }
}

extension LivePicture.Worker {
    fileprivate init(_ worker: Coordinator.WorkerPicture) {
        let first = worker.holding.first
        name = worker.name
        host = worker.description?.host ?? ""
        state =
            if worker.isSuspect {
                "silent"
            } else if worker.isDismissed {
                "leaving"
            } else if first != nil {
                "working"
            } else {
                worker.isSetAside ? "set aside" : worker.lacksTime ? "lacks time" : "idle"
            }
        task = first?.assignment.task.text
        epoch = first?.progress?.epoch
        epochCount = first?.progress?.epochCount
        resultCount = worker.resultCount
        relativeSpeed = worker.relativeSpeed
        secondsLeft = worker.timeLeft?.inSeconds
    }
}
