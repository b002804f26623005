import Messaging
import Sweeps
import Testing

@Suite("AttemptReport")
struct AttemptReportTests {
    static let reports: [AttemptReport] = [
        .result(.example),
        .failure(FailureReport(assignment: .example, failureClass: .inputOutput, message: "no file\n")),
    ]

    @Test("comes back from the outbox as it was", arguments: reports.indices)
    func roundTrip(example: Int) {
        let report = Self.reports[example]
        #expect(AttemptReport(encoded: report.encoded()) == report)
    }

    @Test("is refused when a byte is missing or changed", arguments: reports.indices)
    func damage(example: Int) {
        let report = Self.reports[example]
        let bytes = report.encoded()
        for count in 0..<bytes.count { #expect(AttemptReport(encoded: Array(bytes[..<count])) == nil) }
        for offset in bytes.indices {
            var changed = bytes
            changed[offset] ^= 0x40
            #expect(AttemptReport(encoded: changed) != report)
        }
    }

    @Test("a long message keeps its end, which says why the output ended")
    func longMessage() {
        let message = String(repeating: "é", count: 20_000) + "Fatal error: out of luck"
        let report = FailureReport(assignment: .example, failureClass: .crash, message: message)
        #expect(report.message.utf8.count <= FailureReport.messageBytesMax)
        #expect(report.message.hasSuffix("éFatal error: out of luck"))
    }
}
