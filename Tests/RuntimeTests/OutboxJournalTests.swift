import Basics
import Foundation
import Messaging
import Runtime
import Sweeps
import Testing

@Suite("Outbox of short tasks")
struct OutboxJournalTests {
    private static func report(_ seed: Int) -> AttemptReport {
        let configuration: Setting = ["seed": .integer(seed)]
        let bytes = FastPerformer.result(of: configuration).encoded()
        return .result(
            ResultReport(
                assignment: Assignment(task: TaskID(of: configuration), attempt: 1),
                contentHash: ContentHash(of: bytes), bytes: bytes, elapsed: .milliseconds(seed)))
    }

    @Test("what was not acknowledged is found by the next process, in its order")
    func survives() throws {
        let folder = try TemporaryFolder()
        do {
            let outbox = try Outbox(claimingIn: folder.path, host: "node7")
            for seed in 1...5 { try outbox.keep(Self.report(seed)) }
            for seed in [1, 4] { try outbox.remove(Self.report(seed).assignment) }
        }
        for _ in 0..<2 {
            let outbox = try Outbox(claimingIn: folder.path, host: "node7")
            #expect(outbox.load() == [2, 3, 5].map(Self.report))
        }
        #expect(Outbox.waitingCount(in: folder.path) == 3)
    }

    @Test("reports that are acknowledged together are forgotten together, short ones and long ones")
    func severalAcknowledged() throws {
        let folder = try TemporaryFolder()
        let long = Self.report(2_000)
        let removed = [1, 3].map { Self.report($0).assignment } + [long.assignment]
        do {
            let outbox = try Outbox(claimingIn: folder.path, host: "node7")
            for seed in 1...4 { try outbox.keep(Self.report(seed)) }
            try outbox.keep(long)
            try outbox.remove(removed + [Self.report(9).assignment])
        }
        let outbox = try Outbox(claimingIn: folder.path, host: "node7")
        #expect(outbox.load() == [2, 4].map(Self.report))
    }

    @Test("a report kept twice is one, and stays so after its acknowledgement")
    func idempotent() throws {
        let folder = try TemporaryFolder()
        let outbox = try Outbox(claimingIn: folder.path, host: "node7")
        try outbox.keep(Self.report(1))
        try outbox.keep(Self.report(1))
        #expect(outbox.load() == [Self.report(1)])
        try outbox.remove(Self.report(1).assignment)
        try outbox.remove(Self.report(1).assignment)
        #expect(outbox.load().isEmpty)
    }

    @Test("a file cut anywhere gives the reports before the cut, and the outbox goes on")
    func truncated() throws {
        let folder = try TemporaryFolder()
        let journal: String
        do {
            let outbox = try Outbox(claimingIn: folder.path, host: "node7")
            journal = outbox.path + "/journal"
            for seed in 1...3 { try outbox.keep(Self.report(seed)) }
        }
        let whole = try #require(try AtomicFile.read(journal))
        var counts: Set<Int> = []
        for length in stride(from: 0, through: whole.count, by: 7) {
            try AtomicFile.write(Array(whole.prefix(length)), to: journal, survivesPowerCut: false)
            let outbox = try Outbox(claimingIn: folder.path, host: "node7")
            let loaded = outbox.load()
            #expect(loaded == (1...3).map(Self.report).prefix(loaded.count).map { $0 })
            counts.insert(loaded.count)
        }
        #expect(counts.isSuperset(of: [0, 1, 2]))
    }

    @Test("no flipped bit makes a report that nobody wrote")
    func flipped() throws {
        let folder = try TemporaryFolder()
        let journal: String
        do {
            let outbox = try Outbox(claimingIn: folder.path, host: "node7")
            journal = outbox.path + "/journal"
            for seed in 1...2 { try outbox.keep(Self.report(seed)) }
        }
        let whole = try #require(try AtomicFile.read(journal))
        for index in whole.indices {
            var damaged = whole
            damaged[index] ^= 1 << UInt8(index % 8)
            try AtomicFile.write(damaged, to: journal, survivesPowerCut: false)
            let loaded = try Outbox(claimingIn: folder.path, host: "node7").load()
            #expect(loaded.count < 2 && loaded.allSatisfy { $0 == Self.report(1) }, "byte \(index)")
        }
        #expect(FileManager.default.fileExists(atPath: journal + ".damaged"))
    }

    @Test("acknowledged reports do not fill the disk")
    func compacts() throws {
        let folder = try TemporaryFolder()
        let outbox = try Outbox(claimingIn: folder.path, host: "node7")
        try outbox.keep(Self.report(0))
        for seed in 1...8000 {
            try outbox.keep(Self.report(seed))
            try outbox.remove(Self.report(seed).assignment)
        }
        let size = try #require(try AtomicFile.read(outbox.path + "/journal")).count
        #expect(size < 2 << 20)
        #expect(outbox.load() == [Self.report(0)])
    }

    @Test("what a dead worker of this machine left is taken over")
    func adopts() throws {
        let folder = try TemporaryFolder()
        let alice = try Outbox(claimingIn: folder.path, host: "node7")
        do {
            let bob = try Outbox(claimingIn: folder.path, host: "node7")
            try bob.keep(Self.report(2))
        }
        alice.adoptAbandoned()
        #expect(alice.load() == [Self.report(2)])
        #expect(Outbox.waitingCount(in: folder.path) == 1)
    }
}
