import Datasets
import Sweeps
import TestSupport
import Testing

@Suite("Label noise")
struct LabelNoiseTests {
    /// The digits with a noise, 1,000 of them to train on.
    static func digits(_ noise: Setting, seed: UInt64 = 1) throws -> Dataset {
        try Catalog.load(
            ["name": "digits", "train": 1000, "scaling": "unit", "noise": noise], environment: .null,
            seed: seed)
    }

    @Test("exact-other makes exactly round(rate × N) labels wrong", arguments: [0, 0.0004, 0.2, 0.4, 1])
    func exactCount(rate: Double) throws {
        let dataset = try Self.digits(["kind": "exact-other", "rate": .number(rate)])
        #expect(dataset.train.indices(noisy: true).count == Int((rate * 1000).rounded()))
    }

    @Test("bernoulli-other makes about rate × N labels wrong and never keeps count exactly")
    func bernoulliCount() throws {
        let counts = try seeds(20).map { seed in
            try Self.digits(["kind": "bernoulli-other", "rate": 0.3], seed: seed).train.indices(noisy: true)
                .count
        }
        // Binomial with n = 1,000 and p = 0.3: deviation 14.5, so 6 deviations are 87.
        for count in counts { #expect(abs(count - 300) < 87) }
        #expect(Set(counts).count > 3)
    }

    /// Settings under which every label is drawn, and the least distance of a drawn label to the true one.
    static let spreads: [(noise: Setting, least: Int)] = [
        (["kind": "exact-other", "rate": 1], 1), (["kind": "bernoulli-other", "rate": 1], 1),
        (["kind": "asymmetric-classes", "classes": 10, "fraction": 1], 1), (["kind": "random-all"], 0),
    ]

    @Test("labels are spread evenly, over the other classes or over all", arguments: 0..<4)
    func evenSpread(index: Int) throws {
        let (noise, least) = Self.spreads[index]
        var counts = [Int](repeating: 0, count: 10)
        for seed in seeds(20) {
            let train = try Self.digits(noise, seed: seed).train
            for index in 0..<train.count {
                counts[Int((train.labelsAssigned[index] - train.labelsTrue[index] + 10) % 10)] += 1
            }
        }
        let drawn = counts[least...]
        #expect(drawn.reduce(0, +) == counts.reduce(0, +), "the true class was assigned")
        let expected = Double(drawn.reduce(0, +)) / Double(drawn.count)
        let chiSquare = drawn.reduce(0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
        // 9 degrees of freedom at most: exceeded once in ten million draws.
        #expect(chiSquare < 50, "\(counts)")
    }

    @Test("exact-other chooses its samples from the whole training set")
    func samplesAreSpread() throws {
        var halves = [0, 0]
        for seed in seeds(20) {
            let train = try Self.digits(["kind": "exact-other", "rate": 0.2], seed: seed).train
            for index in train.indices(noisy: true) { halves[index / 500] += 1 }
        }
        #expect(halves.reduce(0, +) == 4000)
        // Hypergeometric a seed, 20 of them: deviation 28, so 6 deviations are 170.
        #expect(abs(halves[0] - 2000) < 170)
    }

    @Test("random-all may keep the true class, with probability 1/K")
    func randomAll() throws {
        let wrong = try Self.digits(["kind": "random-all"]).train.indices(noisy: true).count
        // Binomial with n = 1,000 and p = 0.9: deviation 9.5.
        #expect(wrong < 1000 && abs(wrong - 900) < 57)
    }

    @Test("asymmetric-classes touches the asked number of classes and the exact part of each")
    func asymmetric() throws {
        let train = try Self.digits(["kind": "asymmetric-classes", "classes": 3, "fraction": 0.8]).train
        var touched = 0
        for label in 0..<Int32(10) {
            let members = (0..<train.count).filter { train.labelsTrue[$0] == label }
            let wrong = members.count { train.isNoisy($0) }
            if wrong > 0 {
                touched += 1
                #expect(wrong == Int(0.8 * Double(members.count)))
            }
        }
        #expect(touched == 3)
    }

    @Test("a chosen class without samples is refused by name")
    func emptyClass() {
        #expect(throws: DatasetError.self) {
            try Catalog.load(
                [
                    "name": "digits", "train": 3, "scaling": "unit",
                    "noise": ["kind": "asymmetric-classes", "classes": 10, "fraction": 0.5],
                ], environment: .null, seed: 1)
        }
    }

    @Test("the same seed gives the same labels; noise leaves the subset and the test labels alone")
    func streams() throws {
        let clean = try Self.digits("none")
        let noisy = try Self.digits(["kind": "exact-other", "rate": 0.2])
        let again = try Self.digits(["kind": "exact-other", "rate": 0.2])
        let other = try Self.digits(["kind": "exact-other", "rate": 0.2], seed: 2)
        #expect(noisy.train.labelsAssigned == again.train.labelsAssigned)
        #expect(noisy.train.labelsAssigned != other.train.labelsAssigned)
        #expect(noisy.train.labelsTrue == clean.train.labelsTrue)
        #expect(noisy.train.inputs == clean.train.inputs)
        #expect(noisy.test.labelsAssigned == noisy.test.labelsTrue)
    }
}
