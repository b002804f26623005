import Basics
import ClusterSimulation
import Coordination
import Messaging
import Sweeps
import Testing

/// Whole clusters, with faults at chosen moments instead of chance.
@Suite("Stories")
struct StoryTests {
    static let alice = 0

    /// A calm cluster of equal tasks.
    static func cluster(
        tasks: Int, workers: Int, cost: Duration = .seconds(10), joiningWithin time: Duration = .seconds(3),
        sickHost: Int? = nil
    ) -> SimulatedCluster {
        var options = SimulatedCluster.Options()
        options.taskCount = tasks
        options.workerCount = workers
        var faults = Faults()
        faults.sickHost = sickHost
        options.faults = faults
        options.faultPhase = .seconds(1000)
        options.plainTaskCost = cost
        options.isThroughWire = true
        options.joiningTime = time
        return SimulatedCluster(seed: 1, options: options)
    }

    /// Runs the story to its end, which must be a good one.
    ///
    /// - Returns: How often each task was trained to the end.
    static func end(_ cluster: inout SimulatedCluster) -> [Int] {
        cluster.run()
        let violation = cluster.violationFound
        #expect(violation == nil)
        return cluster.trainingCounts
    }

    @Test("without faults every task is trained once", arguments: [1, 2, 7])
    func calm(workers: Int) {
        var cluster = Self.cluster(tasks: 20, workers: workers)
        #expect(Self.end(&cluster) == Array(repeating: 1, count: 20))
    }

    @Test("tasks of milliseconds are trained once, too")
    func shortTasks() {
        var cluster = Self.cluster(tasks: 500, workers: 4, cost: .milliseconds(2))
        #expect(Self.end(&cluster) == Array(repeating: 1, count: 500))
    }

    @Test("tasks shorter than a message come and go several in a message")
    func severalInAMessage() {
        var cluster = Self.cluster(tasks: 500, workers: 4, cost: .microseconds(100))
        #expect(Self.end(&cluster) == Array(repeating: 1, count: 500))
        // TASK, RESULT and acknowledgement of each alone would be 1,500.
        #expect(cluster.messageCount < 400)
    }

    @Test("lost messages about several tasks: all of them are done, none twice")
    func lostMessagesAboutSeveral() {
        var cluster = Self.cluster(tasks: 200, workers: 2, cost: .microseconds(100))
        cluster.dropNext {
            if case .toCoordinator(let envelope) = $0, case .results = envelope.message {
                true
            } else {
                false
            }
        }
        cluster.dropNext {
            if case .toWorker(let envelope) = $0, case .tasks = envelope.message { true } else { false }
        }
        #expect(Self.end(&cluster) == Array(repeating: 1, count: 200))
    }

    @Test("a worker killed while results wait to be sent together delivers them after its restart")
    func killedWhileGathering() {
        var cluster = Self.cluster(tasks: 300, workers: 1, cost: .microseconds(400))
        // The first result leaves at once; the next dozen wait for each other.
        for _ in 0..<100_000 where cluster.trainingCounts.count(where: { $0 == 1 }) < 10 {
            cluster.advance(by: .microseconds(100))
        }
        #expect(cluster.trainingCounts.count { $0 == 1 } == 10)
        cluster.crashWorker(Self.alice)
        #expect(Self.end(&cluster) == Array(repeating: 1, count: 300))
    }

    @Test("killed workers: their tasks are done by others, and no finished one twice")
    func killedWorkers() {
        var cluster = Self.cluster(tasks: 12, workers: 3)
        for worker in 0..<3 {
            cluster.advance(by: .seconds(15))
            cluster.crashWorker(worker)
        }
        #expect(Self.end(&cluster) == Array(repeating: 1, count: 12))
    }

    @Test("a worker killed between outbox and acknowledgement delivers after its restart")
    func killedBeforeAcknowledgement() {
        var cluster = Self.cluster(tasks: 1, workers: 1)
        cluster.dropNext {
            if case .toCoordinator(let envelope) = $0, case .result = envelope.message { true } else { false }
        }
        cluster.advance(by: .seconds(14))
        #expect(cluster.trainingCounts == [1])
        #expect(!cluster.hasEnded)
        cluster.crashWorker(Self.alice)
        #expect(Self.end(&cluster) == [1])
    }

