/// Why a data set cannot be used.
public enum DatasetError: Error, Hashable, CustomStringConvertible {
    /// A file or folder that is not there or cannot be read.
    case missing(String)
    /// A file whose content is not what its name promises.
    case damaged(file: String, problem: String)
    /// A request that this data set cannot meet; names the key.
    case impossible(String)

    public var description: String {
        switch self {
        case .missing(let message), .impossible(let message): message
        case .damaged(let file, let problem): "\(file): \(problem); fetch the file again"
        }
    }
}
