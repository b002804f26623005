import Basics
import Messaging
import Sweeps
import TestSupport
import Testing
import Workers

@Suite("Hostile coordinators")
struct HostileCoordinatorTests {
    @Test("no sequence of readable messages, however absurd, makes a worker trap", arguments: seeds(40))
    func absurdMessages(seed: UInt64) {
        var generator = SeededGenerator(seed: seed, stream: "absurd messages")
        var rig = WorkerRig()
        _ = rig.tell(.connected)
        var started: [Assignment] = []
        for _ in 0..<600 {
            rig.now = rig.now + .milliseconds(generator.index(below: 1500))
            let done: [Done] =
                switch generator.index(below: 11) {
                case 0: rig.tell(.tick)
                case 1: rig.tell(.receivedUnreadable(.notOurs))
                case 2: rig.tell(.connected)
                case 3, 4:
                    if let index = started.indices.randomElement(using: &generator) {
                        rig.tell(.ended(Self.report(started[index], using: &generator)))
                    } else {
                        rig.tell(.tick)
                    }
                default:
                    rig.hear(
                        Self.message(using: &generator), incarnation: UInt64(1 + generator.index(below: 3)))
                }
            for case .start(let assignment) in done { started.append(assignment) }
        }
    }

    private static func report(_ assignment: Assignment, using generator: inout SeededGenerator)
        -> AttemptReport
    {
        if generator.index(below: 2) == 0 {
            return .failure(
                FailureReport(assignment: assignment, failureClass: .crash, message: "simulated"))
        }
        let result = TaskResult(columns: ["x"], measurements: [])
        return .result(
            ResultReport(
                assignment: assignment, contentHash: result.contentHash, bytes: result.encoded(),
                elapsed: .milliseconds(generator.index(below: 5000))))
    }

    private static func message(using generator: inout SeededGenerator) -> CoordinatorMessage {
        func assignment(_ generator: inout SeededGenerator) -> Assignment {
            WorkerRig.assignment(generator.index(below: 5), UInt32(1 + generator.index(below: 4)))
        }
        switch generator.index(below: 10) {
        case 0, 1:
            let verdicts = (0..<generator.index(below: 6)).map { _ in
                let choices = HeldVerdict.Verdict.allCases
                return HeldVerdict(assignment(&generator), choices[generator.index(below: choices.count)])
            }
            return .welcome(
                Welcome(
                    heartbeatInterval: .milliseconds(10 + generator.index(below: 5000)), lease: .seconds(20),
                    verdicts: verdicts, takesSeveral: generator.index(below: 2) == 0))
        case 2: return .whoAreYou
        case 3, 4, 5:
            return .task(WorkerRig.order(generator.index(below: 5), UInt32(1 + generator.index(below: 4))))
        case 6:
            let choices = Disposition.allCases
            return .resultAck(assignment(&generator), choices[generator.index(below: choices.count)])
        case 8: return .resultsAck((0..<generator.index(below: 4)).map { _ in assignment(&generator) })
        case 9:
            return .tasks(
                (0..<generator.index(below: 4)).map { _ in
                    WorkerRig.order(generator.index(below: 5), UInt32(1 + generator.index(below: 4)))
                })
        case 7: return .revoke(assignment(&generator))
        default: return generator.index(below: 2) == 0 ? .ping : .drain
        }
    }
}
