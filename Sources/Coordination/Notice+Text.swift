internal import Basics
internal import Messaging
internal import Sweeps

extension Coordinator.Notice: CustomStringConvertible {
    /// True for what a person should see even when only problems are shown.
    public var isWarning: Bool {
        switch self {
        case .workerJoined, .workerReturned, .workerLeft, .duplicateConfirmed, .storeRecovered, .draining,
            .steered, .dismissed, .hostTrusted:
            false
        case .workerSuspected, .workerLost, .attemptLost, .attemptFailed, .nondeterminism, .storeFailing,
            .ownPause,
            .unreadable, .refused, .mixedNumerics, .tooManyFailures, .checkpointNotKept,
            .hostSetAside, .standstill:
            true
        }
    }

    /// One sentence, without the control characters that a worker might have sent.
    public var description: String { text.withoutControlCharacters }

    private var text: String {
        switch self {
        case .workerJoined(let worker):
            "\(worker.name) joined from \(worker.host) (process \(worker.processID), \(worker.build), "
                + "BLAS \(worker.numericProfile.blasCore))"
        case .workerReturned(let worker, let kept): "\(worker) is back and goes on with \(kept) tasks"
        case .workerSuspected(let worker): "\(worker) is silent; its tasks wait for it for one more lease"
        case .workerLost(let worker): "\(worker) did not come back"
        case .workerLeft(let worker): "\(worker) left"
        case .attemptLost(let assignment, let worker): "\(worker) lost \(assignment); the task waits again"
        case .attemptFailed(let report, let worker, let isFinal):
            "\(report.assignment) failed on \(worker), \(report.failureClass.rawValue): \(report.message)"
                + (isFinal ? "; the task is given up" : "; the task waits again")
        case .duplicateConfirmed(let assignment, let worker):
            "\(assignment) on \(worker) gave the result that the task already had"
        case .nondeterminism(let assignment, let recorded, let received, let worker):
            "\(assignment) on \(worker) gave result \(received.hexadecimal.prefix(12)) where the task already had "
                + "\(recorded.hexadecimal.prefix(12)): training is not deterministic across these workers; "
                + "the first result stays"
        case .storeFailing(let reason):
            "the store cannot be written, tasks and acknowledgements wait: \(reason)"
        case .storeRecovered: "the store can be written again"
        case .ownPause(let pause): "the coordinator stood still for \(pause); all leases are extended"
        case .unreadable(let error, let session): "session \(session) sent \(error)"
        case .refused(let refusal, let worker): "\(worker) was refused: \(refusal.message)"
        case .mixedNumerics(let worker, let profile, let first):
            "\(worker) computes with \(profile) where others compute with \(first): the last bits of results may "
                + "depend on who trained what; 'resources: {numerics: strict}' keeps a sweep on one"
        case .hostSetAside(let host, let failures):
            "\(host) is set aside, for \(failures.count) tasks in a row failed there (\(failures.counted)): others "
                + "get them; see what is wrong with \(host), then start its workers anew"
        case .hostTrusted(let host): "\(host) gets tasks again"
        case .standstill(let standstill): standstill.description
        case .draining: "no new tasks are handed out; what runs may finish"
        case .tooManyFailures(let count): "\(count) tasks have failed, which is more than allowed"
        case .steered(let verb, let count, let reason):
            "\(count) tasks are \(verb.participle)" + (reason.isEmpty ? "" : ": \(reason)")
        case .checkpointNotKept(let assignment, let problem):
            "the checkpoint of \(assignment) is not kept: \(problem)"
        case .dismissed(let worker): "\(worker) was asked to leave after what it trains"
        }
    }
}

extension [FailureClass] {
    /// `2 × crash, 1 × io`: how often each class stands here.
    var counted: String {
        let classes = FailureClass.allCases.filter(contains)
        return classes.map { failureClass in "\(count { $0 == failureClass }) × \(failureClass.rawValue)" }
            .joined(separator: ", ")
    }
}

extension String {
    /// The text with every control character but the line feed replaced, for terminals and logs.
    fileprivate var withoutControlCharacters: String {
        var clean = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            let isControl = scalar.value < 0x20 || 0x7F..<0xA0 ~= scalar.value
            clean.append(isControl && scalar != "\n" ? "\u{FFFD}" : scalar)
        }
        return String(clean)
    }
}
