import Basics
import Sweeps
import TestSupport
import Testing

@Suite("Setting from JSON")
struct SettingParsingTests {
    @Test(
        "reads every kind of value",
        arguments: [
            ("null", .null), (" true ", true), ("false", false), ("-12", -12), ("0.5", 0.5), ("1e3", 1000.0),
            ("[]", []), ("{}", [:]), (#"[1, [2.5], "x"]"#, [1, [2.5], "x"]),
            (#"{"b":{"c":1},"a":2}"#, ["a": 2, "b": ["c": 1]]),
            (#""\"\\\/\b\f\n\r\t\u00e9\ud83d\ude42""#, "\"\\/\u{8}\u{C}\n\r\té🙂"),
            ("9223372036854775807", .integer(.max)),
            ("9223372036854775808", .number(9_223_372_036_854_775_808)),
        ] as [(String, Setting)])
    func values(text: String, setting: Setting) {
        #expect(Setting(json: text) == setting)
    }

    @Test(
        "refuses what is no JSON, says a key twice, or is too deep",
        arguments: [
            "", "nul", "truee", "01", "-", "+1", "1.", ".5", "1e", "1e999", "NaN", "[1,]", "[1 2]", "[", "{",
            #"{"a"}"#,
            #"{"a":1,}"#, #"{"a":1,"a":2}"#, #"{a:1}"#, #""\x""#, #""\u12""#, #""\ud800""#, #""\udc00""#,
            "\"\n\"", "\"",
            "1 2", "'a'", String(repeating: "[", count: 100_000),
            String(repeating: "[", count: 33) + String(repeating: "]", count: 33),
        ])
    func refusals(text: String) {
        #expect(Setting(json: text) == nil)
    }

    @Test("refuses bytes that are no UTF-8")
    func invalidUnicode() {
        #expect(Setting(json: [0x22, 0xFF, 0x22]) == nil)
    }

    @Test(
        "numbers keep their canonical text and so the task its id",
        arguments: [
            1.0, -1.0, 400.0, 0.0, -0.0, 0.1, .leastNonzeroMagnitude, 1e15, 1e16, 9_007_199_254_740_992,
            9_007_199_254_740_994, 1e300,
            .pi, .nan, .infinity, -.infinity,
        ])
    func numbers(number: Double) throws {
        let configuration: Setting = ["value": .number(number)]
        let read = try #require(Setting(json: configuration.canonicalText))
        #expect(read.canonicalText == configuration.canonicalText)
        #expect(TaskID(of: read) == TaskID(of: configuration))
    }

    @Test("random configurations keep their task id", arguments: seeds(20))
    func randomConfigurations(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed, stream: "configurations")
        for _ in 0..<50 {
            let configuration = Self.draw(depth: 4, using: &generator)
            let read = try #require(Setting(json: configuration.canonicalText), "SEED=\(seed)")
            #expect(TaskID(of: read) == TaskID(of: configuration), "SEED=\(seed)")
        }
    }

    private static func draw(depth: Int, using generator: inout SeededGenerator) -> Setting {
        switch generator.index(below: depth > 0 ? 9 : 7) {
        case 0: return .null
        case 1: return .boolean(generator.index(below: 2) == 0)
        case 2: return .integer(Int(truncatingIfNeeded: generator.next()))
        case 3: return .number(Double(bitPattern: generator.next()))
        case 4: return .number(Double(generator.index(below: 2000)) - 1000)
        case 5: return .number(generator.uniform())
        case 6:
            let scalars: [Character] = ["a", "\"", "\\", "\n", "\u{1}", "é", "🙂", " ", "\u{7F}"]
            return .text(
                String((0..<generator.index(below: 6)).map { _ in scalars[generator.index(below: 9)] }))
        case 7:
            return .list(
                (0..<generator.index(below: 4)).map { _ in draw(depth: depth - 1, using: &generator) })
        default:
            var map = SettingMap()
            for _ in 0..<generator.index(below: 5) {
                map["key\(generator.index(below: 10))"] = draw(depth: depth - 1, using: &generator)
            }
            return .map(map)
        }
    }
}
