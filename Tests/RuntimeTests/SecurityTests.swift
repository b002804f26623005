import Basics
import Coordination
import Foundation
import Messaging
import ResultStore
import Runtime
import Sweeps
import Synchronization
import Testing
import Workers
import ZeroMQ

@Suite("Gate", .timeLimit(.minutes(10)))
struct GateTests {
    private func tryGate(_ verdict: Authenticator.Verdict, isLocked: Bool = true) throws {
        let context = try Context()
        let gate = try Gate(try KeyPair.random(), in: context) { _ in verdict }
        defer { gate.close() }
        let security = isLocked ? gate.security : .plainText
        let router = try Socket(.router, in: context, options: SocketOptions(security: security))
        try router.bind(to: "tcp://127.0.0.1:0")
        try gate.proveClosed(at: try router.lastEndpoint())
    }

    @Test("a gate that turns strangers away proves it", arguments: [Authenticator.Verdict.notYet, .revoked])
    func closed(verdict: Authenticator.Verdict) throws { try tryGate(verdict) }

    @Test("a gate that lets a random key in is found out, and nobody is served")
    func openToKeys() {
        let error = #expect(throws: KeyError.self) { try tryGate(.accept) }
        #expect(error?.description.contains("a stranger with a random key") == true)
        #expect(error?.exitCode == .configuration)
    }

    @Test("a gate in front of which there is no lock is found out")
    func noLock() {
        let error = #expect(throws: KeyError.self) { try tryGate(.notYet, isLocked: false) }
        #expect(error?.exitCode == .configuration)
    }

    @Test("this machine can encrypt and keep strangers out")
    func check() throws { try EncryptionCheck.run() }
}

@Suite("An encrypted cluster", .timeLimit(.minutes(10)))
struct SecurityTests {
    private let cluster: TestCluster
    private let keys: KeyFolder

    init() throws {
        cluster = try TestCluster(taskCount: 20)
        keys = cluster.directory.keys
        try keys.prepare()
    }

    private func makeKey(_ name: String) throws -> WorkerKey {
        try WorkerKey(contentsOf: try keys.makeWorker(name))
    }

    /// Everything that a person was told so far.
    private func warnings() -> [String] {
        (cluster.server?.takeNews() ?? []).compactMap { news in
            switch news {
            case .warning(let text): text
            case .notice(let notice): notice.isWarning ? notice.description : nil
            case .ended, .finished, .broken: nil
            }
        }
    }

    /// What workers have written to their log.
    private var workerLog: String { cluster.folder.text(of: "run/logs/workers.log") ?? "" }

