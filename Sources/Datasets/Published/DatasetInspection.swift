internal import Foundation
internal import Sweeps

/// What is found of a data set on this machine, and whether it is what its authors published.
public struct DatasetInspection: Hashable, Sendable {
    public let name: String
    /// Where the files are; `nil` where there are none, and for data sets without files.
    public let folder: String?
    public let files: [File]
    /// What is wrong with the whole; `nil` where a sweep can use it.
    public let problem: String?

    /// A file and its state.
    public struct File: Hashable, Sendable {
        public let path: String
        public let state: State
    }

    public enum State: String, Hashable, Sendable {
        /// The very file that was published: its MD5 sum is right.
        case published
        /// Sizes, labels and checksums inside are right, but it is not a published file: unpacked, or packed again.
        case intact
        case damaged
    }

    /// Where a data set's files are, without opening them.
    ///
    /// - Parameters:
    ///   - name: Of the catalog.
    ///   - path: A folder to look in; `nil` for the usual ones.
    /// - Returns: The folder, `nil` for a data set that needs none.
    /// - Throws: ``DatasetError/missing(_:)`` that says where it looked.
    public static func locate(_ name: String, path: String? = nil) throws(DatasetError) -> String? {
        guard Catalog.hasFiles(name) else { return nil }
        let folder = try DataFolder.find(name, path: path)
        _ = try Catalog.files(of: name, in: folder)
        return folder
    }

    /// Reads every file, compares those that are published as they are with their checksums, and judges the content.
    ///
    /// - Parameters:
    ///   - name: Of the catalog.
    ///   - path: A folder to look in; `nil` for the usual ones.
    /// - Throws: ``DatasetError/missing(_:)`` for files that are not there, ``DatasetError/impossible(_:)`` for a name that the
    ///   catalog does not have.
    public init(of name: String, path: String? = nil) throws(DatasetError) {
        guard Catalog.datasets.contains(where: { $0.name == name }) else {
            throw .impossible(
                "there is no data set '\(name)'; take one of "
                    + Catalog.datasets.map(\.name).joined(separator: ", "))
        }
        guard let folder = try DatasetInspection.locate(name, path: path) else {
            self.init(name: name, folder: nil, files: [], problem: nil)
            return
        }
        let source = try Catalog.files(of: name, in: folder)
        let problem = DatasetInspection.problem(with: source)
        let published = PublishedDataset.named(name).map { $0.files + $0.alternatives } ?? []
        let files = source.paths.map { path in
            let sum = published.first { path.hasSuffix("/\($0.name)") }?.md5
            if let sum, MD5.ofFile(path) == sum { return File(path: path, state: .published) }
            return File(path: path, state: problem?.contains(path) == true ? .damaged : .intact)
        }
        self.init(name: name, folder: folder, files: files, problem: problem)
    }

    private init(name: String, folder: String?, files: [File], problem: String?) {
        self.name = name
        self.folder = folder
        self.files = files
        self.problem = problem
    }

    /// Decodes the files, past every cache, and counts what they hold.
    private static func problem(with source: some ImageFiles) -> String? {
        do {
            let dataset = try source.read()
            let facts = try Catalog.facts(of: ["name": .text(source.name)])
            let counts = [
                (dataset.train.count, facts?.trainCount), (dataset.test?.count ?? 0, facts?.testCount),
            ]
            for (place, (found, expected)) in counts.enumerated() {
                if let expected, found != expected {
                    return
                        "\(source.paths[place * 2 % source.paths.count]) holds \(found) images instead of the "
                        + "published \(expected)"
                }
            }
            return nil
        } catch {
            return error.description
        }
    }
}
