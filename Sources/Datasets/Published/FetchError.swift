/// Why a data set could not be fetched.
///
/// What has come so far stays where it is, unless it is wrong, and the next attempt goes on from there.
public enum FetchError: Error, Hashable, CustomStringConvertible {
    /// A data set without published files.
    case notPublished(name: String)
    /// There is no folder to put the files in.
    case noFolder
    /// A folder or file that cannot be written.
    case cannotWrite(path: String, reason: String)
    /// `curl` cannot be started.
    case noCurl
    /// The download broke off; what `curl` said.
    case broken(url: String, reason: String)
    /// What came is not what was published; it has been thrown away.
    case wrongChecksum(url: String, found: String, expected: String)

    public var description: String {
        switch self {
        case .notPublished(let name):
            "'\(name)' has no files to fetch; those that have are "
                + PublishedDataset.all.map(\.name).joined(separator: ", ")
        case .noFolder: "there is no home folder to put the files in; name one with --path"
        case .cannotWrite(let path, let reason):
            "\(path) cannot be written (\(reason)); name another folder with --path"
        case .noCurl: "the program curl is not installed; install it, or put the files into place by hand"
        case .broken(let url, let reason):
            "\(url) did not come to its end (\(reason)); fetch again to go on from where it stopped"
        case .wrongChecksum(let url, let found, let expected):
            "\(url) has the MD5 sum \(found) instead of the published \(expected), and was thrown away; "
                + "fetch again, or from another server with --from"
        }
    }
}
