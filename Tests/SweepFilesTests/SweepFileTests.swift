import Basics
import SweepFiles
import Sweeps
import Testing

@Suite("SweepFile")
struct SweepFileTests {
    @Test("reads the documented example")
    func documentedExample() throws {
        let file = try Example.read(Example.documented)
        #expect(file.grid.count == 64 * 3 * 2 * 3)
        #expect(file.spec.name == "convnet-width-noise")
        #expect(file.spec.axes.map(\.column) == ["width", "rate", "weight_decay", "seed"])
        #expect(
            file.spec.report.heatmaps[1]
                == .init(x: "model.width", y: "dataset.noise.rate", value: "jacobian-norm"))
        let last = try #require(file.grid.last)
        #expect(last.axisValues == [64, 0.2, 0.0005, 2])
        #expect(
            last.environment == [
                "dataset": ["path": "data/cifar-10"], "resources": ["numerics": "any", "threads": 1],
            ])
        #expect(last.configuration["measure.probes.local-complexity.radii"] == [0.005, 0.05, 0.5])
    }

    @Test("is one task without a grid, named after its file")
    func noGrid() throws {
        let file = try SweepFile(
            bytes: Array(Example.small.utf8), file: "sweeps/first.yaml", schema: Example.schema)
        #expect(file.grid.count == 1)
        #expect(file.spec.name == "first")
    }

    @Test("gives the same tasks however the file spells them")
    func spellings() throws {
        let long = """
            training: {epochs: 1e1}
            dataset: {name: "digits", noise: {kind: none}}
            optimizer: {schedule: constant, name: adam, learning-rate: 1.0e-3}
            model:
                width: 8
                family: 'mlp'
                init: default
            """
        #expect(try Example.read(long).grid[0].id == Example.read(Example.small).grid[0].id)
    }

    @Test("reads and writes the pictures of partitions that a report asks for")
    func partitions() throws {
        let text = Example.documented.replacing(
            "  heatmaps:",
            with: """
                  partitions:
                    - {}
                    - {where: {model.width: [8, 16..17], seed: 0}, epochs: [10, 0, 2.5, 10]}
                    - {epochs: 400}
                  heatmaps:
                """)
        let file = try Example.read(text)
        let expected = [
            ReportSpec.Partition(),
            ReportSpec.Partition(
                tasks: [SettingMap.Entry("model.width", [8, 16, 17]), SettingMap.Entry("seed", [0])],
                epochs: [0, 2.5, 10]), ReportSpec.Partition(epochs: [400]),
        ]
        #expect(file.spec.report.partitions == expected)
        #expect(try Example.read(SweepFile.text(of: file.grid.frozen)).spec.report.partitions == expected)
    }

    @Test("writes a spec that reads back to the same spec and the same tasks")
    func roundTrip() throws {
        let text = Example.documented.replacing(
            "report:",
            with:
                "exclude:\n  - {model.width: 1..8, seed: 2}\ninclude:\n  - {model.width: 128, seed: 0}\nreport:"
        )
        let original = try Example.read(text)
        let frozen = original.grid.frozen
        let written = SweepFile.text(of: frozen)
        let back = try Example.read(written)
        #expect(back.spec == frozen)
        #expect(back.grid.map(\.id) == original.grid.map(\.id))
        #expect(back.grid.map(\.axisValues) == original.grid.map(\.axisValues))
        #expect(back.grid.fingerprint == original.grid.fingerprint)
        #expect(SweepFile.text(of: back.grid.frozen) == written)
    }

    @Test("writes every default down, so that other defaults later mean the same tasks")
    func frozenDefaults() throws {
        let frozen = try Example.read(Example.small + "measure: {probes: [local-complexity]}").grid.frozen
        #expect(frozen.base["optimizer.learning-rate"] == 0.001)
        #expect(frozen.base["dataset.noise.kind"] == "none")
        #expect(frozen.base["measure.probes.local-complexity.directions"] == 25)
        #expect(frozen.base["seed"] == 0)
        #expect(frozen.base["dataset.path"] == nil)
    }

    @Test("freezes a grid over a chooser so that each choice keeps its own options")
    func frozenChooser() throws {
        let text =
            Example.small + "grid: {optimizer.name: [sgd, adam]}\ninclude: [{model.family: convnet, seed: 1}]"
        let original = try Example.read(text)
        let back = try Example.read(SweepFile.text(of: original.grid.frozen))
        #expect(back.grid.map(\.id) == original.grid.map(\.id))
    }

    @Test(
        "writes texts and numbers that YAML would take for something else so that they read back",
        arguments: [
            "yes", "true", "null", "~", "1", "1e3", "0x10", "-", "- a", "a: b", "a #b", "", " ", "\"", "'",
            "\\", "é",
            "a\nb\t\u{7F}\u{85}\u{2028}\u{FEFF}", ".inf", "1..4", "[", "{", "*a", "&a", "!a", "%", "@", "`",
            "\u{1F600}",
        ])
    func awkwardTexts(text: String) throws {
        var spec = try Example.read(Example.small).spec
        spec.base["dataset.path"] = .text(text)
        #expect(try Example.read(SweepFile.text(of: spec)).spec == spec)
    }

    @Test("reads scalars as the core schema of YAML 1.2 does")
    func scalars() throws {
        let text = """
            dataset: {name: digits, path: %}
            model: {family: mlp, width: 8}
            optimizer: adam
            training: {epochs: 10}
            """
        func reads(_ scalar: String, as setting: Setting?) -> Bool {
            var document: Setting?
            do {
                document = try Example.read(text.replacing("%", with: scalar)).spec.base["dataset.path"]
            } catch {
                document = nil
            }
            return document == setting
        }
        let texts = [
            "yes", "no", "on", "1_000", "0o9", "1e", "e5", "+", ".", "1.2.3", "nan", "inf", "Infinity", "0x",
        ]
        for scalar in texts {
            #expect(reads(scalar, as: .text(scalar)), "\(scalar)")
        }
        for scalar in ["true", "12", "-3", "0x1F", "0o17", "5e-4", ".5", "1.", "+1.5E+3", ".inf", ".nan"] {
            #expect(reads(scalar, as: nil), "\(scalar) is no text")
        }
        #expect(reads("\"12\"", as: "12"))
        #expect(reads("!!str 12", as: "12"))
        #expect(reads("null", as: .null))
    }

    @Test("lets the command line replace a setting, an axis, and an abbreviation's inside")
    func overrides() throws {
        let text = Example.small + "grid: {seed: [0, 1]}"
        let file = try Example.read(
            text,
            overrides: [
                "model.width=16", "seed=5..7", "dataset.noise={kind: exact-other, rate: 0.1}", "name=b",
            ])
        #expect(file.spec.name == "b")
        #expect(file.grid.map(\.axisValues) == [[5], [6], [7]])
        #expect(file.grid[0].configuration["model.width"] == 16)
        #expect(file.grid[0].configuration["dataset.noise.rate"] == 0.1)
        let scaled = try Example.read(
            Example.small.replacing("width: 8", with: "width: 8, init: kaiming-normal"),
            overrides: ["model.init.scale=2", "grid.model.depth=1..3"])
        #expect(scaled.grid[0].configuration["model.init"] == ["scheme": "kaiming-normal", "scale": 2.0])
        #expect(scaled.grid.count == 3)
    }
}
