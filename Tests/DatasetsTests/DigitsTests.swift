import Basics
import Datasets
import Foundation
import Sweeps
import Testing

@Suite("Digits, subsets and scalings")
struct DigitsTests {
    static func load(_ section: [(String, Setting)], seed: UInt64 = 1) throws -> Dataset {
        var setting: Setting = ["name": "digits", "train": 600, "test": 1197, "scaling": "unit"]
        for (key, value) in section { setting[key] = value }
        return try Catalog.load(setting, environment: .null, seed: seed)
    }

    @Test("all 1,797 images are there, each once, unchanged")
    func goldenContent() throws {
        let dataset = try Self.load([("train", ["first": 1796]), ("test", 1)])
        let pixels = (dataset.train.inputs + dataset.test.inputs).map { UInt8(($0 * 16).rounded()) }
        let labels = (dataset.train.labelsTrue + dataset.test.labelsTrue).map { UInt8($0) }
        #expect(labels.count == 1797)
        let hash = ContentHash(of: pixels + labels).hexadecimal
        #expect(hash == "87ff0c9e40dc7e2c0e34e7257799c2e3f3aec1a016363bb11cad869ec428a826")
    }

    @Test("training and test samples do not overlap and make up the whole")
    func disjoint() throws {
        let dataset = try Self.load([])
        let rows = { (samples: Samples) in
            (0..<samples.count).map { Array(samples.inputs[$0 * 64..<($0 + 1) * 64]) }
        }
        // The source holds no image twice, so that the union counts all.
        #expect(Set(rows(dataset.train) + rows(dataset.test)).count == 1797)
    }

    @Test("a drawn subset depends on the seed, the first samples do not")
    func subsets() throws {
        let drawn = try Self.load([])
        #expect(drawn.train.inputs != (try Self.load([], seed: 2)).train.inputs)
        let first = try Self.load([("train", ["first": 600])])
        #expect(first.train.inputs == (try Self.load([("train", ["first": 600])], seed: 2)).train.inputs)
    }

    @Test("scalings have their moments and ranges")
    func scalings() throws {
        let unit = try Self.load([("scaling", "unit")])
        #expect(unit.inputRange == 0...1)
        #expect(unit.train.inputs.allSatisfy { $0 >= 0 && $0 <= 1 })
        let symmetric = try Self.load([("scaling", "symmetric")])
        #expect(symmetric.inputRange == -1...1)
        #expect(zip(symmetric.train.inputs, unit.train.inputs).allSatisfy { $0 == 2 * $1 - 1 })
        let standard = try Self.load([("scaling", "standard")])
        let values = standard.train.inputs.map(Double.init)
        let mean = values.reduce(0, +) / Double(values.count)
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
        // Each value is rounded to single precision once: at most half an ulp of 3.
        #expect(abs(mean) < 1e-6)
        #expect(abs(variance - 1) < 1e-6)
        #expect(standard.inputRange.contains(Double(standard.test.inputs.max() ?? 0)))
    }

    @Test("standard scaling takes mean and deviation from the drawn training samples, for both sets")
    func standardOfTrain() throws {
        let unit = try Self.load([("train", 100)])
        let standard = try Self.load([("train", 100), ("scaling", "standard")])
        let pixels = unit.train.inputs.map(Double.init)
        let mean = pixels.reduce(0, +) / Double(pixels.count)
        let variance = pixels.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(pixels.count)
        let errors = zip(standard.test.inputs, unit.test.inputs).map { found, pixel in
            abs(Double(found) - (Double(pixel) - mean) / variance.squareRoot())
        }
        // Values are below 3 and rounded to single precision once: half an ulp is 1.2e-7.
        let largest = errors.max() ?? 1
        #expect(largest < 1.3e-7)
    }

    @Test("standard scaling leaves pixels that are all alike at zero instead of dividing by zero")
    func noDeviation() throws {
        let files = try IDXFolder()
        files.contents[IDXFolder.trainImages]?.replaceSubrange(
            16..., with: [UInt8](repeating: 7, count: 3920))
        try files.write()
        let dataset = try Catalog.load(
            ["name": "mnist", "scaling": "standard"],
            environment: ["dataset": ["path": .text(files.folder.path)]], seed: 1)
        #expect(dataset.train.inputs == [Float](repeating: 0, count: 3920))
        #expect(dataset.inputRange == -7...248)
    }

    @Test(
        "asking for more samples than there are names the key and the number", arguments: ["train", "test"])
    func tooMany(key: String) throws {
        let error = #expect(throws: DatasetError.self) { try Self.load([(key, 1798)]) }
        let text = error?.description ?? ""
        #expect(text.contains("dataset.\(key)") && text.contains("1798"))
    }

    @Test("training on every image is refused, because none would be left to test on")
    func nothingLeft() throws {
        let error = #expect(throws: DatasetError.self) {
            try Catalog.load(
                ["name": "digits", "train": 1797, "scaling": "unit"], environment: .null, seed: 1)
        }
        #expect(error?.description.contains("dataset.train") == true)
    }
}
