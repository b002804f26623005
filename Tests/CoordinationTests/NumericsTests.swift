import Coordination
import Messaging
import Testing

@Suite("Numeric profiles")
struct NumericsTests {
    static let wide = NumericProfile(
        blasCore: "Haswell", blasVersion: "OpenBLAS 0.3.21", instructionSet: "avx512", canary: "a1")
    static let otherBits = NumericProfile(
        blasCore: "Haswell", blasVersion: "OpenBLAS 0.3.21", instructionSet: "avx512", canary: "b2")

    /// A worker of a profile says HELLO.
    ///
    /// - Returns: Its refusal, if any, and the notices.
    static func join(
        _ rig: inout Rig, _ name: String, _ profile: NumericProfile, from session: SessionID
    ) -> (refusal: Refusal?, notices: [Coordinator.Notice]) {
        let plain = Rig.worker(name)
        let worker = WorkerDescription(
            name: name, host: plain.host, processID: plain.processID, slot: 0, build: "test", coreCount: 2,
            memoryBytes: 1, numericProfile: profile)
        let hello = WorkerMessage.hello(
            Hello(worker: worker, holdings: Holdings(), capacity: 1, connection: 1))
        let header = MessageHeader(sweep: Rig.sweep, incarnation: 0, sequence: 1, acknowledged: 0)
        let effects = rig.coordinator.handle(
            .received(WorkerEnvelope(header, hello), from: session), at: rig.now)
        var refusal: Refusal?
        var notices: [Coordinator.Notice] = []
        for effect in effects {
            if case .send(let envelope, _) = effect, case .refused(let why) = envelope.message {
                refusal = why
            }
            if case .log(let notice) = effect { notices.append(notice) }
        }
        return (refusal, notices)
    }

    static func rig(_ numerics: Coordinator.Numerics) -> Rig {
        var limits = Coordinator.Limits.standard
        limits.numerics = numerics
        return Rig(limits: limits)
    }

    @Test("a strict sweep stays on the profile of its first worker, and says who was refused and why")
    func strict() {
        var rig = Self.rig(.strict(profile: nil))
        #expect(Self.join(&rig, "alice", Self.wide, from: Rig.alice).refusal == nil)
        let bob = Self.join(&rig, "bob", Self.otherBits, from: Rig.bob)
        #expect(bob.refusal?.code == .numerics)
        let message = bob.refusal?.message ?? ""
        #expect(message.contains("bob") && message.contains("canary:b2") && message.contains("canary:a1"))
        #expect(bob.notices.contains { if case .refused(_, "bob") = $0 { true } else { false } })
    }

    @Test("a strict sweep that has results stays on the profile of those")
    func restarted() {
        var rig = Self.rig(.strict(profile: Self.wide.text))
        #expect(Self.join(&rig, "bob", Self.otherBits, from: Rig.bob).refusal?.code == .numerics)
        #expect(Self.join(&rig, "alice", Self.wide, from: Rig.alice).refusal == nil)
    }

    @Test("any other sweep takes all workers, and notes that its cluster is mixed")
    func mixed() {
        var rig = Self.rig(.any)
        #expect(Self.join(&rig, "alice", Self.wide, from: Rig.alice).notices.count == 1)
        let bob = Self.join(&rig, "bob", Self.otherBits, from: Rig.bob)
        #expect(bob.refusal == nil)
        let expected = Coordinator.Notice.mixedNumerics(
            worker: "bob", profile: Self.otherBits.text, first: Self.wide.text)
        #expect(bob.notices.contains(expected))
    }

    @Test("a profile's text names its instruction set, with a canary or without")
    func text() {
        #expect(NumericProfile.instructionSet(in: Self.wide.text) == "avx512")
        let old = NumericProfile(blasCore: "Zen", blasVersion: "OpenBLAS 0.3.29", instructionSet: "avx2")
        #expect(old.text == "Zen OpenBLAS 0.3.29 avx2")
        #expect(NumericProfile.instructionSet(in: old.text) == "avx2")
    }
}
