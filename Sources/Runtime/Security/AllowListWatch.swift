internal import Glibc
internal import Synchronization
internal import ZeroMQ

/// The allow list of a running coordinator, read anew whenever its file changes.
///
/// A list that cannot be read changes nothing: whoever was allowed still is, nobody else, and people are told.
final class AllowListWatch: Sendable {
    private let folder: KeyFolder
    private let state: Mutex<State>

    private struct State {
        var entries: [String: AllowList.Entry]
        var stamp: Stamp?
        var revision = 0
        var problem: String?
    }

    /// What changes when a file does.
    private struct Stamp: Hashable {
        let device: UInt64
        let number: UInt64
        let bytes: Int64
        let changed: [Int]

        init?(_ path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            device = UInt64(status.st_dev)
            number = UInt64(status.st_ino)
            bytes = Int64(status.st_size)
            changed = [
                status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec, status.st_ctim.tv_nsec,
            ]
        }
    }

    /// - Throws: ``KeyError`` where the list cannot be read now.
    init(_ folder: KeyFolder) throws {
        self.folder = folder
        // Taken before the file is read: a change in between is then seen as one.
        let stamp = Stamp(folder.allowed)
        let entries = AllowListWatch.entries(try folder.allowList())
        state = Mutex(State(entries: entries, stamp: stamp))
    }

    /// Looks whether the file has changed; costs one system call where it has not.
    func refresh() {
        state.withLock { state in
            let stamp = Stamp(folder.allowed)
            guard stamp != state.stamp else { return }
            state.stamp = stamp
            state.revision += 1
            do {
                state.entries = AllowListWatch.entries(try folder.allowList())
                state.problem = nil
            } catch {
                state.problem = "\(error); the list as it was stays in force"
            }
        }
    }

    /// Counts the changes.
    var revision: Int { state.withLock { $0.revision } }

    /// Why the list could not be read the last time; `nil` while all is well.
    var problem: String? { state.withLock { $0.problem } }

    /// What the list says of a key.
    func entry(of key: String) -> AllowList.Entry? { state.withLock { $0.entries[key] } }

    private static func entries(_ list: AllowList) -> [String: AllowList.Entry] {
        Dictionary(list.entries.map { ($0.key.text, $0) }) { first, _ in first }
    }
}
