internal import Foundation
internal import Glibc
internal import ZeroMQ

/// The coordinator's ear for the command line: a socket that only its user can reach.
///
/// It lies in a folder of mode 0700 in the run directory, or, where that path is longer than a socket's may be or the
/// file system knows no sockets, in a fresh folder under `/tmp`; `endpoint.json` says where.
final class ControlChannel {
    /// Such as `ipc:///home/alice/runs/quickstart/control/socket`.
    let endpoint: String
    private let router: Socket
    private let folder: String

    /// Who asked.
    struct Peer: Sendable {
        fileprivate let frame: [UInt8]
    }

    /// The longest path that fits into `sockaddr_un`, with its terminating zero.
    static let pathBytesMax = 107

    /// Listens for the commands of a run; `nil` where this machine does not allow it, which costs nothing but comfort.
    static func open(in directory: RunDirectory, _ context: Context) -> ControlChannel? {
        for folder in ControlChannel.folders(for: directory) {
            let path = folder + "/socket"
            guard path.utf8.count <= ControlChannel.pathBytesMax,
                let router = try? Socket(.router, in: context)
            else { continue }
            do {
                try router.bind(to: "ipc://\(path)")
            } catch {
                rmdir(folder)
                continue
            }
            chmod(path, 0o600)
            return ControlChannel(endpoint: "ipc://\(path)", router: router, folder: folder)
        }
        return nil
    }

    private init(endpoint: String, router: consuming Socket, folder: String) {
        self.endpoint = endpoint
        self.router = router
        self.folder = folder
    }

    deinit {
        unlink(folder + "/socket")
        rmdir(folder)
    }

    /// Private folders to try, in order; made when their turn comes.
    private static func folders(for directory: RunDirectory) -> some Sequence<String> {
        let path = URL(filePath: directory.path).standardizedFileURL.path + "/control"
        let makers: [() -> String?] = [
            {
                guard mkdir(path, 0o700) == 0 || errno == EEXIST, chmod(path, 0o700) == 0 else { return nil }
                return path
            },
            {
                var template = Array("/tmp/descent-XXXXXX".utf8CString)
                guard mkdtemp(&template) != nil else { return nil }
                return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
            },
        ]
        return makers.lazy.compactMap { $0() }
    }

    func watch(in poller: inout Poller) { _ = poller.watch(router) }

    /// The next request; one that is none as `nil`.
    ///
    /// - Throws: `ZeroMQError` when the socket is broken.
    func receive() throws(ZeroMQError) -> (Peer, ControlRequest?)? {
        guard let message = try router.receive(frameCountMax: 2), let peer = message.frames.first else {
            return nil
        }
        let body = message.frames.count == 2 && message.droppedFrameCount == 0 ? message.frames[1] : []
        return (Peer(frame: peer), ControlRequest(encoded: body))
    }

    /// Answers; who has gone meanwhile hears nothing.
    func reply(_ reply: ControlReply, to peer: Peer) throws(ZeroMQError) {
        guard let body = try? JSONEncoder().encode(reply) else { return }
        _ = try router.send([peer.frame, [UInt8](body)])
    }
}
