import ArgumentParser
import Datasets
import Foundation
import LinearAlgebra
import Messaging
import Reporting
import ResultStore
import Runtime
import Sweeps
import ZeroMQ

struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Say which versions are at work here, and whether they work.",
        discussion: """
            Example:
              descent doctor
            """)

    @Flag(help: "Print JSON.")
    var json = false

    /// One line of the report.
    struct Finding: Encodable {
        let subject: String
        let text: String
        let isWell: Bool
    }

    func run() throws {
        let findings = try Self.findings()
        if json { return try printJSON(findings) }
        var table = Table(["", "", ""])
        for finding in findings {
            table.append([finding.isWell ? "ok" : "!!", finding.subject, finding.text])
        }
        print(table.text.drop { $0 == "\n" })
    }

    private static func findings() throws -> [Finding] {
        let profile = LinearAlgebra.NumericProfile.current
        return [
            Finding(subject: "descent", text: BuildVersion.text, isWell: true),
            Finding(
                subject: "numeric profile", text: "\(profile.blasCore), \(profile.instructionSet)",
                isWell: true),
            Finding(subject: "OpenBLAS", text: BLAS.configuration, isWell: multipliesRight()),
            Finding(subject: "ZeroMQ", text: Context.libraryVersion, isWell: true),
            encryption(),
            Finding(subject: "SQLite", text: try SweepStore.libraryVersion(), isWell: true),
            Finding(subject: "protocol", text: "\(ProtocolVersion.current)", isWell: true),
            Finding(subject: "store", text: "version \(SweepStore.formatVersion)", isWell: true),
            Finding(subject: "sweep files", text: "format \(SweepSpec.formatVersion)", isWell: true),
            Finding(
                subject: "rsvg-convert", text: RasterImages.converter ?? "not installed: plots are SVG only",
                isWell: RasterImages.converter != nil),
        ] + Datasets.Catalog.datasets.filter(\.isBuilt).map(dataset)
    }

    /// Whether messages can be encrypted and strangers kept out, tried on this machine.
    private static func encryption() -> Finding {
        do {
            try EncryptionCheck.run()
            return Finding(subject: "CURVE", text: "encrypts, and keeps strangers out", isWell: true)
        } catch {
            return Finding(subject: "CURVE", text: "\(error)", isWell: false)
        }
    }

    private static func dataset(_ entry: CatalogEntry) -> Finding {
        do {
            try Datasets.Catalog.checkFiles(of: entry.name, environment: .null)
            return Finding(subject: "data set \(entry.name)", text: "there and intact", isWell: true)
        } catch {
            return Finding(subject: "data set \(entry.name)", text: error.description, isWell: false)
        }
    }

    /// Whether BLAS computes one small product as it should.
    private static func multipliesRight() -> Bool {
        let (a, b, c) = (Buffer<Double>(count: 4), Buffer<Double>(count: 4), Buffer<Double>(count: 4))
        a.assign([1, 2, 3, 4])
        b.assign([5, 6, 7, 8])
        let square = { (buffer: Buffer<Double>) in Matrix(buffer.pointer, rows: 2, columns: 2) }
        Double.multiply(square(a), square(b), into: square(c))
        return c.array == [19, 22, 43, 50]
    }
}
