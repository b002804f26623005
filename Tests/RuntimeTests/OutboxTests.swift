import Basics
import Foundation
import Messaging
import Runtime
import Sweeps
import Testing

@Suite("Outbox")
struct OutboxTests {
    private static func report(_ seed: Int) -> AttemptReport {
        let configuration: Setting = ["seed": .integer(seed)]
        let bytes = FastPerformer.result(of: configuration).encoded()
        return .result(
            ResultReport(
                assignment: Assignment(task: TaskID(of: configuration), attempt: 1),
                contentHash: ContentHash(of: bytes), bytes: bytes, elapsed: .seconds(seed)))
    }

    private static let failure = AttemptReport.failure(
        FailureReport(
            assignment: Assignment(task: TaskID(of: ["seed": 99]), attempt: 3), failureClass: .outOfMemory,
            message: "no memory left"))

    @Test("reports of a dead process are found by its successor")
    func survives() throws {
        let folder = try TemporaryFolder()
        do {
            let outbox = try Outbox(claimingIn: folder.path, host: "node7")
            for seed in [3, 1, 2] { try outbox.keep(OutboxTests.report(seed)) }
            try outbox.keep(OutboxTests.failure)
            try outbox.remove(OutboxTests.report(1).assignment)
        }
        let outbox = try Outbox(claimingIn: folder.path, host: "node7")
        #expect(outbox.name == "node7-slot0")
        let loaded = outbox.load()
        #expect(Set(loaded) == [OutboxTests.report(3), OutboxTests.report(2), OutboxTests.failure])
        #expect(loaded.count == 3)
    }

    @Test("two workers of one machine have two names, and a name is free again after its worker")
    func slots() throws {
        let folder = try TemporaryFolder()
        let alice = try Outbox(claimingIn: folder.path, host: "node7")
        do {
            let bob = try Outbox(claimingIn: folder.path, host: "node7")
            #expect([alice.name, bob.name] == ["node7-slot0", "node7-slot1"])
        }
        let other = try Outbox(claimingIn: folder.path, host: "node8")
        #expect(other.name == "node8-slot0")
        let next = try Outbox(claimingIn: folder.path, host: "node7")
        #expect(next.slot == 1)
    }

    @Test("what dead workers of this machine left is taken over, and nothing of others")
    func adopts() throws {
        let folder = try TemporaryFolder()
        let alice = try Outbox(claimingIn: folder.path, host: "node7")
        let bob = try Outbox(claimingIn: folder.path, host: "node7")
        try bob.keep(OutboxTests.report(1))
        do {
            let carol = try Outbox(claimingIn: folder.path, host: "node7")
            try carol.keep(OutboxTests.report(2))
            let dave = try Outbox(claimingIn: folder.path, host: "node8")
            try dave.keep(OutboxTests.report(3))
        }
        alice.adoptAbandoned()
        #expect(alice.load() == [OutboxTests.report(2)])
        #expect(bob.load() == [OutboxTests.report(1)])
    }

    @Test("a damaged report is put aside and costs the others nothing")
    func damaged() throws {
        let folder = try TemporaryFolder()
        let outbox = try Outbox(claimingIn: folder.path, host: "node7")
        try outbox.keep(OutboxTests.report(1))
        try outbox.keep(OutboxTests.failure)
        let victim = "\(outbox.path)/\(OutboxTests.report(1).assignment.task.text)-1.report"
        var bytes = try #require(try AtomicFile.read(victim))
        bytes[bytes.count - 5] ^= 1
        try AtomicFile.write(bytes, to: victim)
        #expect(outbox.load() == [OutboxTests.failure])
        #expect(FileManager.default.fileExists(atPath: victim + ".damaged"))
        #expect(outbox.load() == [OutboxTests.failure])
    }

    @Test("a crash is reported for the attempt that the dead process trained, and for no other")
    func crash() throws {
        let folder = try TemporaryFolder()
        let assignment = OutboxTests.report(1).assignment
        do {
            let alice = try Outbox(claimingIn: folder.path, host: "node7")
            alice.mark(assignment)
            // Alice lives: nothing is said of her.
            Outbox.reportCrash(of: getpid(), in: folder.path, message: "died of signal 11")
            #expect(alice.load().isEmpty)
        }
        Outbox.reportCrash(of: 1, in: folder.path, message: "another process")
        Outbox.reportCrash(of: getpid(), in: folder.path, message: "died of signal 11")
        Outbox.reportCrash(of: getpid(), in: folder.path, message: "told once more")
        let next = try Outbox(claimingIn: folder.path, host: "node7")
        let expected = AttemptReport.failure(
            FailureReport(assignment: assignment, failureClass: .crash, message: "died of signal 11"))
        #expect(next.load() == [expected])
    }

    @Test("a process that trained nothing any more when it died crashed for nobody")
    func idleCrash() throws {
        let folder = try TemporaryFolder()
        do {
            let alice = try Outbox(claimingIn: folder.path, host: "node7")
            alice.mark(OutboxTests.report(1).assignment)
            alice.mark(nil)
        }
        Outbox.reportCrash(of: getpid(), in: folder.path, message: "died of signal 11")
        #expect(try Outbox(claimingIn: folder.path, host: "node7").load().isEmpty)
    }

    @Test("keeping a report twice and removing it twice changes nothing more")
    func idempotent() throws {
        let folder = try TemporaryFolder()
        let outbox = try Outbox(claimingIn: folder.path, host: "node7")
        try outbox.keep(OutboxTests.failure)
        try outbox.keep(OutboxTests.failure)
        #expect(outbox.load() == [OutboxTests.failure])
        try outbox.remove(OutboxTests.failure.assignment)
        try outbox.remove(OutboxTests.failure.assignment)
        #expect(outbox.load().isEmpty)
    }
}
