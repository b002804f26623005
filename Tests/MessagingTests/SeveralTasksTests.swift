import Basics
import Messaging
import Sweeps
import Testing

@Suite("Messages about several tasks")
struct SeveralTasksTests {
    static let header = MessageHeader(
        sweep: SweepID(1), incarnation: 3, sequence: 40, acknowledged: 5)
    static let reports: [ResultReport] = [.example, .other]

    /// Frames in whose body one text stands for another.
    static func replacing(_ text: String, by other: String, in frames: [[UInt8]]) -> [[UInt8]] {
        let body = String(decoding: frames[1], as: UTF8.self)
        return [frames[0], Array(body.replacing(text, with: other).utf8)] + frames[2...]
    }

    @Test("the blob of RESULTS is the bytes of all results, one behind the other")
    func blob() {
        let frames = WorkerEnvelope(Self.header, .results(Self.reports)).frames
        #expect(frames[2] == Self.reports[0].bytes + Self.reports[1].bytes)
    }

    @Test("RESULTS with too few bytes, too many, or those of another result are refused")
    func damagedBlob() {
        let whole = WorkerEnvelope(Self.header, .results(Self.reports)).frames
        var frames = whole
        frames[2].removeLast()
        #expect(throws: WireError.blob("ends before its last result")) { try WorkerEnvelope(frames: frames) }
        frames = whole
        frames[2].append(0)
        #expect(throws: WireError.blob("goes on after its last result")) {
            try WorkerEnvelope(frames: frames)
        }
        frames = whole
        frames[2][20] ^= 1
        #expect(throws: WireError.blob("has another hash than it claims")) {
            try WorkerEnvelope(frames: frames)
        }
        #expect(throws: WireError.blob("is missing")) { try WorkerEnvelope(frames: Array(whole[..<2])) }
    }

    @Test("a result that claims more bytes than there are allocates nothing and is refused")
    func boastfulResult() {
        let count = Self.reports[1].bytes.count
        let frames = Self.replacing(
            #""bytes":\#(count)"#, by: #""bytes":\#(Int.max)"#,
            in: WorkerEnvelope(Self.header, .results(Self.reports)).frames)
        #expect(throws: WireError.blob("ends before its last result")) { try WorkerEnvelope(frames: frames) }
    }

    @Test("TASKS and RESULTS about nothing are refused")
    func emptyLists() {
        let results = WorkerEnvelope(Self.header, .results([])).frames
        #expect(throws: WireError.body(field: "results")) { try WorkerEnvelope(frames: results) }
        let tasks = CoordinatorEnvelope(Self.header, .tasks([])).frames
        #expect(throws: WireError.body(field: "tasks")) { try CoordinatorEnvelope(frames: tasks) }
    }

    @Test("a peer of protocol 1.0, whose HELLO or WELCOME says nothing of it, takes one task at a time")
    func olderPeers() throws {
        let hello = Hello(worker: .example, holdings: Holdings(), capacity: 1, connection: 1)
        let old = Self.replacing(
            #""several":true,"#, by: "", in: WorkerEnvelope(Self.header, .hello(hello)).frames)
        guard case .hello(let read) = try WorkerEnvelope(frames: old).message else {
            Issue.record("another kind of message came back")
            return
        }
        #expect(hello.takesSeveral)
        #expect(!read.takesSeveral)
        let welcome = Welcome(heartbeatInterval: .seconds(2), lease: .seconds(20), verdicts: [])
        let answer = Self.replacing(
            #""several":true,"#, by: "", in: CoordinatorEnvelope(Self.header, .welcome(welcome)).frames)
        guard case .welcome(let read) = try CoordinatorEnvelope(frames: answer).message else {
            Issue.record("another kind of message came back")
            return
        }
        #expect(welcome.takesSeveral)
        #expect(!read.takesSeveral)
    }

    @Test("orders that are too large for one message travel in several, in their order and numbered on")
    func largeOrders() throws {
        let orders = (0..<7).map { index in
            TaskOrder(
                assignment: .example, lease: .seconds(20),
                configuration: ["seed": .integer(index), "text": .text(String(repeating: "x", count: 300))],
                environment: [:])
        }
        var limits = WireLimits.standard
        limits.bodyBytesMax = 1000
        let messages = try CoordinatorEnvelope.frames(ordering: orders[...], Self.header, limits: limits)
            .map { try CoordinatorEnvelope(frames: $0, limits: limits) }
        var (arrived, sequence): ([TaskOrder], UInt64) = ([], 33)
        for message in messages {
            switch message.message {
            case .task(let order): arrived.append(order)
            case .tasks(let several): arrived += several
            default: Issue.record("another kind of message came back")
            }
            #expect(message.header.sequence == sequence + UInt64(arrived.count))
        }
        sequence += UInt64(orders.count)
        #expect(messages.count > 1)
        #expect(sequence == Self.header.sequence)
        let isSame = arrived == orders
        #expect(isSame)
        #expect(CoordinatorEnvelope.frames(ordering: orders[...], Self.header).count == 1)
    }
}
