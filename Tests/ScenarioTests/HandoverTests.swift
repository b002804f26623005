import Basics
import ClusterSimulation
import Messaging
import Sweeps
import Testing
import Workers

/// Tasks that pass from one worker to another, with no disk that both see.
@Suite("Handovers")
struct HandoverTests {
    static let alice = 0

    /// One task of four epochs of ten seconds; whoever joins first trains it.
    static func cluster(workers: Int = 2) -> SimulatedCluster {
        StoryTests.cluster(tasks: 1, workers: workers, cost: .seconds(40), joiningWithin: .milliseconds(10))
    }

    /// Loses the next message from workers that the predicate picks.
    static func lose(
        _ cluster: inout SimulatedCluster, _ isLost: @escaping @Sendable (WorkerMessage) -> Bool
    ) {
        cluster.dropNext {
            if case .toCoordinator(let envelope) = $0 { isLost(envelope.message) } else { false }
        }
    }

    /// The worker that trains.
    static func trainer(_ cluster: SimulatedCluster) -> Int { cluster.trainer ?? 0 }

    @Test("a worker told that its machine goes away hands its epochs over to another")
    func handBack() {
        var cluster = Self.cluster()
        cluster.advance(by: .seconds(15))
        cluster.tell(Self.trainer(cluster), .command(.handBack))
        cluster.advance(by: .seconds(10))
        #expect(cluster.resumedEpochs == [2])
        #expect(StoryTests.end(&cluster) == [1])
    }

    @Test("a worker that is killed costs the epochs since its last checkpoint")
    func killed() {
        var cluster = Self.cluster()
        cluster.advance(by: .seconds(25))
        cluster.crashWorker(Self.trainer(cluster), restartAfter: .seconds(300))
        #expect(StoryTests.end(&cluster) == [1])
        #expect(cluster.resumedEpochs == [2])
    }

    @Test("pieces and acknowledgements of a checkpoint that are lost come again", arguments: 0..<3)
    func lostMessages(kind: Int) {
        var cluster = Self.cluster()
        Self.lose(&cluster) { message in
            switch message {
            case .checkpoint: kind == 0
            case .checkpointChunk: kind == 1
            case .checkpointWanted: kind == 2
            default: false
            }
        }
        cluster.advance(by: .seconds(25))
        cluster.crashWorker(Self.trainer(cluster), restartAfter: .seconds(300))
        #expect(StoryTests.end(&cluster) == [1])
        #expect(cluster.resumedEpochs == [2])
    }

    @Test("a coordinator that is killed while a checkpoint is on its way gets it after its restart")
    func coordinatorKilledMidway() {
        var cluster = Self.cluster()
        // The last piece is lost, and with it the coordinator that waited for it.
        Self.lose(&cluster) { if case .checkpointChunk(let chunk) = $0 { chunk.offset >= 96 } else { false } }
        cluster.advance(by: .milliseconds(10_500))
        cluster.crashCoordinator(restartAfter: .seconds(3))
        cluster.advance(by: .seconds(8))
        cluster.crashWorker(Self.trainer(cluster), restartAfter: .seconds(300))
        #expect(StoryTests.end(&cluster) == [1])
        #expect(cluster.resumedEpochs == [1])
    }

    @Test("a damaged checkpoint costs the epochs since the one before it")
    func damaged() {
        var cluster = Self.cluster()
        cluster.advance(by: .seconds(25))
        cluster.damageCheckpoint()
        cluster.crashWorker(Self.trainer(cluster), restartAfter: .seconds(300))
        #expect(StoryTests.end(&cluster) == [1])
        #expect(cluster.resumedEpochs == [1])
    }

    @Test("a worker that was cut off leaves no checkpoint of an attempt that another has gone on with")
    func staleUpload() {
        var cluster = Self.cluster()
        cluster.advance(by: .seconds(15))
        cluster.cut(Self.trainer(cluster), [.toCoordinator, .toWorker], for: .seconds(60))
        // The store checks the fence of every checkpoint that is kept.
        let counts = StoryTests.end(&cluster)
        #expect(counts[0] >= 1)
        #expect(cluster.resumedEpochs.first == 1)
    }

    @Test("tasks of a second send nothing")
    func shortTasks() {
        var cluster = StoryTests.cluster(tasks: 20, workers: 2, cost: .seconds(1))
        cluster.dropNext {
            if case .toCoordinator(let envelope) = $0, case .checkpoint = envelope.message {
                Issue.record("a checkpoint of a short task")
            }
            return false
        }
        #expect(StoryTests.end(&cluster) == Array(repeating: 1, count: 20))
    }
}
