import Foundation
import Synchronization

/// A server of one file for one test: HTTP/1.1 on a port of the loopback, with ranges, or with the faults that are asked for.
final class TinyServer: Sendable {
    struct Behaviour: Sendable {
        var content: [UInt8] = []
        var supportsRanges = true
        /// Closes the connection after so many bytes of the body, this many times.
        var breaksAfter = Int.max
        var breaks = 0
    }

    /// What was asked for: the first byte, and how many were sent.
    struct Answer: Hashable, Sendable {
        let first: Int
        let sent: Int
    }

    let port: UInt16
    private let descriptor: Int32
    private let behaviour: Mutex<Behaviour>
    private let given = Mutex<[Answer]>([])

    var address: String { "http://127.0.0.1:\(port)" }
    var answers: [Answer] { given.withLock { $0 } }

    init(_ behaviour: Behaviour) throws {
        self.behaviour = Mutex(behaviour)
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && listen(descriptor, 8) == 0
                    && getsockname(descriptor, $0, &size) == 0
            }
        }
        guard isBound else { throw CocoaError(.fileReadUnknown) }
        port = UInt16(bigEndian: address.sin_port)
        let thread = Thread { [weak self] in
            while true {
                let connection = accept(descriptor, nil, nil)
                guard connection >= 0, let self else { break }
                self.answer(connection)
                close(connection)
            }
        }
        thread.start()
    }

    deinit {
        shutdown(descriptor, Int32(SHUT_RDWR))
        close(descriptor)
    }

    private func answer(_ connection: Int32) {
        var request: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4096)
        while !request.ends(with: "\r\n\r\n".utf8) {
            let count = recv(connection, &piece, piece.count, 0)
            if count <= 0 { return }
            request += piece[..<count]
        }
        let text = String(decoding: request, as: UTF8.self).lowercased()
        let (behaviour, isBroken) = behaviour.withLock { behaviour in
            let isBroken = behaviour.breaks > 0
            if isBroken { behaviour.breaks -= 1 }
            return (behaviour, isBroken)
        }
        var first = 0
        if behaviour.supportsRanges, let range = text.firstMatch(of: /range: bytes=(\d+)-/) {
            first = Int(range.1) ?? 0
        }
        let total = behaviour.content.count
        if first > 0, first >= total {
            return send(
                "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
                connection)
        }
        let body = behaviour.content[first...]
        let status =
            first > 0
            ? "206 Partial Content\r\nContent-Range: bytes \(first)-\(total - 1)/\(total)" : "200 OK"
        send("HTTP/1.1 \(status)\r\nContent-Length: \(body.count)\r\nConnection: close\r\n\r\n", connection)
        let sent = isBroken ? body.prefix(behaviour.breaksAfter) : body
        given.withLock { $0.append(Answer(first: first, sent: sent.count)) }
        send(sent, connection)
    }

    private func send(_ text: String, _ connection: Int32) { send(Array(text.utf8)[...], connection) }

    private func send(_ bytes: ArraySlice<UInt8>, _ connection: Int32) {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Foundation.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count <= 0 { return }
            rest = rest.dropFirst(count)
        }
    }
}

extension [UInt8] {
    fileprivate func ends(with suffix: String.UTF8View) -> Bool {
        self.suffix(suffix.count).elementsEqual(suffix)
    }
}
