import Basics
import Coordination
import Messaging
import Sweeps
import TestSupport
import Testing

@Suite("A store that fails")
struct StoreTests {
    @Test("nothing is acknowledged or handed out while the store fails, and all of it afterwards")
    func failingStore() {
        var rig = Rig(Rig.tasks(3))
        _ = rig.join("alice", capacity: 2)
        _ = rig.commit()
        let report = Rig.report(0)
        let started = rig.say(.result(report))
        #expect(started == [.store(.result(report, worker: Rig.worker("alice"))), .start(2)])
        #expect(rig.tell(.storeFailed("no space left on device")) == [])
        #expect(rig.coordinator.picture.storeProblem == "no space left on device")

        // A second result meanwhile is taken in, not passed on.
        #expect(rig.say(.result(Rig.report(1))) == [])
        let retried = rig.wait(.seconds(1))
        #expect(
            retried == [
                .store(.result(report, worker: Rig.worker("alice"))), .start(2),
                .store(.result(Rig.report(1), worker: Rig.worker("alice"))),
            ])
        let committed = rig.commit()
        #expect(
            committed == [
                .task(Rig.assignment(2), index: 2, to: Rig.alice),
                // What became durable together is acknowledged together.
                .send(.resultsAck([report.assignment, Rig.assignment(1)]), to: Rig.alice),
            ])
        #expect(rig.coordinator.picture.storeProblem == nil)
    }

    @Test("what was written between the last retry and the recovery is asked for as well")
    func writesBeforeRecovery() {
        var rig = Rig(Rig.tasks(3))
        _ = rig.join("alice", capacity: 2)
        _ = rig.commit()
        _ = rig.say(.result(Rig.report(0)))
        _ = rig.tell(.storeFailed("disk"))
        _ = rig.wait(.seconds(1))
        _ = rig.say(.result(Rig.report(1)))
        // Writes 1 and 2 started the tasks; 3 is the result, 4 the third task, 5 the late result.
        let recovered = rig.tell(.stored(through: 4))
        #expect(recovered.contains(.store(.result(Rig.report(1), worker: Rig.worker("alice")))))
    }

    @Test("a confirmation of what was never asked for is a mistake of the caller")
    func confirmedTooMuch() async {
        await #expect(processExitsWith: .failure) {
            var rig = Rig()
            _ = rig.tell(.stored(through: 5))
        }
    }
}

@Suite("GroupCommit")
struct GroupCommitTests {
    static func write(_ index: Int) -> StoreWrite {
        .attemptStarted(Rig.assignment(index), worker: Rig.worker("alice"))
    }

    @Test("a write waits for company until its time is up")
    func delay() {
        var commit = GroupCommit()
        #expect(!commit.isDue(at: .origin))
        commit.add(Self.write(1), sequence: 1, at: .origin)
        commit.add(Self.write(2), sequence: 2, at: .origin + .milliseconds(4))
        #expect(!commit.isDue(at: .origin + .milliseconds(4)))
        #expect(commit.deadline == .origin + .milliseconds(5))
        #expect(commit.isDue(at: .origin + .milliseconds(5)))
        let batch = commit.takeBatch()
        #expect(batch == [Self.write(1), Self.write(2)])
        #expect(commit.succeeded() == 2)
        #expect(commit.deadline == nil)
    }

    @Test("many writes do not wait, and make several batches")
    func fullBatch() {
        var commit = GroupCommit()
        for sequence in 1...255 { commit.add(Self.write(sequence), sequence: UInt64(sequence), at: .origin) }
        #expect(!commit.isDue(at: .origin))
        for sequence in 256...3000 {
            commit.add(Self.write(sequence), sequence: UInt64(sequence), at: .origin)
        }
        #expect(commit.isDue(at: .origin))
        #expect(commit.takeBatch().count == 2048)
        #expect(!commit.isDue(at: .origin + .seconds(1)), "a commit is under way")
        #expect(commit.succeeded() == 2048)
        #expect(commit.isDue(at: .origin + .seconds(1)))
        #expect(commit.takeBatch().count == 952)
        #expect(commit.succeeded() == 3000)
    }

    @Test("after a failure nothing is taken before the first lost write comes again")
    func failure() {
        var commit = GroupCommit()
        commit.add(Self.write(1), sequence: 1, at: .origin)
        _ = commit.takeBatch()
        commit.add(Self.write(2), sequence: 2, at: .origin)
        commit.failed()
        commit.add(Self.write(3), sequence: 3, at: .origin)
        #expect(commit.deadline == nil)
        for sequence in 1...3 { commit.add(Self.write(sequence), sequence: UInt64(sequence), at: .origin) }
        commit.add(Self.write(2), sequence: 2, at: .origin)
        let batch = commit.takeBatch()
        #expect(batch == [Self.write(1), Self.write(2), Self.write(3)])
        #expect(commit.succeeded() == 3)
    }
}

@Suite("MinHeap")
struct MinHeapTests {
    @Test(
        "gives its elements in ascending order, whatever the order of pushes and pops", arguments: seeds(20))
    func order(seed: UInt64) {
        var generator = SeededGenerator(seed: seed, stream: "heap")
        var heap = MinHeap<Int>()
        var reference: [Int] = []
        for _ in 0..<500 {
            if generator.index(below: 3) > 0 {
                let value = generator.index(below: 100)
                heap.push(value)
                reference.append(value)
                reference.sort()
            } else {
                let expected = reference.isEmpty ? nil : reference.removeFirst()
                #expect(heap.pop() == expected, "SEED=\(seed)")
            }
            #expect(heap.first == reference.first, "SEED=\(seed)")
        }
    }
}
