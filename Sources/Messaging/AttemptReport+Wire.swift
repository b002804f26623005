internal import Basics
internal import Sweeps

extension ResultReport {
    var wireFields: Setting {
        assignment.wireFields.adding(["elapsed": Setting(elapsed), "hash": .text(contentHash.hexadecimal)])
    }

    init(_ fields: WireFields, blob: [UInt8]?) throws(WireError) {
        guard let blob else { throw .blob("is missing") }
        let hash = try fields.contentHash("hash")
        guard ContentHash(of: blob) == hash else { throw .blob("has another hash than it claims") }
        guard TaskResult(encoded: blob) != nil else { throw .blob("is no result") }
        self.init(
            assignment: try fields.assignment(), contentHash: hash, bytes: blob,
            elapsed: try fields.duration("elapsed"))
    }
}

extension ResultReport {
    /// The body of RESULTS; the blob is the bytes of all reports, one behind the other.
    static func wireFields(of reports: [ResultReport]) -> Setting {
        let list = reports.map { $0.wireFields.adding(["bytes": .integer($0.bytes.count)]) }
        return ["results": .list(list)]
    }

    /// The reports of RESULTS, each proven by its hash.
    static func several(_ fields: WireFields, blob: [UInt8]?) throws(WireError) -> [ResultReport] {
        guard let blob else { throw .blob("is missing") }
        var end = 0
        let reports = try fields.list("results") { (fields: WireFields) throws(WireError) in
            let count = try fields.integer("bytes")
            guard count <= blob.count - end else { throw .blob("ends before its last result") }
            end += count
            return try ResultReport(fields, blob: Array(blob[end - count..<end]))
        }
        guard !reports.isEmpty else { throw .body(field: "results") }
        guard end == blob.count else { throw .blob("goes on after its last result") }
        return reports
    }
}

extension FailureReport {
    var wireFields: Setting {
        assignment.wireFields.adding(["class": .text(failureClass.rawValue), "message": .text(message)])
    }

    init(_ fields: WireFields) throws(WireError) {
        self.init(
            assignment: try fields.assignment(), failureClass: try fields.choice("class"),
            message: try fields.text("message"))
    }
}

extension AttemptReport {
    private static let magic: [UInt8] = Array("DREP".utf8)
    private static let formatVersion: UInt16 = 1

    /// The bytes a worker keeps in its outbox.
    public func encoded() -> [UInt8] {
        var writer = ByteWriter()
        writer.append(AttemptReport.magic)
        writer.append(AttemptReport.formatVersion)
        switch self {
        case .result(let report):
            writer.append(UInt8(1))
            writer.append(report.wireFields.canonicalText)
            writer.append(report.bytes)
        case .failure(let report):
            writer.append(UInt8(2))
            writer.append(report.wireFields.canonicalText)
        }
        return writer.bytes
    }

    /// A report read back from an outbox; `nil` for anything else, however it is damaged.
    public init?(encoded bytes: [UInt8]) {
        var reader = ByteReader(bytes)
        guard reader.read(count: 4).map(Array.init) == AttemptReport.magic,
            reader.read(UInt16.self) == AttemptReport.formatVersion, let kind = reader.read(UInt8.self),
            let map = reader.readText().flatMap({ Setting(json: $0) })?.asMap
        else { return nil }
        let fields = WireFields(map, limits: .standard)
        let rest = reader.read(count: reader.remainingCount).map(Array.init) ?? []
        switch kind {
        case 1:
            guard let report = try? ResultReport(fields, blob: rest) else { return nil }
            self = .result(report)
        case 2:
            guard rest.isEmpty, let report = try? FailureReport(fields) else { return nil }
            self = .failure(report)
        default: return nil
        }
    }
}
