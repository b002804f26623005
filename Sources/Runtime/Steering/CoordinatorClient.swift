internal import Basics
internal import Foundation
internal import ResultStore
internal import ZeroMQ

/// The command line's line to the coordinator of a run.
struct CoordinatorClient {
    private let directory: RunDirectory
    private let endpoint: String

    /// Long enough for a million tasks to be marked on a slow disk.
    private static let patience = Duration.seconds(60)

    /// The coordinator that works on a run; `nil` where nobody does.
    ///
    /// - Throws: ``RunError/unreachable(directory:reason:)`` where somebody does whom we cannot ask.
    init?(of directory: RunDirectory) throws(RunError) {
        guard let holder = RunLock.readHolder(directory.lock), holder.mayLive else { return nil }
        let file = EndpointFile(contentsOf: directory.endpoint)
        guard let control = file?.control, holder.host == RunLock.Holder.current.host else {
            let reason =
                holder.host == RunLock.Holder.current.host
                ? "process \(holder.processID) holds it and does not listen (yet); try again"
                : "its coordinator runs on \(holder.host); give the command there"
            throw .unreachable(directory: directory.path, reason: reason)
        }
        self.directory = directory
        endpoint = control
    }

    /// Asks, and waits for the answer.
    ///
    /// - Throws: ``RunError/unreachable(directory:reason:)`` when none comes, ``RunError/declined(reason:exitCode:)`` when
    ///   the coordinator will not.
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
            _ = try poller.wait(for: isSent ? deadline - SystemClock.now : .milliseconds(5))
            guard let body = try socket.receive()?.frames.first else { continue }
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
}
