internal import Basics
public import Sweeps

extension WorkerMessage: WireMessage {
    public var wireType: UInt8 {
        switch self {
        case .hello: 1
        case .heartbeat: 2
        case .progress: 3
        case .result: 4
        case .results: 11
        case .failure: 5
        case .release: 6
        case .goodbye: 7
        case .checkpoint: 8
        case .checkpointChunk: 9
        case .checkpointWanted: 10
        }
    }

    public var wireBody: Setting {
        switch self {
        case .hello(let hello):
            hello.holdings.wireFields.adding([
                "capacity": .integer(hello.capacity), "connection": .integer(hello.connection),
                "several": .boolean(hello.takesSeveral),
                "time_left": hello.timeLeft.map { Setting($0) } ?? .null, "worker": hello.worker.wireFields,
            ])
        case .heartbeat(let heartbeat):
            heartbeat.holdings.wireFields.adding([
                "capacity": .integer(heartbeat.capacity), "uptime": Setting(heartbeat.uptime),
            ])
        case .progress(let assignment, let progress):
            assignment.wireFields.adding(["progress": progress.wireFields])
        case .result(let report): report.wireFields
        case .results(let reports): ResultReport.wireFields(of: reports)
        case .failure(let report): report.wireFields
        case .release(let assignments, let failureClass):
            [
                "assignments": .list(assignments.map(\.wireFields)), "class": .text(failureClass.rawValue),
            ]
        case .goodbye: [:]
        case .checkpoint(let assignment, let seal): assignment.wireFields.adding(seal.wireFields)
        case .checkpointChunk(let chunk): chunk.wireFields
        case .checkpointWanted(let request): request.wireFields
        }
    }

    public var wireBlob: [UInt8]? {
        switch self {
        case .result(let report): report.bytes
        case .results(let reports): reports.flatMap(\.bytes)
        case .checkpointChunk(let chunk): chunk.bytes
        default: nil
        }
    }

    public var hasWireBlob: Bool {
        switch self {
        case .result, .results, .checkpointChunk: true
        default: false
        }
    }

    public init(wireType: UInt8, fields: WireFields, blob: [UInt8]?) throws(WireError) {
        switch wireType {
        case 1: self = .hello(try Hello(fields))
        case 2: self = .heartbeat(try Heartbeat(fields))
        case 3: self = .progress(try fields.assignment(), try TaskProgress(try fields.fields("progress")))
        case 4: self = .result(try ResultReport(fields, blob: blob))
        case 5: self = .failure(try FailureReport(fields))
        case 6:
            let assignments = try fields.list("assignments") { (fields) throws(WireError) in
                try fields.assignment()
            }
            self = .release(assignments, try fields.choice("class"))
        case 7: self = .goodbye
        case 8: self = .checkpoint(try fields.assignment(), try CheckpointSeal(fields))
        case 9: self = .checkpointChunk(try CheckpointChunk(fields, blob: blob))
        case 10: self = .checkpointWanted(try CheckpointRequest(fields))
        case 11: self = .results(try ResultReport.several(fields, blob: blob))
        default: throw .unknownType(wireType)
        }
    }
}

extension Hello {
    fileprivate init(_ fields: WireFields) throws(WireError) {
        self.init(
            worker: try WorkerDescription(try fields.fields("worker")), holdings: try Holdings(fields),
            capacity: try fields.integer("capacity", in: 0...Heartbeat.capacityMax),
            connection: try fields.integer("connection"), timeLeft: try fields.optionalDuration("time_left"),
            takesSeveral: try fields.optionalFlag("several") ?? false)
    }
}

extension Heartbeat {
    /// Most assignments a worker may ask for at once.
    public static let capacityMax = 1024

    fileprivate init(_ fields: WireFields) throws(WireError) {
        self.init(
            holdings: try Holdings(fields),
            capacity: try fields.integer("capacity", in: 0...Heartbeat.capacityMax),
            uptime: try fields.duration("uptime"))
    }
}

extension WorkerDescription {
    fileprivate var wireFields: Setting {
        [
            "blas_core": .text(numericProfile.blasCore), "blas_version": .text(numericProfile.blasVersion),
            "build": .text(build), "canary": .text(numericProfile.canary), "cores": .integer(coreCount),
            "host": .text(host),
            "instruction_set": .text(numericProfile.instructionSet), "memory": .integer(memoryBytes),
            "name": .text(name), "pid": .integer(processID), "slot": .integer(slot),
        ]
    }

    fileprivate init(_ fields: WireFields) throws(WireError) {
        let name = try fields.text("name")
        guard !name.isEmpty else { throw .body(field: "name") }
        self.init(
            name: name, host: try fields.text("host"), processID: try fields.integer("pid"),
            slot: try fields.integer("slot"), build: try fields.text("build"),
            coreCount: try fields.integer("cores"), memoryBytes: try fields.integer("memory"),
            numericProfile: NumericProfile(
                blasCore: try fields.text("blas_core"), blasVersion: try fields.text("blas_version"),
                instructionSet: try fields.text("instruction_set"),
                canary: try fields.optionalText("canary") ?? ""))
    }
}

extension Holdings {
    fileprivate var wireFields: Setting {
        let active = active.map { attempt in
            attempt.assignment.wireFields.adding(["progress": attempt.progress?.wireFields ?? .null])
        }
        let ended = ended.map { attempt in
            attempt.assignment.wireFields.adding([
                "hash": attempt.contentHash.map { .text($0.hexadecimal) } ?? .null
            ])
        }
        return ["active": .list(active), "ended": .list(ended)]
    }

    fileprivate init(_ fields: WireFields) throws(WireError) {
        let active = try fields.list("active") { (fields) throws(WireError) in
            let progress = try fields.optionalFields("progress")
            return ActiveAttempt(
                try fields.assignment(),
                progress: try progress.map { (fields) throws(WireError) in try TaskProgress(fields) })
        }
        let ended = try fields.list("ended") { (fields) throws(WireError) in
            let hash = try fields.setting("hash") == .null ? nil : try fields.contentHash("hash")
            return EndedAttempt(try fields.assignment(), contentHash: hash)
        }
        self.init(active: active, ended: ended)
    }
}

extension TaskProgress {
    fileprivate var wireFields: Setting {
        [
            "epoch": .integer(epoch), "epochs": .integer(epochCount),
            "error_test": errorTest.map(Setting.number) ?? .null,
            "error_train": errorTrain.map(Setting.number) ?? .null,
        ]
    }

    fileprivate init(_ fields: WireFields) throws(WireError) {
        self.init(
            epoch: try fields.integer("epoch"), epochCount: try fields.integer("epochs"),
            errorTrain: try fields.optionalNumber("error_train"),
            errorTest: try fields.optionalNumber("error_test"))
    }
}
