internal import Basics
package import Sweeps

extension WorkerMessage {
    /// At least one message of every kind, with the values that are hard to carry.
    package static let examples: [WorkerMessage] = [
        .hello(Hello(worker: .example, holdings: .example, capacity: 2, connection: 3)),
        .hello(Hello(worker: .example, holdings: Holdings(), capacity: 0, connection: 1)),
        .hello(
            Hello(
                worker: .example, holdings: Holdings(), capacity: 1, connection: 1, timeLeft: .seconds(3600),
                takesSeveral: false)),
        .heartbeat(Heartbeat(holdings: .example, capacity: 1, uptime: .milliseconds(1_500))),
        .progress(
            .example, TaskProgress(epoch: 3, epochCount: 400, errorTrain: 0.1, errorTest: .infinity)),
        .progress(.example, TaskProgress(epoch: 0, epochCount: 1)),
        .result(.example),
        .results([.example, .other]),
        .failure(
            FailureReport(
                assignment: .example, failureClass: .crash,
                message: "signal 11 \u{1B}[31m \"quoted\"\n\\ naïve 🙂")),
        .release([.example], .drained),
        .goodbye,
        .checkpoint(.example, CheckpointChunk.example.seal),
        .checkpointChunk(.example),
        .checkpointWanted(CheckpointRequest(.example, epoch: 12, offset: 1 << 20)),
    ]
}

extension CoordinatorMessage {
    /// At least one message of every kind, with the values that are hard to carry.
    package static let examples: [CoordinatorMessage] = [
        .welcome(
            Welcome(
                heartbeatInterval: .seconds(2), lease: .seconds(20),
                verdicts: HeldVerdict.Verdict.allCases.map { HeldVerdict(.example, $0) })),
        .whoAreYou,
        .task(
            TaskOrder(
                assignment: .example, lease: .seconds(20),
                configuration: ["model": ["width": 8], "optimizer": ["learning-rate": 0.005], "seed": 0],
                environment: ["dataset": ["path": "/data/a \"b\""]])),
        .task(
            TaskOrder(
                assignment: .example, lease: .seconds(20), configuration: ["seed": 0], environment: [:],
                checkpoints: [12, 8])),
        .tasks([
            TaskOrder(
                assignment: .example, lease: .seconds(20), configuration: ["seed": 0], environment: [:],
                checkpoints: [12, 8]),
            TaskOrder(
                assignment: Assignment(task: TaskID(of: "other"), attempt: 1), lease: .seconds(20),
                configuration: ["seed": 1], environment: .null),
        ]),
        .checkpointWanted(CheckpointRequest(.example, epoch: 12, offset: 0)),
        .checkpointChunk(.example),
        .checkpointTaken(.example, epoch: 12, isKept: true),
        .checkpointGone(.example, epoch: 12),
        .resultAck(.example, .recorded),
        .resultsAck([.example, Assignment(task: TaskID(of: "other"), attempt: 1)]),
        .revoke(.example),
        .ping,
        .drain,
        .shutdown,
        .leave,
        .refused(Refusal(.version, "install the same version on both sides")),
    ]
}

extension Assignment {
    package static let example = Assignment(task: TaskID(of: "example"), attempt: 7)
}

extension WorkerDescription {
    package static let example = WorkerDescription(
        name: "alice", host: "node1", processID: 4711, slot: 0, build: "0.1.0", coreCount: 2,
        memoryBytes: 8 << 30,
        numericProfile: NumericProfile(
            blasCore: "Haswell", blasVersion: "0.3.29", instructionSet: "avx2",
            canary: "0123456789abcdef"))
}

extension ResultReport {
    package static let example: ResultReport = {
        let measurement = Measurement(epoch: 0, step: 0, scalars: [0.5, nil, .nan])
        let result = TaskResult(columns: ["a", "b", "c"], measurements: [measurement])
        return ResultReport(
            assignment: .example, contentHash: result.contentHash, bytes: result.encoded(),
            elapsed: .seconds(3))
    }()

    package static let other: ResultReport = {
        let result = TaskResult(columns: [], measurements: [])
        return ResultReport(
            assignment: Assignment(task: TaskID(of: "other"), attempt: 1), contentHash: result.contentHash,
            bytes: result.encoded(), elapsed: .microseconds(40))
    }()
}

extension CheckpointChunk {
    package static let example: CheckpointChunk = {
        let whole = Array("parameters and moments".utf8)
        return CheckpointChunk(
            .example, seal: CheckpointSeal(epoch: 12, of: whole), offset: 4, bytes: Array(whole[4..<12]))
    }()
}

extension Holdings {
    package static let example = Holdings(
        active: [
            ActiveAttempt(.example, progress: TaskProgress(epoch: 12, epochCount: 400, errorTest: 0.25)),
            ActiveAttempt(Assignment(task: TaskID(of: "next"), attempt: 1), progress: nil),
        ],
        ended: [
            EndedAttempt(
                Assignment(task: TaskID(of: "done"), attempt: 2), contentHash: ContentHash(of: "done")),
            EndedAttempt(Assignment(task: TaskID(of: "failed"), attempt: .max), contentHash: nil),
        ])
}
