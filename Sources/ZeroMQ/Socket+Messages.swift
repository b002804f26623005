internal import CZeroMQ
internal import Glibc

/// What became of a message that was handed to a socket.
public enum SendOutcome: Hashable, Sendable {
    /// It waits to be sent, which does not mean that it will arrive.
    case queued
    /// The queue is full, or no connection stands: nothing of it was taken; try again later.
    case wouldBlock
    /// A router has no peer of this routing id.
    case unreachable
}

/// Frames that arrived together.
public struct ReceivedMessage: Hashable, Sendable {
    /// The first frames, in order.
    public let frames: [[UInt8]]
    /// How many more there were than the caller wanted to hold.
    public let droppedFrameCount: Int
    /// The key that the sender has proved to own, as text; `nil` on connections in plain text, whatever the sender
    /// claims.
    public let userID: String?
}

extension Socket {
    /// Hands over all frames as one message, without waiting.
    ///
    /// - Precondition: There is at least one frame.
    /// - Throws: ``ZeroMQError`` when the socket is broken, which no peer can cause.
    public borrowing func send(_ frames: [[UInt8]]) throws(ZeroMQError) -> SendOutcome {
        precondition(!frames.isEmpty, "a message has at least one frame")
        var outcome = SendOutcome.queued
        for (index, frame) in frames.enumerated() {
            let isLast = index == frames.count - 1
            switch try send(frame, flags: ZMQ_DONTWAIT | (isLast ? 0 : ZMQ_SNDMORE)) {
            case .queued: break
            case .unreachable: return .unreachable
            case .wouldBlock:
                if index == 0 { return .wouldBlock }
                // The connection broke within the message. libzmq takes back what it had and swallows the rest, which
                // it must be given, or it would take the next message for that rest.
                outcome = .wouldBlock
            }
        }
        return outcome
    }

    private borrowing func send(_ frame: [UInt8], flags: Int32) throws(ZeroMQError) -> SendOutcome {
        let pointer = pointer
        while true {
            let result = frame.withUnsafeBytes {
                zmq_send(pointer.handle, $0.baseAddress, $0.count, flags)
            }
            if result != -1 { return .queued }
            switch zmq_errno() {
            case EINTR: continue
            case EAGAIN: return .wouldBlock
            case EHOSTUNREACH: return .unreachable
            default: throw ZeroMQError.latest(from: "zmq_send")
            }
        }
    }

    /// Takes the next message, without waiting.
    ///
    /// A hostile peer may send any number of frames: those beyond `frameCountMax` are counted and thrown away.
    ///
    /// - Returns: `nil` where nothing has arrived.
    /// - Throws: ``ZeroMQError`` when the socket is broken, which no peer can cause.
    public borrowing func receive(frameCountMax: Int = 8) throws(ZeroMQError) -> ReceivedMessage? {
        let pointer = pointer
        var frames: [[UInt8]] = []
        var droppedFrameCount = 0
        var userID: String?
        var part = zmq_msg_t()
        zmq_msg_init(&part)
        defer { zmq_msg_close(&part) }
        repeat {
            guard try SocketPointer.receive(&part, from: pointer) else {
                // Frames of one message arrive together, so only the first can be missing.
                return nil
            }
            // A router's first frame, the routing id, lacks it when the message came after a poll.
            if pointer.authenticatesPeers, userID == nil, frames.count < 2 {
                userID = zmq_msg_gets(&part, "User-Id").map { String(cString: $0) }
            }
            if frames.count < frameCountMax {
                let bytes = UnsafeRawBufferPointer(start: zmq_msg_data(&part), count: zmq_msg_size(&part))
                frames.append(Array(bytes))
            } else {
                droppedFrameCount += 1
            }
        } while zmq_msg_more(&part) == 1
        return ReceivedMessage(frames: frames, droppedFrameCount: droppedFrameCount, userID: userID)
    }
}

extension SocketPointer {
    /// Receives one frame; false where nothing has arrived.
    fileprivate static func receive(
        _ part: inout zmq_msg_t, from pointer: SocketPointer
    ) throws(ZeroMQError) -> Bool {
        while zmq_msg_recv(&part, pointer.handle, ZMQ_DONTWAIT) == -1 {
            switch zmq_errno() {
            case EINTR: continue
            case EAGAIN: return false
            default: throw ZeroMQError.latest(from: "zmq_msg_recv")
            }
        }
        return true
    }
}
