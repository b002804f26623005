/// A safetensors file that cannot be read, or that belongs to another network.
public enum SafetensorsError: Error, Hashable, CustomStringConvertible {
    /// The bytes break the format; the text says where.
    case damaged(String)
    /// The network has a tensor that the file lacks.
    case missing(name: String, expected: [Int])
    /// The file has a tensor that the network does not know.
    case unexpected(name: String, found: [Int])
    /// The shapes of a tensor differ.
    case wrongShape(name: String, expected: [Int], found: [Int])
    /// The tensor's numbers cannot be taken without losing bits.
    case wrongType(name: String, expected: String, found: String)

    public var description: String {
        switch self {
        case .damaged(let reason):
            "damaged safetensors file: \(reason)"
        case .missing(let name, let expected):
            "checkpoint of another model: it has no '\(name)', which the network wants with shape \(expected)"
        case .unexpected(let name, let found):
            "checkpoint of another model: it has '\(name)' of shape \(found), which the network does not know"
        case .wrongShape(let name, let expected, let found):
            "checkpoint of another model: '\(name)' has shape \(found), but the network wants \(expected)"
        case .wrongType(let name, let expected, let found):
            "'\(name)' holds \(found) numbers, but the network wants \(expected): set training.precision to match"
        }
    }
}
