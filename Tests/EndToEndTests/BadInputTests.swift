import Foundation
import Testing

@Suite("Bad input")
struct BadInputTests {
    /// A change to the small sweep, and what the complaint must name.
    struct Mistake: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let find: String
        let replace: String
        let exitCode: Int32
        let named: [String]
    }

    static let mistakes = [
        Mistake(
            testDescription: "an unknown key", find: "learning-rate:", replace: "lerning-rate:", exitCode: 65,
            named: ["small.yaml:9", "lerning-rate", "learning-rate"]),
        Mistake(
            testDescription: "a value of the wrong type", find: "batch: 100", replace: "batch: many",
            exitCode: 65,
            named: ["small.yaml:10", "training.batch"]),
        Mistake(
            testDescription: "a value out of range", find: "[0, 0.2]", replace: "[0, 1.5]", exitCode: 65,
            named: ["small.yaml:18", "dataset.noise.rate", "1.5"]),
        Mistake(
            testDescription: "a model that there is not", find: "family: mlp",
            replace: "family: resnet34",
            exitCode: 65, named: ["small.yaml:8", "model.family", "resnet34"]),
        Mistake(
            testDescription: "an axis without values", find: "seed: [0, 1]", replace: "seed: []",
            exitCode: 65,
            named: ["small.yaml:19", "seed"]),
        Mistake(
            testDescription: "an axis of an unknown key", find: "model.width: [2, 8, 32]",
            replace: "model.witdh: [2, 8, 32]", exitCode: 65,
            named: ["small.yaml:17", "model.witdh", "width"]),
        Mistake(
            testDescription: "a grid value out of range", find: "[2, 8, 32]", replace: "[2, 0]", exitCode: 65,
            named: ["small.yaml:17", "model.width"]),
        Mistake(
            testDescription: "more samples than there are", find: "train: 300", replace: "train: 3000",
            exitCode: 65,
            named: ["dataset.train", "1797"]),
        Mistake(
            testDescription: "a batch larger than the data", find: "batch: 100", replace: "batch: 301",
            exitCode: 65,
            named: ["training.batch", "301"]),
        Mistake(
            testDescription: "more directions than inputs", find: "directions: 10", replace: "directions: 65",
            exitCode: 65, named: ["directions", "64"]),
        Mistake(
            testDescription: "a broken document", find: "model: {family: mlp",
            replace: "model: {family: [mlp",
            exitCode: 65, named: ["small.yaml:"]),
        Mistake(
            testDescription: "files that are missing", find: "name: digits",
            replace: "name: mnist\n  path: nowhere",
            exitCode: 66, named: ["nowhere"]),
    ]

    @Test("images too small to pool are refused with the least size and a family that takes them")
    func pooling() throws {
        let scratch = try Scratch()
        try scratch.write(
            """
            name: small
            dataset: {name: synthetic, channels: 1, height: 6, width: 6, classes: 3, train: 100, test: 20}
            model: {family: convnet, width: 2}
            optimizer: adam
            training: {batch: 10, epochs: 1}
            """, to: "small.yaml")
        for command in ["plan", "run", "train"] {
            let ending = try BuiltCommand.run([command, "small.yaml"], in: scratch.folder)
            #expect(ending.exitCode == 65, "\(command): \(ending.story)")
            for name in ["model.family", "6 × 6", "8 × 8", "cnn"] {
                #expect(ending.errors.contains(name), "\(command): \(ending.story)")
            }
            #expect(!scratch.exists("runs"), "\(command) left something behind")
        }
    }

    @Test("is one clear sentence with the right exit code, and nothing runs", arguments: mistakes)
    func mistake(_ mistake: Mistake) throws {
        let scratch = try Scratch()
        let yaml = SmallSweep.yaml()
        #expect(yaml.contains(mistake.find))
        try scratch.write(yaml.replacing(mistake.find, with: mistake.replace), to: "small.yaml")
        for command in ["plan", "run"] {
            let ending = try BuiltCommand.run([command, "small.yaml"], in: scratch.folder)
            #expect(ending.exitCode == mistake.exitCode, "\(command): \(ending.story)")
            for name in mistake.named { #expect(ending.errors.contains(name), "\(command): \(ending.story)") }
            #expect(!scratch.exists("runs"), "\(command) left something behind")
        }
    }

    @Test("a damaged data file is refused by name", arguments: ["truncated", "magic", "label"])
    func damagedData(kind: String) throws {
        let scratch = try Scratch()
        var images: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 4, 0, 0, 0, 28, 0, 0, 0, 28]
        images += [UInt8](repeating: 7, count: 4 * 784)
        var labels: [UInt8] = [0, 0, 8, 1, 0, 0, 0, 4, 0, 1, 2, 3]
        switch kind {
        case "truncated": images.removeLast(100)
        case "magic": images[2] = 9
        default: labels[9] = 10
        }
        let files = [
            "train-images-idx3-ubyte": images, "t10k-images-idx3-ubyte": images,
            "train-labels-idx1-ubyte": labels,
            "t10k-labels-idx1-ubyte": labels,
        ]
        let folder = scratch.folder.appending(path: "data")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (name, bytes) in files { try Data(bytes).write(to: folder.appending(path: name)) }
        let yaml = SmallSweep.yaml().replacing("name: digits", with: "name: mnist\n  path: data")
            .replacing("train: 300", with: "train: 3").replacing("test: 400", with: "test: 2")
            .replacing("batch: 100", with: "batch: 3")
        try scratch.write(yaml, to: "small.yaml")
        let ending = try BuiltCommand.run(["train", "small.yaml"], in: scratch.folder)
        #expect(ending.exitCode == 65, "\(ending.story)")
        #expect(ending.errors.contains(kind == "label" ? "labels-idx1" : "images-idx3"), "\(ending.story)")
    }

    @Test("a sweep file that is not there ends with exit code 66")
    func missingSweep() throws {
        let scratch = try Scratch()
        let ending = try BuiltCommand.run(["plan", "nowhere.yaml"], in: scratch.folder)
        #expect(ending.exitCode == 66, "\(ending.story)")
        #expect(ending.errors.contains("nowhere.yaml"))
    }

    @Test("a run directory that is none, and a store that is damaged, are named")
    func damagedStore() throws {
        let scratch = try Scratch()
        let none = try BuiltCommand.run(["resume", "runs/nothing"], in: scratch.folder)
        #expect(none.exitCode == 66, "\(none.story)")
        #expect(none.errors.contains("runs/nothing"))

        try scratch.write(SmallSweep.yaml(epochs: 1), to: "small.yaml")
        _ = try BuiltCommand.run(["run", "small.yaml"], in: scratch.folder)
        try Data("this is not a database, whatever its name says".utf8)
            .write(to: scratch.folder.appending(path: "runs/small/sweep.sqlite"))
        for command in ["resume", "status", "collect"] {
            let ending = try BuiltCommand.run([command, "runs/small"], in: scratch.folder)
            #expect([65, 74, 78].contains(ending.exitCode), "\(command): \(ending.story)")
            #expect(ending.errors.contains("sweep.sqlite"), "\(command): \(ending.story)")
        }
    }

    @Test(
        "an address is refused by name: malformed, or not of this machine, in plain text or encrypted",
        arguments: [
            (["localhost"], 64), (["tcp://192.0.2.1:5555"], 78),
            (["tcp://192.0.2.1:5555", "--allow-plain-text-network"], 78),
        ])
    func badAddress(arguments: [String], exitCode: Int) throws {
        let scratch = try Scratch()
        try scratch.write(SmallSweep.yaml(epochs: 1), to: "small.yaml")
        let ending = try BuiltCommand.run(
            ["coordinator", "small.yaml", "--listen"] + arguments, in: scratch.folder)
        #expect(ending.exitCode == exitCode, "\(ending.story)")
        #expect(ending.errors.contains(arguments[0]), "\(ending.story)")
        // Nobody is told to come to an address that does not exist.
        #expect(!scratch.exists("runs/small/endpoint.json"))
    }
}
