import Basics
import Messaging
import Sweeps
import TestSupport
import Testing

@Suite("Wire format")
struct WireMessageTests {
    static let header = MessageHeader(
        sweep: SweepID(0x0123_4567_89AB_CDEF), incarnation: 3, sequence: .max, acknowledged: 5)
    static let fromWorkers = WorkerMessage.examples.map { Envelope(header, $0) }
    static let fromCoordinator = CoordinatorMessage.examples.map { Envelope(header, $0) }

    @Test("every message of a worker comes back as it was sent", arguments: fromWorkers.indices)
    func workerRoundTrip(index: Int) throws {
        let isSame = try WorkerEnvelope(frames: Self.fromWorkers[index].frames) == Self.fromWorkers[index]
        #expect(isSame)
    }

    @Test("every message of the coordinator comes back as it was sent", arguments: fromCoordinator.indices)
    func coordinatorRoundTrip(index: Int) throws {
        let envelope = Self.fromCoordinator[index]
        let isSame = try CoordinatorEnvelope(frames: envelope.frames) == envelope
        #expect(isSame)
    }

    @Test("every kind of message has an example and a type of its own")
    func examplesAreComplete() {
        #expect(Set(WorkerMessage.examples.map(\.wireType)) == Set(1...11))
        #expect(Set(CoordinatorMessage.examples.map(\.wireType)) == Set(64...76).union(80...82))
    }

    @Test("a header and a body keep their bytes from version to version")
    func goldenBytes() {
        let header = MessageHeader(sweep: SweepID(0x0102), incarnation: 1, sequence: 2, acknowledged: 3)
        let frames = CoordinatorEnvelope(header, .resultAck(.example, .recorded)).frames
        let expected: [UInt8] =
            Array("DSCT".utf8) + [1, 1, 67, 0] + [2, 1, 0, 0, 0, 0, 0, 0] + [1, 0, 0, 0, 0, 0, 0, 0]
            + [2, 0, 0, 0, 0, 0, 0, 0] + [3, 0, 0, 0, 0, 0, 0, 0]
        #expect(frames[0] == expected)
        let body = String(decoding: frames[1], as: UTF8.self)
        #expect(body == #"{"attempt":7,"disposition":"recorded","task":"\#(Assignment.example.task)"}"#)
    }

    @Test("bodies keep their fields from version to version")
    func goldenBodies() {
        // Task ids are part of the examples: a new TaskID.numericVersion changes this hash, and nothing else may.
        let bodies =
            WorkerMessage.examples.map(\.wireBody.canonicalText).joined(separator: "\n")
            + CoordinatorMessage.examples.map(\.wireBody.canonicalText).joined(separator: "\n")
        #expect(ContentHash(of: bodies).hexadecimal.prefix(16) == "157cdc2cd540a782", "\(bodies)")
    }

    @Test("a result with a number that is not finite keeps its bits")
    func nonFiniteProgress() throws {
        let progress = TaskProgress(epoch: 1, epochCount: 2, errorTrain: .nan, errorTest: -.infinity)
        let envelope = WorkerEnvelope(Self.header, .progress(.example, progress))
        guard case .progress(_, let read) = try WorkerEnvelope(frames: envelope.frames).message else {
            Issue.record("another kind of message came back")
            return
        }
        #expect(read.errorTrain?.isNaN == true)
        #expect(read.errorTest == -.infinity)
    }

    @Test("unknown fields and a longer header of a later minor version are skipped")
    func minorVersion() throws {
        var frames = CoordinatorEnvelope(Self.header, .revoke(.example)).frames
        frames[0][5] = 9
        frames[0] += [1, 2, 3]
        let body = Assignment.example
        frames[1] = Array(
            #"{ "attempt": \#(body.attempt), "hurry": [true, {"a": null}], "task": "\#(body.task)" }"#.utf8)
        #expect(try CoordinatorEnvelope(frames: frames) == Envelope(Self.header, .revoke(.example)))
    }

    @Test("another major version is refused by name, but its refusal is understood")
    func majorVersion() throws {
        var frames = CoordinatorEnvelope(Self.header, .ping).frames
        frames[0][4] = 2
        #expect(throws: WireError.version(peer: ProtocolVersion(major: 2, minor: 1))) {
            try CoordinatorEnvelope(frames: frames)
        }
        let refused = CoordinatorMessage.refused(Refusal(.version, "too old"))
        frames = CoordinatorEnvelope(Self.header, refused).frames
        frames[0][4] = 2
        #expect(try CoordinatorEnvelope(frames: frames).message == refused)
    }

    @Test("a result whose blob is not what its hash says is refused")
    func damagedBlob() {
        var frames = WorkerEnvelope(Self.header, .result(.example)).frames
        frames[2][20] ^= 1
        #expect(throws: WireError.blob("has another hash than it claims")) {
            try WorkerEnvelope(frames: frames)
        }
        #expect(throws: WireError.blob("is missing")) { try WorkerEnvelope(frames: Array(frames[..<2])) }
    }

    @Test("a blob beside a message that has none is refused")
    func superfluousBlob() {
        let frames = WorkerEnvelope(Self.header, .goodbye).frames + [[1]]
        #expect(throws: WireError.blob("does not belong there")) { try WorkerEnvelope(frames: frames) }
    }

    @Test("frames, lists and texts beyond the limits are refused")
    func limits() {
        let frames = WorkerEnvelope(Self.header, WorkerMessage.examples[0]).frames
        let small = WireLimits(frameBytesMax: 4, bodyBytesMax: 8, assignmentsMax: 1, textBytesMax: 2)
        #expect(throws: WireError.tooLarge(frame: "body", byteCount: frames[1].count, byteCountMax: 8)) {
            try WorkerEnvelope(frames: frames, limits: small)
        }
        var limits = WireLimits.standard
        limits.assignmentsMax = 1
        #expect(throws: WireError.body(field: "active")) {
            try WorkerEnvelope(frames: frames, limits: limits)
        }
        limits = .standard
        limits.textBytesMax = 64
        var failure = WorkerEnvelope(
            Self.header,
            .failure(
                FailureReport(
                    assignment: .example, failureClass: .crash, message: String(repeating: "x", count: 65))))
        #expect(throws: WireError.body(field: "message")) {
            try WorkerEnvelope(frames: failure.frames, limits: limits)
        }
        failure = WorkerEnvelope(Self.header, .goodbye)
        #expect(throws: WireError.frameCount(4)) {
            try WorkerEnvelope(frames: failure.frames + [[], []])
        }
    }
}
