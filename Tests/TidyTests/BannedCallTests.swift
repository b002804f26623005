import Foundation
import Testing

@Suite("Banned calls")
struct BannedCallTests {
    /// Modules whose results must not depend on clocks, hash order or the machine.
    static let pureModules = [
        "Basics", "Sweeps", "Messaging", "Coordination", "Workers", "ClusterSimulation",
    ]

    /// What pure modules must not say, and what to say instead.
    static let bannedInPure: [(text: String, instead: String)] = [
        ("Date()", "take an Instant as an argument"),
        ("ContinuousClock", "take an Instant as an argument"),
        ("SuspendingClock", "take an Instant as an argument"),
        ("Task.sleep", "return an effect"),
        ("SystemRandomNumberGenerator", "take a SeededGenerator"),
        (".random(in:", "draw from a SeededGenerator"),
        (".shuffled()", "shuffle with a SeededGenerator"),
        (".randomElement()", "draw from a SeededGenerator"),
        ("UUID()", "take the identity as an argument"),
        ("hashValue", "use ContentHash: hash values differ from process to process"),
    ]

    static let bannedEverywhere: [(text: String, instead: String)] = [
        ("try!", "handle the error"),
        ("TODO", "do it, or file an issue"),
        ("FIXME", "fix it, or file an issue"),
        ("fatalError(\"un", "build it, or refuse it with a typed error"),
        ("@testable", "use the public or package interface"),
        ("Thread.sleep", "poll a condition with a deadline"),
        ("-Ounchecked", "keep the checks; no gain was measured"),
    ]

    @Test("pure modules read no clock, draw no system randomness and see no hash order")
    func pureModulesStayPure() throws {
        for module in Self.pureModules {
            let files = try SourceTree.files(in: "Sources/\(module)", ending: [".swift"])
            #expect(!files.isEmpty, "Sources/\(module) is empty")
            for file in files { check(file, against: Self.bannedInPure) }
        }
    }

    @Test("only the codec of a pure module imports Foundation")
    func foundationStaysAtTheRim() throws {
        for module in Self.pureModules where module != "Messaging" {
            for file in try SourceTree.files(in: "Sources/\(module)", ending: [".swift"]) {
                let imports = file.lines.filter { $0.hasSuffix("import Foundation") }
                #expect(imports.isEmpty, "\(file) imports Foundation")
            }
        }
    }

    @Test("nothing forces its way or is left for later")
    func nothingUnfinished() throws {
        let own = "Tests/TidyTests/"
        for file in try SourceTree.swiftSources() + SourceTree.swiftTests() where !file.path.hasPrefix(own) {
            check(file, against: Self.bannedEverywhere)
        }
    }

    private func check(_ file: SourceTree.File, against banned: [(text: String, instead: String)]) {
        for (index, line) in file.lines.enumerated() {
            let code = line.components(separatedBy: "//")[0]
            for (text, instead) in banned {
                // With a generator of ours, drawing is reproducible.
                let isBanned = code.contains(text) && !code.contains("using:")
                #expect(!isBanned, "\(file):\(index + 1): \(text) — \(instead)")
            }
        }
    }
}
