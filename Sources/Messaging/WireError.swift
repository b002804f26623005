/// Why frames from the network are no message.
///
/// Whoever is on the other side caused it; it is logged, counted and dropped, and never traps.
public enum WireError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Not one header, one body and at most one blob.
    case frameCount(Int)
    /// A frame is larger than the limits allow.
    case tooLarge(frame: String, byteCount: Int, byteCountMax: Int)
    /// The header is no header of ours.
    case notOurs
    /// The peer speaks another major version, and neither side can guess what it means.
    case version(peer: ProtocolVersion)
    /// A type of message that this side does not receive.
    case unknownType(UInt8)
    /// The body is no JSON, or lacks a field, or a field is out of range.
    case body(field: String)
    /// The blob is missing, superfluous, or not what its hash says.
    case blob(String)

    public var description: String {
        switch self {
        case .frameCount(let count): "a message of \(count) frames where 2 or 3 are expected"
        case .tooLarge(let frame, let count, let max):
            "a \(frame) of \(count) bytes where at most \(max) are allowed"
        case .notOurs: "a frame that is no header of this protocol"
        case .version(let peer):
            "the peer speaks protocol \(peer), this program speaks \(ProtocolVersion.current): "
                + "install the same version on both sides"
        case .unknownType(let type): "a message of unknown type \(type)"
        case .body(let field): "a message body whose \(field) is missing or wrong"
        case .blob(let problem): "a message whose blob \(problem)"
        }
    }
}

/// The version of the protocol: peers of one major version understand each other.
public struct ProtocolVersion: Hashable, Sendable, CustomStringConvertible {
    /// Raised when an old peer would misunderstand.
    public let major: UInt8
    /// Raised when fields or messages are added that an old peer may skip.
    public let minor: UInt8

    public init(major: UInt8, minor: UInt8) {
        self.major = major
        self.minor = minor
    }

    /// What this program speaks.
    public static let current = ProtocolVersion(major: 1, minor: 1)

    public var description: String { "\(major).\(minor)" }
}
