internal import Foundation

/// Where everything of a run lies.
///
/// All of it but `sweep.yaml` and `sweep.sqlite` can be deleted: it is derived, or comes again.
public struct RunDirectory: Hashable, Sendable, CustomStringConvertible {
    public let path: String

    public init(_ path: String) {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        self.path = path
    }

    /// `runs/NAME`, where a sweep goes that names no directory.
    public static func standard(forSweep name: String) -> RunDirectory { RunDirectory("runs/\(name)") }

    public var description: String { path }

    /// The frozen, fully resolved specification.
    public var sweepFile: String { path + "/sweep.yaml" }
    public var store: String { path + "/sweep.sqlite" }
    public var lock: String { path + "/sweep.lock" }
    /// The CSV files.
    public var results: String { path + "/results" }
    public var plots: String { path + "/plots" }
    public var page: String { path + "/index.html" }
    public var checkpoints: String { path + "/checkpoints" }
    /// Where the coordinator listens.
    public var endpoint: String { path + "/endpoint.json" }
    /// Stores of sweeps that this run had before it was extended.
    public var archive: String { path + "/archive" }
    public var logs: String { path + "/logs" }
    /// Results that workers of this directory could not deliver yet.
    public var outboxes: String { path + "/outbox" }

    /// The keys of a coordinator that has its own for this run.
    public var keys: KeyFolder { KeyFolder(path + "/keys") }

    /// The log of one worker slot on this machine.
    public func log(slot: Int) -> String { "\(logs)/\(Host.name)-slot\(slot).log" }

    /// True where a sweep was begun here.
    public var holdsSweep: Bool { FileManager.default.fileExists(atPath: store) }

    /// Makes the directory and its `logs`.
    ///
    /// - Throws: ``SystemError`` where that is not allowed or something is in the way.
    public func create() throws(SystemError) { try Folder.create(logs) }
}

/// Folders on the disk.
enum Folder {
    /// Makes a folder with all folders above it; one that is there is fine.
    static func create(_ path: String) throws(SystemError) {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            let underlying = (error as? CocoaError)?.underlying as? POSIXError
            throw SystemError("mkdir", code: underlying?.code.rawValue ?? EIO, path: path)
        }
    }

    /// Removes a folder that nothing is in; any other stays.
    static func removeIfEmpty(_ path: String) { rmdir(path) }

    /// The names in a folder, sorted; none where it cannot be read.
    static func names(in path: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
    }
}
