import Foundation
import Reporting
import Synchronization
import Testing

@Suite("FileWriter")
struct FileWriterTests {
    /// Real system calls of which the n-th fails.
    private func calls(failing failure: Int, with code: Int32) -> FileWriter.SystemCalls {
        let count = Counter()
        let real = FileWriter.SystemCalls.real
        return FileWriter.SystemCalls(
            write: { descriptor, bytes in
                guard count.next() == failure else {
                    // Short writes are legal, and only half of the callers notice them.
                    return real.write(descriptor, UnsafeRawBufferPointer(rebasing: bytes.prefix(100_000)))
                }
                errno = code
                return -1
            },
            synchronize: { descriptor in
                guard count.next() == failure else { return real.synchronize(descriptor) }
                errno = code
                return -1
            },
            rename: { from, to in
                guard count.next() == failure else { return real.rename(from, to) }
                errno = code
                return -1
            })
    }

    private final class Counter: Sendable {
        private let value = Mutex(0)
        func next() -> Int {
            value.withLock {
                $0 += 1
                return $0
            }
        }
    }

    @Test("leaves the old file whole, whichever system call meets a full disk")
    func everyOperationFails() throws {
        try withTemporaryFolder { folder in
            let path = "\(folder)/table.csv"
            let text = String(repeating: "0123456789", count: 60_000)
            try FileWriter.write("old", to: path)
            var failures = 0
            while true {
                let calls = calls(failing: failures + 1, with: ENOSPC)
                do throws(FileWriter.Failure) {
                    try FileWriter.write(to: path, calls: calls) { file throws(FileWriter.Failure) in
                        try file.append(text)
                    }
                    break
                } catch {
                    failures += 1
                    #expect(error.path == path && error.code == ENOSPC)
                    let content = try String(contentsOfFile: path, encoding: .utf8)
                    #expect(content == "old")
                    #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["table.csv"])
                }
            }
            // Six short writes, one synchronisation, one renaming.
            #expect(failures == 8)
            let isWhole = try String(contentsOfFile: path, encoding: .utf8) == text
            #expect(isWhole)
        }
    }

    @Test("goes on after a signal interrupted a write")
    func interruptedWrite() throws {
        try withTemporaryFolder { folder in
            let path = "\(folder)/table.csv"
            try FileWriter.write(to: path, calls: calls(failing: 1, with: EINTR)) {
                file throws(FileWriter.Failure) in
                try file.append("new")
            }
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "new")
        }
    }

    @Test("names the file, the reason and what to do where the folder is missing")
    func missingFolder() {
        let error = #expect(throws: FileWriter.Failure.self) {
            try FileWriter.write("text", to: "/nowhere/at/all/table.csv")
        }
        let text = error?.description ?? ""
        #expect(
            text
                == "/nowhere/at/all/table.csv could not be written: No such file or directory; the old file, "
                + "if any, is unchanged; check that its folder exists")
    }
}
