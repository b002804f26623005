import Basics
import Coordination
import Messaging
import Sweeps
import TestSupport
import Testing

/// Workers that obey the grammar and no rule beside it.
@Suite("Hostile workers")
struct HostileWorkerTests {
    @Test("no sequence of readable messages, however absurd, breaks the books", arguments: seeds(40))
    func absurdMessages(seed: UInt64) {
        var fuzz = Fuzz(seed: seed)
        for _ in 0..<600 { fuzz.step() }
        // The sweep is still one that an honest worker can end.
        let counts = fuzz.rig.coordinator.picture.counts
        #expect(counts.total == 5, "SEED=\(seed)")
    }

    @Test("a negative epoch and one that is no number are refused before anybody believes them")
    func absurdProgress() {
        for text in ["-1", "1.5", "\"3\"", "null", "1e400"] {
            let valid = WorkerEnvelope(
                MessageHeader(sweep: Rig.sweep, incarnation: 3, sequence: 1, acknowledged: 0),
                .progress(Rig.assignment(0), TaskProgress(epoch: 77, epochCount: 400)))
            var frames = valid.frames
            let body = String(decoding: frames[1], as: UTF8.self)
            frames[1] = Array(body.replacing("77", with: text).utf8)
            #expect(throws: WireError.self, "\(text)") { try WorkerEnvelope(frames: frames) }
        }
    }
}

/// Events drawn by chance, some of them the store's and the clock's.
private struct Fuzz {
    var rig = Rig(Rig.tasks(5))
    private var generator: SeededGenerator
    private var sequenceRequested: UInt64 = 0
    private var sequenceStored: UInt64 = 0

    init(seed: UInt64) { generator = SeededGenerator(seed: seed, stream: "absurd messages") }

    mutating func step() {
        rig.now = rig.now + .milliseconds(generator.index(below: 3000))
        let event: Coordinator.Event =
            switch generator.index(below: 12) {
            case 0: .tick
            case 1: .sessionLost(session())
            case 2: .storeFailed("no space left on device")
            case 3, 4:
                .stored(
                    through: sequenceStored
                        + UInt64(generator.index(below: Int(sequenceRequested - sequenceStored) + 1)))
            case 5: .receivedUnreadable(.notOurs, from: session())
            default: .received(envelope(), from: session())
            }
        if case .stored(let through) = event { sequenceStored = through }
        for effect in rig.coordinator.handle(event, at: rig.now) {
            if case .store(_, let sequence) = effect { sequenceRequested = max(sequenceRequested, sequence) }
        }
        rig.coordinator.checkAllInvariants()
    }

    private mutating func session() -> SessionID { Rig.session(UInt8(1 + generator.index(below: 4))) }

    private mutating func envelope() -> WorkerEnvelope {
        let header = MessageHeader(
            sweep: generator.index(below: 9) == 0 ? SweepID(8) : Rig.sweep,
            incarnation: UInt64(generator.index(below: 6) == 0 ? 2 : 3),
            sequence: generator.index(below: 20) == 0 ? .max : UInt64(1 + generator.index(below: 500)),
            acknowledged: generator.index(below: 20) == 0 ? .max : UInt64(generator.index(below: 100)))
        return WorkerEnvelope(header, message())
    }

    private mutating func message() -> WorkerMessage {
        switch generator.index(below: 10) {
        case 0, 1, 2:
            let name = ["alice", "bob", "carol"][generator.index(below: 3)]
            return .hello(
                Hello(
                    worker: Rig.worker(name, processID: 1 + generator.index(below: 3)), holdings: holdings(),
                    capacity: generator.index(below: 1024), connection: generator.index(below: 6),
                    takesSeveral: generator.index(below: 2) == 0))
        case 3, 4:
            return .heartbeat(
                Heartbeat(holdings: holdings(), capacity: generator.index(below: 1024), uptime: .zero))
        case 5: return .progress(assignment(), TaskProgress(epoch: 9, epochCount: 3, errorTrain: .nan))
        case 6:
            let (index, attempt) = (generator.index(below: 6), UInt32(1 + generator.index(below: 4)))
            return .result(Rig.report(index, attempt, value: Double(generator.index(below: 2))))
        case 7:
            let classes = FailureClass.allCases
            return .failure(
                FailureReport(
                    assignment: assignment(), failureClass: classes[generator.index(below: classes.count)],
                    message: "absurd"))
        case 8:
            return .results(
                (0..<generator.index(below: 4)).map { _ in
                    let (index, attempt) = (generator.index(below: 6), UInt32(1 + generator.index(below: 4)))
                    return Rig.report(index, attempt, value: Double(generator.index(below: 2)))
                })
        default:
            if generator.index(below: 4) == 0 { return .goodbye }
            return .release((0..<generator.index(below: 5)).map { _ in assignment() }, .drained)
        }
    }

    /// With repetitions, unknown tasks and attempts that nobody started.
    private mutating func holdings() -> Holdings {
        Holdings(
            active: (0..<generator.index(below: 5)).map { _ in ActiveAttempt(assignment(), progress: nil) },
            ended: (0..<generator.index(below: 5)).map { _ in
                EndedAttempt(
                    assignment(),
                    contentHash: generator.index(below: 2) == 0 ? nil : Rig.report(0).contentHash)
            })
    }

    private mutating func assignment() -> Assignment {
        Rig.assignment(generator.index(below: 6), UInt32(1 + generator.index(below: 4)))
    }
}