    /// A socket with the manners of a worker, and the session that it goes by.
    private func connect(
        _ security: LinkSecurity, to context: Context
    ) throws -> (socket: OpenSocket, session: SessionID) {
        var generator = SystemRandomNumberGenerator()
        let session = SessionID(using: &generator)
        let options = SocketOptions(
            reconnectInterval: .milliseconds(20), routingID: session.bytes, security: security)
        let socket = OpenSocket(try Socket(.dealer, in: context, options: options))
        try socket.socket.connect(to: try #require(cluster.server?.endpoint))
        return (socket, session)
    }

    private final class OpenSocket {
        let socket: Socket
        init(_ socket: consuming Socket) { self.socket = socket }

        func send(_ frames: [[UInt8]]) throws {
            try eventually("room to send") { try socket.send(frames) == .queued }
        }

        func receive() throws -> CoordinatorMessage {
            try firstValue(of: "an answer") {
                try socket.receive().map { try CoordinatorEnvelope(frames: $0.frames).message }
            }
        }
    }

    private func hello(as name: String) -> [[UInt8]] {
        let worker = WorkerDescription(
            name: name, host: "node", processID: 1, slot: 0, build: "test", coreCount: 1, memoryBytes: 1,
            numericProfile: NumericProfile(blasCore: "none", blasVersion: "0", instructionSet: "none"))
        let message = Hello(worker: worker, holdings: Holdings(), capacity: 1, connection: 1)
        let header = MessageHeader(sweep: cluster.sweep, incarnation: 0, sequence: 1, acknowledged: 0)
        return WorkerEnvelope(header, .hello(message)).frames
    }

    @Test("gives the results that plain text gives, each task trained once")
    func wholeSweep() throws {
        let performer = FastPerformer()
        let alice = try makeKey("alice")
        try cluster.startServer(keys: keys)
        let workers = [
            try cluster.startWorker(performer, key: alice), try cluster.startWorker(performer, key: alice),
        ]
        #expect(try cluster.summary().counts.done == 20)
        for worker in workers { #expect(try worker.exit() == .sweepEnded) }
        #expect(performer.performed == cluster.tasks.reduce(into: [:]) { $0[$1.id] = 1 })
        let isAsExpected = try cluster.results() == cluster.expectedResults
        #expect(isAsExpected)
    }

    @Test("a stranger with a random key is kept out, and people are told of it once")
    func stranger() throws {
        try cluster.startServer(keys: keys)
        let server = try keys.coordinatorKeys().publicKey
        let mallory = try KeyPair.random()
        let context = try Context()
        let (socket, _) = try connect(.curveClient(mallory, server: server), to: context)
        let told = try firstValue(of: "a warning") { warnings().first }
        #expect(told.contains(mallory.publicKey.text))
        #expect(try socket.socket.send(hello(as: "alice.node-slot0")) == .wouldBlock)
        #expect(cluster.server?.picture.workers.isEmpty == true)
    }

    @Test("a worker without a key is told what is missing, and no message of it arrives")
    func plainTextPeer() throws {
        try cluster.startServer(keys: keys)
        let context = try Context()
        let (socket, _) = try connect(.plainText, to: context)
        let endpoint = try #require(cluster.server?.endpoint)
        let complaint = try WorkerAddress.endpoint(endpoint).complaintAtDoor(key: nil, isKeyRequired: false)
        #expect(complaint?.contains("--key FILE") == true)
        #expect(try socket.socket.send(hello(as: "bob")) == .wouldBlock)
        let worker = try cluster.startWorker(FastPerformer())
        guard case .refused(let refusal)? = try worker.exit() else {
            Issue.record("the worker was let in")
            return
        }
        #expect(refusal.code == .key)
        #expect(cluster.server?.picture.workers.isEmpty == true)
    }

    @Test("a worker that was given a key talks to no coordinator in plain text")
    func plainTextServer() throws {
        let alice = try makeKey("alice")
        try cluster.startServer()
        let worker = try cluster.startWorker(FastPerformer(), key: alice)
        guard case .refused(let refusal)? = try worker.exit() else {
            Issue.record("the worker was taken on")
            return
        }
        #expect(refusal.message.contains("plain text"))
        #expect(Worker.Exit.refused(refusal).exitCode == .configuration)
    }

    @Test("a worker trusts no other coordinator than that of its key")
    func otherCoordinator() throws {
        let other = KeyFolder(cluster.folder.path + "/other")
        let foreign = try WorkerKey(contentsOf: try other.makeWorker("alice"))
        try cluster.startServer(keys: keys)
        let worker = try cluster.startWorker(FastPerformer(), key: foreign)
        guard case .refused(let refusal)? = try worker.exit() else {
            Issue.record("the worker was taken on")
            return
        }
        #expect(refusal.message.contains("another key"))
    }

    @Test("a key that is not allowed yet says so, knocks on, and is let in as soon as it is")
    func notYet() throws {
        try cluster.startServer(keys: keys)
        // Made elsewhere, as by a colleague, and entered into the list later.
        let pair = try KeyPair.random()
        let bob = WorkerKey(
            name: "bob", keys: pair, coordinator: try keys.coordinatorKeys().publicKey)
        // The handshake must outlive what an impatient worker takes for silence.
        var limits = Worker.Limits.impatient
        limits.silenceMax = .seconds(10)
        let worker = try cluster.startWorker(FastPerformer(), key: bob, limits: limits)
        try eventually("a complaint") { workerLog.contains("does not let the key 'bob' in") }
        var list = try keys.allowList()
        let isNew = list.allow("bob", pair.publicKey)
        #expect(isNew)
        try AtomicFile.write(Array(list.text.utf8), to: keys.allowed, mode: 0o600)
        #expect(try cluster.summary().counts.done == 20)
        #expect(try worker.exit() == .sweepEnded)
    }

    @Test("a worker whose key is revoked while it trains is sent away, and others get its task")
    func revokedWhileTraining() throws {
        let (alice, bob) = (try makeKey("alice"), try makeKey("bob"))
        // As every coordinator does: a worker that finds an ended run in nobody's hands would leave by itself.
        let held = try RunLock(path: cluster.directory.lock)
        defer { withExtendedLifetime(held) {} }
        try cluster.startServer(keys: keys)
        let stuck = FastPerformer()
        stuck.isGateOpen = false
        let first = try cluster.startWorker(stuck, key: alice)
        try eventually("training to begin") { stuck.waitingCount.load(ordering: .relaxed) == 1 }
        try keys.revoke("alice")
        guard case .refused(let refusal)? = try first.exit() else {
            Issue.record("the worker was kept")
            return
        }
        #expect(refusal.code == .key)
        let performer = FastPerformer()
        try cluster.startWorker(performer, key: bob)
        #expect(try cluster.summary().counts.done == 20)
        #expect(performer.performed.count == 20)
        // It comes back, and is told at the door.
        let again = try cluster.startWorker(stuck, key: alice)
        guard case .refused(let atDoor)? = try again.exit() else {
            Issue.record("the worker came back")
            return
        }
        #expect(atDoor.message.contains("revoked"))
    }

    @Test("a list that cannot be read keeps out nobody who was in, lets in nobody new, and people are told")
    func brokenList() throws {
        let alice = try makeKey("alice")
        try cluster.startServer(keys: keys)
        try AtomicFile.write(Array("nonsense\n".utf8), to: keys.allowed, mode: 0o600)
        let told = try firstValue(of: "a warning") { warnings().first }
        #expect(told.contains("line 1") && told.contains("stays in force"))
        try cluster.startWorker(FastPerformer(), key: alice)
        #expect(try cluster.summary().counts.done == 20)
    }

    @Test("a worker that claims another's name is refused, and the other's lease stands")
    func impostor() throws {
        let (alice, mallory) = (try makeKey("alice"), try makeKey("mallory"))
        try cluster.startServer(keys: keys)
        let performer = FastPerformer()
        performer.isGateOpen = false
        try cluster.startWorker(performer, key: alice)
        try eventually("training to begin") { performer.waitingCount.load(ordering: .relaxed) == 1 }
        let victim = try firstValue(of: "a picture") { cluster.server?.picture.workers.first?.name }
        let context = try Context()
        let (socket, _) = try connect(
            .curveClient(mallory.keys, server: mallory.coordinator), to: context)
        try socket.send(hello(as: victim))
        guard case .refused(let refusal) = try socket.receive() else {
            Issue.record("the impostor was believed")
            return
        }
        #expect(refusal.code == .key)
        #expect(refusal.message.contains("'mallory'") && refusal.message.contains("'\(victim)'"))
        performer.isGateOpen = true
        #expect(try cluster.summary().counts.done == 20)
        #expect(performer.performed == cluster.tasks.reduce(into: [:]) { $0[$1.id] = 1 })
    }

    @Test("a key holder that sends garbage again and again is not listened to any more")
    func misconduct() throws {
        let mallory = try makeKey("mallory")
        try cluster.startServer(keys: keys)
        let context = try Context()
        let (socket, session) = try connect(
            .curveClient(mallory.keys, server: mallory.coordinator), to: context)
        try socket.send(hello(as: "mallory.node-slot0"))
        guard case .welcome = try socket.receive() else {
            Issue.record("the worker was not welcomed")
            return
        }
        let countMax = Coordinator.Limits.impatient.unreadableMax
        for _ in 0..<(countMax * 3) { try socket.send([[1], [2]]) }
        let refusal = try firstValue(of: "a refusal") {
            if case .refused(let refusal) = try socket.receive() { return refusal }
            return nil
        }
        #expect(refusal.code == .misconduct)
        try eventually("the worker to be gone") { cluster.server?.picture.workers.isEmpty == true }
        // Whatever it says from now on, an honest worker's word is the next that is heard.
        try socket.send(hello(as: "mallory.node-slot0"))
        try cluster.startWorker(FastPerformer(), key: try makeKey("alice"))
        #expect(try cluster.summary().counts.done == 20)
        let complaints = cluster.news.filter {
            if case .notice(.unreadable(_, from: session)) = $0 { true } else { false }
        }
        #expect(complaints.count == countMax + 1)
    }

    @Test("no secret key stands in any file of the run but the key files")
    func noSecretsElsewhere() throws {
        let alice = try makeKey("alice")
        try cluster.startServer(keys: keys)
        try cluster.startWorker(FastPerformer(), key: alice)
        #expect(try cluster.summary().counts.done == 20)
        let secrets = [alice.keys, try keys.coordinatorKeys()].map { Data($0.secretKey.text.utf8) }
        let root = cluster.directory.path
        let names = FileManager.default.enumerator(atPath: root)?.allObjects as? [String] ?? []
        let searched = names.filter { !$0.hasSuffix(".key") }
        #expect(searched.contains("endpoint.json") && searched.contains("sweep.sqlite"))
        for name in searched {
            guard let bytes = FileManager.default.contents(atPath: "\(root)/\(name)") else { continue }
            for secret in secrets {
                let isThere = bytes.range(of: secret) != nil
                #expect(!isThere, "\(name) holds a secret key")
            }
        }
    }
}
