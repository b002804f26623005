import SweepFiles
import Sweeps
import Testing

@Suite("SweepFileError")
struct SweepFileErrorTests {
    @Test("lists every problem of a file at once, sorted by line")
    func allAtOnce() {
        let text = """
            name: my sweep
            dataset: {name: digits, nois: none}
            model:
              famly: mlp
              width: 8
            optimizer: {name: adam, momentum: 0.9}
            training:
              epochs: 10
              batch: 0
            grid:
              optimizer.weight-decay: [0, -1, heavy]
              seed: 3..1
            exclude:
              - {weight-decay: 4}
            report:
              heatmaps:
                - {x: seed, y: epohc, value: test-error}
            resource: {threads: 1}
            """
        #expect(
            Example.problems(text) == [
                "a.yaml:1: name: must be 1 to 100 letters, digits, '-', '_' or '.', beginning with a letter, digit or"
                    + " '_', for it names the run directory; is 'my sweep'",
                "a.yaml:2: dataset.nois: unknown key; nearest known key 'noise'",
                "a.yaml:3: model.family: is missing; available: mlp, convnet",
                "a.yaml:4: model.famly: unknown key; nearest known key 'family'",
                "a.yaml:6: optimizer.momentum: unknown key for 'adam'; it belongs to sgd",
                "a.yaml:9: training.batch: must be a whole number of at least 1 samples; is 0",
                "a.yaml:11: optimizer.weight-decay: must be a number from 0 to 1000; is -1",
                "a.yaml:11: optimizer.weight-decay: must be a number from 0 to 1000; is 'heavy'",
                "a.yaml:12: seed: the range from 3 to 1 is empty; give the smaller one first",
                "a.yaml:14: exclude[0].weight-decay: is no axis of the grid; nearest known axis"
                    + " 'optimizer.weight-decay'",
                "a.yaml:17: report.heatmaps[0].y: 'epohc' is no axis of the grid; nearest known axis 'epoch'",
                "a.yaml:18: resource: unknown key; nearest known key 'resources'",
            ])
    }

    @Test("names what is wrong with the pictures of partitions that a report asks for")
    func partitions() {
        let text = Example.documented.replacing(
            "  heatmaps:",
            with: """
                  partitions:
                    - {wher: {seed: 0}}
                    - {where: {model.widht: 3}}
                    - {where: 3}
                    - {where: {seed: 3..1}}
                    - {epochs: last}
                    - {epochs: [0, -1]}
                    - {epochs: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]}
                  heatmaps:
                """)
        let problems = Example.problems(text).compactMap { $0.split(separator: "report.partitions").last }
        #expect(
            problems == [
                "[0].wher: unknown key; nearest known key 'where'",
                "[1].where.model.widht: unknown axis; nearest known axis 'model.width'",
                "[2].where: must be a map of model.width, dataset.noise.rate, optimizer.weight-decay, seed; is 3",
                "[3].where.seed: the range from 3 to 1 is empty; give the smaller one first",
                "[4].epochs: must be a list of epochs such as [0, 10]; is 'last'",
                "[5].epochs: must be a list of epochs such as [0, 10]; is [0,-1]",
                "[6].epochs: lists 13 epochs, but a figure has room for 12; take fewer",
            ])
    }

    @Test(
        "names the line of what is no sweep file at all",
        arguments: [
            ("", "a.yaml: is empty; see docs/sweeps.md for an example"),
            ("# nothing\n", "a.yaml: is empty; see docs/sweeps.md for an example"),
            ("- 1\n", "a.yaml:1: must be a map of keys such as dataset, model and optimizer"),
            ("model:\n\twidth: 3\n", "a.yaml:2: is indented with a tab; YAML takes spaces only"),
            ("model: {a: 1}\nseed: 1\nmodel: {a: 2}\n", "a.yaml:1: model: duplicate key 'model'; keep one"),
            ("grid:\n  seed: [1]\n  seed: [2]\n", "a.yaml:2: seed: duplicate key 'seed'; keep one"),
            (
                "model: [1\n",
                "a.yaml:2: is no YAML: did not find expected ',' or ']' while parsing a flow sequence of line 1"
            ),
            ("a: *b\n", "a.yaml:1: is no YAML: found undefined alias"),
            (
                "a: 1\n---\nb: 2\n",
                "a.yaml:2: is no YAML: but found another document expected a single document in the stream of line 1"
            ),
        ])
    func notASweepFile(text: String, message: String) {
        #expect(Example.problems(text) == [message])
    }

    @Test("names the line of bytes that are no UTF-8")
    func notUTF8() {
        let bytes = Array("name: a\n".utf8) + [0x64, 0xE9, 0x0A]
        #expect(
            Example.problems(bytes: bytes) == ["a.yaml:2: is not UTF-8 text; save the file in that encoding"])
        #expect(Example.problems(bytes: [0x61, 0]) == ["a.yaml: holds a zero byte and is no text file"])
    }

    @Test("takes a byte order mark for nothing")
    func byteOrderMark() {
        #expect(Example.problems(bytes: [0xEF, 0xBB, 0xBF] + Array(Example.small.utf8)) == [])
    }

    @Test("blames the key of the base where an axis makes it wrong, and says which value does")
    func blamedOnTheBase() {
        let text = """
            dataset: digits
            model: {family: mlp, width: 8}
            optimizer:
              name: sgd
              momentum: 0.9
            training: {epochs: 10}
            grid:
              optimizer.name: [sgd, adam]
            """
        #expect(
            Example.problems(text) == [
                "a.yaml:5: optimizer.momentum: unknown key for 'adam'; it belongs to sgd (with optimizer.name='adam')"
            ])
    }

    @Test("finds the line of a probe's option in its list")
    func probeLine() {
        let text =
            Example.small + """
                measure:
                  probes:
                    - jacobian-norm
                    - local-complexity:
                        radii: []
                """
        #expect(
            Example.problems(text) == [
                "a.yaml:9: measure.probes.local-complexity.radii: must be a list of numbers, each from 0 to 1000; is []"
            ])
    }

    @Test("blames an override on the command line")
    func overrideProblems() {
        #expect(
            Example.problems(Example.small, overrides: ["model.width=wide", "model.depht=2"]) == [
                "--set model.depht=2: model.depht: unknown key; nearest known key 'depth'",
                "--set model.width=wide: model.width: must be a whole number from 1 to 65536 units; is 'wide'",
            ])
        #expect(
            Example.problems(Example.small, overrides: ["width", "report.curves=1", "seed=[1"]).count == 3)
    }

    @Test("tells a newer format from a bad file")
    func newerFormat() {
        let error = #expect(throws: SweepFileError.self) { try Example.read("format: 2\nmystery: 1\n") }
        #expect(error?.exitCode == 78)
        #expect(
            error?.description == "a.yaml:1: format: is 2, and this program reads formats up to 1; update it")
    }

    @Test("tells a missing file from a bad one")
    func missingFile() {
        let error = #expect(throws: SweepFileError.self) {
            try SweepFile(contentsOf: "/nowhere/a.yaml", schema: Example.schema)
        }
        #expect(error?.exitCode == 66)
        #expect(error?.description == "/nowhere/a.yaml: does not exist; give the path of a sweep file")
    }

    @Test("refuses aliases of aliases before they fill the memory")
    func aliasBomb() {
        var text = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n"
        for level in 1...12 {
            let alias = "*a\(level - 1)"
            text += "a\(level): &a\(level) [\(Array(repeating: alias, count: 10).joined(separator: ", "))]\n"
        }
        let problems = Example.problems(text)
        #expect(problems.contains { $0.contains("aliases in aliases") }, "\(problems.count) problems")
    }

    @Test("survives every truncation and every flipped bit of a sweep file")
    func damage() {
        let bytes = Array(Example.small.utf8)
        for count in 0..<bytes.count {
            _ = Example.problems(bytes: Array(bytes.prefix(count)))
            for bit in 0..<8 {
                var damaged = bytes
                damaged[count] ^= 1 << UInt8(bit)
                let problems = Example.problems(bytes: damaged)
                #expect(problems.allSatisfy { $0.hasPrefix("a.yaml") }, "bit \(bit) of byte \(count)")
            }
        }
    }
}
