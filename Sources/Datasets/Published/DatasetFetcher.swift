internal import Foundation

/// Downloads the published files of a data set, each verified before it takes its name.
///
/// `curl` does the transfer: it knows proxies, certificates and redirections, and takes broken transfers up again. A file
/// grows as `<name>.part`; killed at any time, the next attempt goes on from there.
public struct DatasetFetcher: Sendable {
    private let dataset: PublishedDataset
    /// Where the files go.
    public let folder: String
    private let source: String
    private let showsProgress: Bool

    /// - Parameters:
    ///   - dataset: What to fetch.
    ///   - path: Where to put it; by default `$DESCENT_DATA/<name>`, else the user's own folder of data.
    ///   - source: An address to fetch from instead of the publisher's.
    ///   - showsProgress: Whether `curl` draws its bar on standard error.
    /// - Throws: ``FetchError/noFolder`` where there is neither.
    public init(
        _ dataset: PublishedDataset, path: String? = nil, source: String? = nil, showsProgress: Bool = false
    ) throws(FetchError) {
        guard let folder = path ?? DataFolder.target(dataset.name) else { throw .noFolder }
        self.dataset = dataset
        self.folder = folder
        self.showsProgress = showsProgress
        let address = source ?? dataset.source
        self.source = address.hasSuffix("/") ? address : address + "/"
    }

    /// What became of one file.
    public enum Outcome: Hashable, Sendable {
        /// It was there, and right.
        case present
        case fetched
    }

    /// Fetches whatever is not there yet.
    ///
    /// - Parameter progress: Told of each file when it is in its place.
    /// - Throws: ``FetchError``; files that were complete before stay.
    public func fetch(progress: (_ path: String, Outcome) -> Void = { _, _ in }) throws(FetchError) {
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw .cannotWrite(path: folder, reason: "it is no folder, and cannot be made one")
        }
        // Two fetchers at once would write into each other's parts.
        guard let lock = FileLock(waitingForFolder: folder) else {
            throw .cannotWrite(path: folder, reason: latestError)
        }
        for file in dataset.files {
            let path = "\(folder)/\(file.name)"
            progress(path, try fetch(file, to: path, lock))
        }
    }

    private func fetch(
        _ file: PublishedDataset.File, to path: String, _ lock: borrowing FileLock
    ) throws(FetchError) -> Outcome {
        if MD5.ofFile(path) == file.md5 { return .present }
        let part = "\(path).part"
        let url = source + file.name
        // A part may be complete: its fetcher was killed between the last byte and the new name.
        if MD5.ofFile(part) != file.md5 {
            let hadPart = FileManager.default.fileExists(atPath: part)
            let failure = try download(url, to: part, lock)
            if hadPart, failure?.canResume == false || failure == nil && MD5.ofFile(part) != file.md5 {
                // The part was of something else, or the server cannot go on from the middle: once more from the start.
                unlink(part)
                if let again = try download(url, to: part, lock) {
                    throw .broken(url: url, reason: again.reason)
                }
            } else if let failure {
                throw .broken(url: url, reason: failure.reason)
            }
            guard let found = MD5.ofFile(part), found == file.md5 else {
                let found = MD5.ofFile(part) ?? "of nothing"
                unlink(part)
                throw .wrongChecksum(url: url, found: found, expected: file.md5)
            }
        }
        guard rename(part, path) == 0 else { throw .cannotWrite(path: path, reason: latestError) }
        return .fetched
    }

    private var latestError: String { String(cString: strerror(errno)) }
}

extension DatasetFetcher {
    /// Why `curl` gave up.
    private struct Failure {
        let reason: String
        /// Whether another attempt should go on from what has come.
        let canResume: Bool
    }

    /// Ours, with no proxy between this machine and itself.
    private static var environment: [String: String] {
        var environment = ProcessInfo.processInfo.environment
        let exceptions = [environment["no_proxy"] ?? environment["NO_PROXY"], "localhost", "127.0.0.1"]
        environment["no_proxy"] = exceptions.compactMap { $0 }.joined(separator: ",")
        return environment
    }

    /// Lets `curl` append to the part what it lacks.
    private func download(
        _ url: String, to part: String, _ lock: borrowing FileLock
    ) throws(FetchError) -> Failure? {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        // A minute without a byte is a broken transfer. What went wrong is told on standard output, which carries nothing else.
        process.arguments =
            ["curl", "--fail", "--location", "--continue-at", "-", "--retry", "3", "--connect-timeout", "30"]
            + ["--speed-limit", "1", "--speed-time", "60", "--write-out", "%{http_code}\n%{errormsg}"]
            + [showsProgress ? "--progress-bar" : "--silent", "--output", part, "--", url]
        let answers = Pipe()
        process.standardOutput = answers
        if !showsProgress { process.standardError = FileHandle.nullDevice }
        process.environment = Self.environment
        // Should this process be killed, the lock lives on with the child that still writes.
        process.standardInput = FileHandle(fileDescriptor: lock.descriptor, closeOnDealloc: false)
        do {
            try process.run()
        } catch {
            throw .noCurl
        }
        let answer = String(decoding: answers.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        switch process.terminationStatus {
        case 0: return nil
        // What env says of a program that is not there.
        case 127: throw .noCurl
        case 23: throw .cannotWrite(path: part, reason: "curl could not write it")
        case let code:
            let lines = answer.split(separator: "\n")
            let reason = lines.count > 1 ? String(lines[1]) : "curl ended with \(code)"
            // 33: the server cannot resume; 36: the part is longer; HTTP 416: it has no more bytes than the part.
            return Failure(reason: reason, canResume: code != 33 && code != 36 && lines.first != "416")
        }
    }
}