    @Test("a coordinator that is away while workers train costs no epoch", arguments: [0, 5, 60])
    func coordinatorAway(seconds: Int) {
        var cluster = Self.cluster(tasks: 8, workers: 2, cost: .seconds(40))
        cluster.advance(by: .seconds(20))
        cluster.crashCoordinator(restartAfter: .seconds(seconds))
        #expect(Self.end(&cluster) == Array(repeating: 1, count: 8))
    }

    @Test("a coordinator killed five times costs no epoch")
    func coordinatorKilled() {
        var cluster = Self.cluster(tasks: 12, workers: 2)
        for _ in 0..<5 {
            cluster.advance(by: .seconds(8))
            cluster.crashCoordinator(restartAfter: .seconds(1))
        }
        #expect(Self.end(&cluster) == Array(repeating: 1, count: 12))
    }

    @Test("coordinator and workers killed together: only what was in training is trained again")
    func everythingKilled() {
        var cluster = Self.cluster(tasks: 12, workers: 3)
        for _ in 0..<5 {
            cluster.advance(by: .seconds(13))
            cluster.crashCoordinator(restartAfter: .seconds(2))
            for worker in 0..<3 { cluster.crashWorker(worker) }
        }
        #expect(Self.end(&cluster) == Array(repeating: 1, count: 12))
    }

    @Test("a coordinator that stands still for a minute costs no epoch")
    func coordinatorStopped() {
        var cluster = Self.cluster(tasks: 6, workers: 2, cost: .seconds(30))
        cluster.advance(by: .seconds(20))
        cluster.pauseCoordinator(for: .seconds(60))
        #expect(Self.end(&cluster) == Array(repeating: 1, count: 6))
    }

    @Test("a worker that stands still past its lease is replaced, and gives up when it wakes")
    func workerStopped() {
        var cluster = Self.cluster(tasks: 2, workers: 2, cost: .seconds(30))
        cluster.advance(by: .seconds(10))
        cluster.pauseWorker(Self.alice, for: .seconds(70))
        #expect(Self.end(&cluster) == [1, 1])
    }

    @Test("two attempts that both come to an end leave one result")
    func twoResults() {
        var cluster = Self.cluster(tasks: 2, workers: 2, cost: .seconds(60))
        cluster.advance(by: .seconds(50))
        cluster.cut(Self.alice, [.toCoordinator, .toWorker], for: .seconds(130))
        #expect(Self.end(&cluster).sorted() == [1, 2])
    }

    @Test("a cut shorter than two leases costs no epoch", arguments: [1, 15, 25])
    func shortCut(seconds: Int) {
        var cluster = Self.cluster(tasks: 4, workers: 2, cost: .seconds(60))
        cluster.advance(by: .seconds(10))
        cluster.cut(Self.alice, [.toCoordinator, .toWorker], for: .seconds(seconds))
        #expect(Self.end(&cluster) == Array(repeating: 1, count: 4))
    }

    @Test("a cut in one direction heals", arguments: [SimulatedNetwork.Direction.toCoordinator, .toWorker])
    func oneWayCut(direction: SimulatedNetwork.Direction) {
        var cluster = Self.cluster(tasks: 8, workers: 2)
        cluster.advance(by: .seconds(12))
        cluster.cut(Self.alice, [direction], for: .seconds(600))
        _ = Self.end(&cluster)
    }

    @Test("a full disk holds everything back and loses nothing")
    func fullDisk() {
        var cluster = Self.cluster(tasks: 8, workers: 2)
        cluster.advance(by: .seconds(12))
        cluster.breakStore(for: .seconds(60))
        #expect(Self.end(&cluster) == Array(repeating: 1, count: 8))
    }

    @Test("any one message lost costs at most a delay", arguments: 1...7)
    func lostFromWorker(type: UInt8) {
        var cluster = Self.cluster(tasks: 4, workers: 2)
        cluster.advance(by: .seconds(4))
        cluster.dropNext {
            if case .toCoordinator(let envelope) = $0 { envelope.message.wireType == type } else { false }
        }
        #expect(Self.end(&cluster) == Array(repeating: 1, count: 4))
    }

    @Test(
        "any one message of the coordinator lost costs at most a delay",
        arguments: [64, 65, 66, 67, 68, 69, 70, 71, 80, 81])
    func lostFromCoordinator(type: UInt8) {
        var cluster = Self.cluster(tasks: 4, workers: 2)
        cluster.dropNext {
            if case .toWorker(let envelope) = $0 { envelope.message.wireType == type } else { false }
        }
        #expect(Self.end(&cluster) == Array(repeating: 1, count: 4))
    }

