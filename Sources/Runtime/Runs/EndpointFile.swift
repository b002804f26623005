internal import Foundation
public import Messaging
public import ZeroMQ

/// What `endpoint.json` says: where the coordinator of a run listens.
///
/// Written anew at every start of a coordinator, for its port changes; workers read it again whenever they hear
/// nothing for long. It holds data only: an address to connect to, and what people need to find the process.
public struct EndpointFile: Hashable, Sendable {
    /// Such as `tcp://127.0.0.1:40123`.
    public let endpoint: String
    /// The coordinator's public key; `nil` where it speaks plain text.
    public let curveKey: PublicKey?
    public let sweep: SweepID
    public let incarnation: UInt64
    public let host: String
    public let processID: Int
    /// Where the coordinator hears the command line of its own machine; `nil` where it does not.
    public let control: String?

    public init(
        endpoint: String, curveKey: PublicKey? = nil, sweep: SweepID, incarnation: UInt64, host: String,
        processID: Int, control: String? = nil
    ) {
        self.control = control
        self.endpoint = endpoint
        self.curveKey = curveKey
        self.sweep = sweep
        self.incarnation = incarnation
        self.host = host
        self.processID = processID
    }

    /// The port, where the coordinator listens on an address of this machine alone.
    public var loopbackPort: UInt16? {
        let prefix = "tcp://127.0.0.1:"
        return endpoint.hasPrefix(prefix) ? UInt16(endpoint.dropFirst(prefix.count)) : nil
    }

    /// The endpoint as a worker on `machine` must name it.
    ///
    /// A coordinator that listens on every interface says 0.0.0.0, which everybody takes for oneself.
    func endpoint(from machine: String) -> String {
        let everywhere = "tcp://0.0.0.0:"
        guard endpoint.hasPrefix(everywhere) else { return endpoint }
        let name = machine == host ? "127.0.0.1" : host
        return "tcp://\(name):\(endpoint.dropFirst(everywhere.count))"
    }

    private struct Content: Codable {
        let endpoint: String
        var curve: String?
        let sweep: String
        let incarnation: UInt64
        let host: String
        let pid: Int
        let control: String?
    }

    /// Replaces the file in one step.
    ///
    /// - Throws: ``SystemError`` when the folder cannot be written.
    public func write(to path: String) throws(SystemError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let content = Content(
            endpoint: endpoint, curve: curveKey?.text, sweep: sweep.description, incarnation: incarnation,
            host: host, pid: processID, control: control)
        // A handful of texts and numbers always encodes.
        guard let data = try? encoder.encode(content) else { return }
        try AtomicFile.write([UInt8](data) + [UInt8(ascii: "\n")], to: path)
    }

    /// Reads the file; `nil` where there is none, or none that makes sense (yet).
    public init?(contentsOf path: String) {
        guard let bytes = try? AtomicFile.read(path), bytes.count < 1 << 16,
            let content = try? JSONDecoder().decode(Content.self, from: Data(bytes)),
            let sweep = UInt64(content.sweep, radix: 16)
        else { return nil }
        let curveKey = content.curve.flatMap { PublicKey($0) }
        // A key that cannot be read must not become plain text.
        if content.curve != nil, curveKey == nil { return nil }
        self.init(
            endpoint: content.endpoint, curveKey: curveKey, sweep: SweepID(sweep),
            incarnation: content.incarnation, host: content.host, processID: content.pid,
            control: content.control)
    }
}
