internal import Basics
internal import Foundation
internal import ResultStore
internal import ZeroMQ

/// The command line's line to the coordinator of a run.
struct CoordinatorClient {
    private let directory: RunDirectory
    private let holder: RunLock.Holder
    private let endpoint: String

    /// Long enough for a million tasks to be marked on a slow disk.
    private static let patience = Duration.seconds(60)
    /// How often to look whether the coordinator is still there.
    private static let watchInterval = Duration.milliseconds(200)

    /// The coordinator that works on a run; `nil` where nobody does.
    ///
    /// - Throws: ``RunError/unreachable(directory:reason:)`` where somebody does whom we cannot ask,
    ///   ``RunError/changingHands(directory:reason:)`` where asking again in a moment may help.
    init?(of directory: RunDirectory) throws(RunError) {
        guard let holder = RunLock.readHolder(directory.lock), holder.mayLive else { return nil }
        guard holder.host == RunLock.Holder.current.host else {
            throw .unreachable(
                directory: directory.path,
                reason: "its coordinator runs on \(holder.host); give the command there")
        }
        // The address of a coordinator that was killed stands there until the next one listens.
        let file = EndpointFile(contentsOf: directory.endpoint)
        guard let control = file?.control, file?.processID == Int(holder.processID) else {
            throw .changingHands(
                directory: directory.path,
                reason: "process \(holder.processID) holds it and does not listen (yet); try again")
        }
        self.directory = directory
        self.holder = holder
        endpoint = control
    }

    /// Asks, and waits for the answer.
    ///
    /// - Throws: ``RunError/unreachable(directory:reason:)`` when none comes, ``RunError/changingHands(directory:reason:)``
    ///   when the coordinator has gone, and may or may not have done it; ``RunError/declined(reason:exitCode:)`` when it
    ///   will not.
    func ask(_ request: ControlRequest, within patience: Duration = patience) throws -> ControlReply {
        let socket = try Socket(.dealer, in: try Context())
        try socket.connect(to: endpoint)
        let deadline = SystemClock.now + patience
        var poller = Poller()
        _ = poller.watch(socket)
        var isSent = false
        while SystemClock.now < deadline {
            // Until the connection stands nothing is taken.
            if !isSent { isSent = try socket.send([request.encoded]) == .queued }
            let pause = isSent ? CoordinatorClient.watchInterval : .milliseconds(5)
            _ = try poller.wait(for: min(pause, deadline - SystemClock.now))
            guard let body = try socket.receive()?.frames.first else {
                try checkPresence()
                continue
            }
            guard let reply = try? JSONDecoder().decode(ControlReply.self, from: Data(body)) else {
                throw RunError.unreachable(
                    directory: directory.path, reason: "its coordinator answers in another language")
            }
            if let problem = reply.problem {
                throw RunError.declined(
                    reason: problem,
                    exitCode: reply.exitCode.flatMap(ExitCode.init(rawValue:)) ?? .internalError)
            }
            return reply
        }
        throw RunError.unreachable(
            directory: directory.path,
            reason: "its coordinator does not answer within \(patience.forPeople); try again")
    }

    /// An answer never comes from the dead, nor from another coordinator than the one that was asked.
    private func checkPresence() throws(RunError) {
        if holder.mayLive, RunLock.readHolder(directory.lock) == holder { return }
        throw .changingHands(
            directory: directory.path,
            reason: "its coordinator has gone before it answered, and may not have done it; try again")
    }
}