    @Test("paused tasks rest while others are done, and are done once they are released")
    func pauseAndRelease() {
        var cluster = Self.cluster(tasks: 8, workers: 2)
        cluster.advance(by: .milliseconds(1))
        cluster.steer(.pause, [2, 3, 4, 5, 6, 7])
        cluster.advance(by: .seconds(100))
        #expect(cluster.trainingCounts == [1, 1, 0, 0, 0, 0, 0, 0])
        cluster.steer(.unpause, Array(0..<8))
        #expect(Self.end(&cluster) == Array(repeating: 1, count: 8))
    }

    @Test("paused tasks stay paused over a crash of the coordinator")
    func pauseSurvives() {
        var cluster = Self.cluster(tasks: 4, workers: 2)
        cluster.advance(by: .seconds(5))
        cluster.steer(.pause, [2, 3])
        cluster.advance(by: .seconds(1))
        cluster.crashCoordinator()
        cluster.advance(by: .seconds(100))
        #expect(cluster.trainingCounts == [1, 1, 0, 0])
        cluster.steer(.unpause, [2, 3])
        #expect(Self.end(&cluster) == [1, 1, 1, 1])
    }

    @Test("cancelled tasks are stopped and never trained, and the sweep ends without them")
    func cancelled() {
        var cluster = Self.cluster(tasks: 6, workers: 2)
        cluster.advance(by: .seconds(5))
        cluster.steer(.cancel, [0, 1, 4, 5])
        #expect(Self.end(&cluster) == [0, 0, 1, 1, 0, 0])
    }

    @Test("a cancelled task that is asked for again is trained")
    func cancelledAndRetried() {
        var cluster = Self.cluster(tasks: 6, workers: 2)
        cluster.advance(by: .seconds(5))
        cluster.steer(.cancel, [0, 1])
        cluster.advance(by: .seconds(5))
        cluster.steer(.retry, [0, 1])
        #expect(Self.end(&cluster) == Array(repeating: 1, count: 6))
    }

    @Test("a dismissed worker ends its task and leaves, and nothing is trained twice")
    func dismissed() {
        var cluster = Self.cluster(tasks: 8, workers: 2)
        cluster.advance(by: .seconds(15))
        cluster.ask(.dismiss("alice"))
        #expect(Self.end(&cluster) == Array(repeating: 1, count: 8))
    }

    @Test(
        "a host on which every task crashes is set aside, and the others do what it spoiled",
        arguments: [0, 1])
    func sickHost(host: Int) {
        var cluster = Self.cluster(tasks: 40, workers: 4, sickHost: host)
        let trained = Self.end(&cluster)
        #expect(cluster.doneCount == 40)
        // Three tasks in a row, and one more that the host's other worker had in hand.
        #expect(trained.reduce(0, +) <= 44)
    }

    @Test("the only host is used although every task crashes on it, until it is well again")
    func onlyHostIsSick() {
        var cluster = Self.cluster(tasks: 400, workers: 2, cost: .seconds(30), sickHost: 0)
        _ = Self.end(&cluster)
        // Those that crashed three times while it was sick are lost; the rest is done.
        #expect((300..<400).contains(cluster.doneCount))
    }

    @Test("256 workers that join within one second all get work")
    func manyWorkers() {
        var cluster = Self.cluster(tasks: 512, workers: 256, joiningWithin: .seconds(1))
        #expect(Self.end(&cluster) == Array(repeating: 1, count: 512))
    }

    @Test("a cut of ten minutes ends with one result a task, though two may have been trained")
    func longCut() {
        var cluster = Self.cluster(tasks: 8, workers: 2, cost: .seconds(60))
        cluster.advance(by: .seconds(10))
        cluster.cut(Self.alice, [.toCoordinator, .toWorker], for: .seconds(600))
        let trained = Self.end(&cluster)
        #expect(trained.allSatisfy { (1...2).contains($0) } && trained.reduce(0, +) <= 9)
    }

    @Test("256 workers that come back within two seconds of a restart go on with what they train")
    func reconnectStorm() {
        var cluster = Self.cluster(tasks: 512, workers: 256, joiningWithin: .seconds(1))
        cluster.advance(by: .seconds(5))
        cluster.crashCoordinator(restartAfter: .seconds(12))
        #expect(Self.end(&cluster) == Array(repeating: 1, count: 512))
    }
}
