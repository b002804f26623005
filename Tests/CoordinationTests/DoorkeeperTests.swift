import Basics
import Coordination
import Messaging
import Testing

@Suite("Doorkeeper")
struct DoorkeeperTests {
    private static func hello(_ name: String) -> WorkerMessage {
        .hello(Hello(worker: Rig.worker(name), holdings: Holdings(), capacity: 1, connection: 1))
    }

    @Test("a key speaks for the workers that bear its name, and for no others")
    func identity() {
        var door = Doorkeeper()
        #expect(door.judgeFrames(from: Rig.alice, key: "K") == .pass)
        let own = Self.hello("alice.node1-slot0")
        #expect(door.judge(own, from: Rig.alice, keyName: "alice") == .pass)
        for claimed in ["bob.node1-slot0", "alice", "alice-2.node1-slot0", "ALICE.node1", ".alice", ""] {
            let verdict = door.judge(Self.hello(claimed), from: Rig.alice, keyName: "alice")
            guard case .ban(let refusal) = verdict else {
                Issue.record("'\(claimed)': \(verdict)")
                continue
            }
            #expect(refusal.code == .key)
            #expect(refusal.message.contains("'\(claimed)'"))
        }
    }

    @Test("an impostor's session is dropped from then on")
    func impostor() {
        var door = Doorkeeper()
        _ = door.judgeFrames(from: Rig.alice, key: "K")
        _ = door.judge(Self.hello("bob.node1-slot0"), from: Rig.alice, keyName: "alice")
        #expect(door.judgeFrames(from: Rig.alice, key: "K") == .drop)
        #expect(door.judgeFrames(from: Rig.bob, key: "K") == .pass)
    }

    @Test("in plain text every name may be used, for there is nothing to tell them by")
    func plainText() {
        var door = Doorkeeper()
        #expect(door.judgeFrames(from: Rig.alice, key: nil) == .pass)
        #expect(door.judge(Self.hello("anybody"), from: Rig.alice, keyName: nil) == .pass)
    }

    @Test("a session stays with the key that opened it, whoever takes its routing id later")
    func sessionBelongsToKey() {
        var door = Doorkeeper()
        #expect(door.judgeFrames(from: Rig.alice, key: "K") == .pass)
        #expect(door.judgeFrames(from: Rig.alice, key: "L") == .drop)
        #expect(door.judgeFrames(from: Rig.alice, key: nil) == .drop)
        #expect(door.judgeFrames(from: Rig.alice, key: "K") == .pass)
    }

    @Test("a session that is unreadable too often is not read any more, and others are")
    func violations() {
        var door = Doorkeeper(violationsMax: 2)
        for session in [Rig.alice, Rig.bob] { _ = door.judgeFrames(from: session, key: nil) }
        for _ in 0..<3 { #expect(door.noteViolation(from: Rig.alice) == .pass) }
        #expect(door.noteViolation(from: Rig.alice) == .drop)
        #expect(door.judgeFrames(from: Rig.alice, key: nil) == .drop)
        #expect(door.judgeFrames(from: Rig.bob, key: nil) == .pass)
    }

    @Test("a revoked key ends all its sessions, once, oldest first")
    func revocation() {
        var door = Doorkeeper()
        let (third, fourth) = (Rig.session(3), Rig.session(4))
        for (session, key) in [(Rig.alice, "K"), (Rig.bob, "L"), (third, "K"), (fourth, nil)] {
            _ = door.judgeFrames(from: session, key: key)
        }
        #expect(door.ban { $0 != "K" } == [Rig.alice, third])
        #expect(door.ban { $0 != "K" } == [])
        #expect(door.judgeFrames(from: third, key: "K") == .drop)
        #expect(door.judgeFrames(from: Rig.bob, key: "L") == .pass)
        #expect(door.judgeFrames(from: fourth, key: nil) == .pass)
    }

    @Test("no number of sessions takes more memory than allowed")
    func manySessions() {
        var door = Doorkeeper(sessionsMax: 2)
        for number in UInt8(1)...9 { _ = door.judgeFrames(from: Rig.session(number), key: "K") }
        #expect(door.ban { _ in false } == [Rig.session(8), Rig.session(9)])
    }

    @Test("what a banned worker held waits for another at once, and the worker is told")
    func banned() {
        var rig = ResultTests.training()
        let refusal = Refusal(.key, "the key 'alice' is revoked")
        let said = rig.tell(.sessionBanned(Rig.alice, refusal))
        #expect(said == [.send(.refused(refusal), to: Rig.alice)])
        #expect(rig.coordinator.picture.workers.isEmpty)
        #expect(rig.coordinator.picture.counts.waiting == 1)
    }

    @Test("a ban of a session that never said HELLO changes nothing")
    func bannedStranger() {
        var rig = ResultTests.training()
        let refusal = Refusal(.key, "the key 'bob' is revoked")
        let said = rig.tell(.sessionBanned(Rig.bob, refusal))
        #expect(said == [.send(.refused(refusal), to: Rig.bob)])
        #expect(rig.coordinator.picture.counts.held == 1)
    }
}
