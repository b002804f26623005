internal import Basics
public import Sweeps

/// A message that can travel: a type, a body of fields, and for some a blob.
public protocol WireMessage: Hashable, Sendable {
    /// Names the message in the header. A number, once released, keeps its meaning for ever.
    var wireType: UInt8 { get }
    /// The body, sent as canonical JSON.
    var wireBody: Setting { get }
    /// Bytes beside the body; `nil` for most messages.
    var wireBlob: [UInt8]? { get }
    /// Whether messages of this kind have a blob.
    var hasWireBlob: Bool { get }

    /// A message read from its parts.
    ///
    /// - Throws: `WireError` when the peer sent what this version does not understand or allow.
    init(wireType: UInt8, fields: WireFields, blob: [UInt8]?) throws(WireError)
}

extension Envelope where Message: WireMessage {
    /// The frames that follow the routing id: header, body, and a blob where the message has one.
    public var frames: [[UInt8]] {
        var header = ByteWriter()
        header.append(Wire.magic)
        header.append(ProtocolVersion.current.major)
        header.append(ProtocolVersion.current.minor)
        header.append(message.wireType)
        header.append(UInt8(0))
        header.append(self.header.sweep.value)
        header.append(self.header.incarnation)
        header.append(self.header.sequence)
        header.append(self.header.acknowledged)
        return [header.bytes, message.wireBody.canonicalBytes] + (message.wireBlob.map { [$0] } ?? [])
    }

    /// A message read from the frames that follow the routing id.
    ///
    /// - Throws: `WireError`; nothing is allocated beyond ``WireLimits`` on the way.
    public init(frames: [[UInt8]], limits: WireLimits = .standard) throws(WireError) {
        guard frames.count == 2 || frames.count == 3 else { throw .frameCount(frames.count) }
        let (header, type) = try Wire.readHeader(frames[0], limits: limits)
        try Wire.check("body", frames[1], limits.bodyBytesMax)
        let blob = frames.count == 3 ? frames[2] : nil
        if let blob { try Wire.check("blob", blob, limits.frameBytesMax) }
        guard let map = Setting(json: frames[1])?.asMap else { throw .body(field: "JSON object") }
        let message = try Message(wireType: type, fields: WireFields(map, limits: limits), blob: blob)
        if blob != nil, !message.hasWireBlob { throw .blob("does not belong there") }
        self.init(header, message)
    }
}

/// What every frame has in common.
enum Wire {
    static let magic: [UInt8] = Array("DSCT".utf8)

    /// Reads a header of 40 bytes; a longer one of a later minor version is cut.
    static func readHeader(
        _ frame: [UInt8], limits: WireLimits
    ) throws(WireError) -> (header: MessageHeader, type: UInt8) {
        try check("header", frame, 1024)
        var reader = ByteReader(frame)
        guard reader.read(count: magic.count).map(Array.init) == magic, let major = reader.read(UInt8.self),
            let minor = reader.read(UInt8.self), let type = reader.read(UInt8.self)
        else { throw .notOurs }
        // REFUSED is the one message that never changes: else an old peer could not be told why.
        guard major == ProtocolVersion.current.major || type == CoordinatorMessage.refusedType else {
            throw .version(peer: ProtocolVersion(major: major, minor: minor))
        }
        guard reader.read(UInt8.self) != nil, let sweep = reader.read(UInt64.self),
            let incarnation = reader.read(UInt64.self), let sequence = reader.read(UInt64.self),
            let acknowledged = reader.read(UInt64.self)
        else { throw .notOurs }
        let header = MessageHeader(
            sweep: SweepID(sweep), incarnation: incarnation, sequence: sequence, acknowledged: acknowledged)
        return (header, type)
    }

    static func check(_ name: String, _ frame: [UInt8], _ byteCountMax: Int) throws(WireError) {
        guard frame.count <= byteCountMax else {
            throw .tooLarge(frame: name, byteCount: frame.count, byteCountMax: byteCountMax)
        }
    }
}
