import Datasets
import Foundation
import Testing

@Suite(
    "Fetching data sets", .timeLimit(.minutes(10)),
    .enabled(
        if: FileManager.default.isExecutableFile(atPath: "/usr/bin/curl"), "skipped: curl is not installed"))
struct DatasetFetcherTests {
    /// A megabyte that no two servers send by chance.
    static let content = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 * 7 + ($0 >> 9)) }
    /// What `md5sum` says of ``content``.
    static let md5 = "c0b8da834bec8215faaee7e317b82be8"

    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder("fetched") }

    private func dataset(md5: String = Self.md5) -> PublishedDataset {
        PublishedDataset("made-up", from: "http://127.0.0.1:9/", [("file.bin", md5)])
    }

    private func fetch(from server: TinyServer, md5: String = Self.md5) throws -> [DatasetFetcher.Outcome] {
        var outcomes: [DatasetFetcher.Outcome] = []
        try DatasetFetcher(dataset(md5: md5), path: folder.path, source: server.address)
            .fetch { _, outcome in outcomes.append(outcome) }
        return outcomes
    }

    private func expectWhole() throws {
        let content = try folder.read("file.bin")
        #expect(content == Self.content)
        #expect(folder.names == ["file.bin"])
    }

    @Test("a file is fetched once, verified, and left alone from then on")
    func once() throws {
        let server = try TinyServer(.init(content: Self.content))
        #expect(try fetch(from: server) == [.fetched])
        try expectWhole()
        #expect(try fetch(from: server) == [.present])
        #expect(server.answers == [.init(first: 0, sent: 1_000_000)])
    }

    @Test("what was fetched before it broke off is not fetched again")
    func resumed() throws {
        let server = try TinyServer(.init(content: Self.content))
        try folder.write(Array(Self.content[..<600_000]), to: "file.bin.part")
        #expect(try fetch(from: server) == [.fetched])
        try expectWhole()
        #expect(server.answers == [.init(first: 600_000, sent: 400_000)])
    }

    @Test("a transfer that breaks off leaves a part and no file, and says how to go on")
    func broken() throws {
        let server = try TinyServer(.init(content: Self.content, breaksAfter: 300_000, breaks: 1))
        let error = #expect(throws: FetchError.self) { try fetch(from: server) }
        guard case .broken = error else {
            Issue.record("\(error?.description ?? "nothing")")
            return
        }
        #expect(error?.description.contains("fetch again to go on") == true)
        #expect(folder.names == ["file.bin.part"])
        #expect(try fetch(from: server) == [.fetched])
        try expectWhole()
        #expect(server.answers.map(\.first) == [0, 300_000])
    }

    @Test("a part that is complete already only takes its name")
    func completePart() throws {
        let server = try TinyServer(.init(content: Self.content))
        try folder.write(Self.content, to: "file.bin.part")
        #expect(try fetch(from: server) == [.fetched])
        try expectWhole()
        #expect(server.answers.isEmpty)
    }

    @Test(
        "a part of something else is thrown away and the file fetched from its start",
        arguments: [400_000, 1_000_000, 1_200_000])
    func foreignPart(count: Int) throws {
        let server = try TinyServer(.init(content: Self.content))
        try folder.write([UInt8](repeating: 1, count: count), to: "file.bin.part")
        #expect(try fetch(from: server) == [.fetched])
        try expectWhole()
    }

    @Test("a server that cannot go on from the middle sends the whole file")
    func withoutRanges() throws {
        let server = try TinyServer(.init(content: Self.content, supportsRanges: false))
        try folder.write(Array(Self.content[..<600_000]), to: "file.bin.part")
        #expect(try fetch(from: server) == [.fetched])
        try expectWhole()
    }

    @Test("bytes with another checksum are thrown away, and a right file that was there stays")
    func wrongChecksum() throws {
        let server = try TinyServer(.init(content: Array(Self.content.reversed())))
        let error = #expect(throws: FetchError.self) { try fetch(from: server) }
        guard case .wrongChecksum(_, _, let expected) = error else {
            Issue.record("\(error?.description ?? "nothing")")
            return
        }
        #expect(expected == Self.md5)
        #expect(folder.names.isEmpty)
    }

    @Test("a server that is not there and a folder that cannot be are told apart")
    func unreachable() throws {
        let unreachable = #expect(throws: FetchError.self) {
            try DatasetFetcher(dataset(), path: folder.path).fetch()
        }
        guard case .broken(let url, _) = unreachable else {
            Issue.record("\(unreachable?.description ?? "nothing")")
            return
        }
        #expect(url == "http://127.0.0.1:9/file.bin")
        try folder.write([1], to: "taken")
        let unwritable = #expect(throws: FetchError.self) {
            try DatasetFetcher(dataset(), path: "\(folder.path)/taken/folder").fetch()
        }
        guard case .cannotWrite = unwritable else {
            Issue.record("\(unwritable?.description ?? "nothing")")
            return
        }
    }
}
