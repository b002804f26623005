import Datasets
import Sweeps
import Testing

@Suite("Synthetic images")
struct SyntheticImagesTests {
    static func section(_ changes: [(String, Setting)] = []) -> Setting {
        var section: Setting = [
            "name": "synthetic", "train": 40, "test": 20, "channels": 2, "height": 4, "width": 6,
            "classes": 4,
            "separation": 10, "scaling": "unit",
        ]
        for (key, value) in changes { section[key] = value }
        return section
    }

    static func load(_ changes: [(String, Setting)] = [], seed: UInt64 = 1) throws -> Dataset {
        try Catalog.load(section(changes), environment: .null, seed: seed)
    }

    @Test("shape, classes and counts are those that are asked for, known before anything is drawn")
    func facts() throws {
        let facts = try #require(try Catalog.facts(of: Self.section()))
        #expect(facts.shape == ImageShape(channels: 2, height: 4, width: 6))
        #expect(facts.classCount == 4 && facts.trainCount == 40 && facts.testCount == 20)
        let dataset = try Self.load()
        #expect(dataset.train.shape == facts.shape && dataset.train.count == 40 && dataset.test.count == 20)
        for label in 0..<Int32(4) { #expect(dataset.train.labelsTrue.count { $0 == label } == 10) }
    }

    @Test("the images belong to the data's seed, their order to the task's")
    func seeds() throws {
        let first = try Self.load([("train", ["first": 40])])
        #expect(first.train.inputs == (try Self.load([("train", ["first": 40])], seed: 2)).train.inputs)
        #expect(
            first.train.inputs != (try Self.load([("train", ["first": 40]), ("data-seed", 1)])).train.inputs)
        #expect((try Self.load()).train.inputs != (try Self.load([], seed: 2)).train.inputs)
    }

    /// How many test images are nearer to the mean training image of another class than to that of their own.
    private func mistakes(separation: Double) throws -> Int {
        let dataset = try Self.load([("train", 400), ("test", 200), ("separation", .number(separation))])
        let means = (0..<4).map { label in
            let members = (0..<400).filter { dataset.train.labelsTrue[$0] == label }.map(dataset.train.input)
            return (0..<48).map { pixel in members.reduce(0) { $0 + $1[pixel] } / Float(members.count) }
        }
        return (0..<200).count { index in
            let image = dataset.test.input(index)
            let distances = means.map { mean in
                zip(mean, image).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
            }
            return distances.firstIndex(of: distances.min() ?? 0) != Int(dataset.test.labelsTrue[index])
        }
    }

    @Test("classes are as hard to tell apart as their separation says")
    func separation() throws {
        // Ten deviations apart a pair is confused once in 3.5 million images; at no distance 3 of 4 guesses are wrong.
        #expect(try mistakes(separation: 10) == 0)
        let guesses = try mistakes(separation: 0)
        // Binomial with n = 200 and p = 0.75: deviation 6.1.
        #expect(abs(guesses - 150) < 37)
    }

    @Test("more images than memory holds are refused with the keys")
    func tooMany() {
        let error = #expect(throws: DatasetError.self) {
            try Self.load([("train", 1_000_000), ("height", 1024), ("width", 1024)])
        }
        #expect(error?.description.contains("dataset.train and dataset.test") == true)
    }
}
