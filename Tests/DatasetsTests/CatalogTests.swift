import Datasets
import Sweeps
import Testing

@Suite("Catalog of data sets")
struct CatalogTests {
    @Test("every built data set states its shape and counts, a planned one none", arguments: Catalog.datasets)
    func facts(entry: CatalogEntry) throws {
        let facts = try Catalog.facts(of: ["name": .text(entry.name)])
        #expect((facts != nil) == entry.isBuilt)
    }

    @Test("an unknown data set is refused with the choices", arguments: ["", "digit"])
    func refused(name: String) {
        let error = #expect(throws: DatasetError.self) {
            try Catalog.load(["name": .text(name)], environment: .null, seed: 1)
        }
        #expect(error?.description.contains("digits, mnist, fashion-mnist") == true)
    }

    /// Counts of training and test samples, and what a task then gets of the digits.
    static let draws: [(section: Setting, train: Int, test: Int)] = [
        (["train": 600], 600, 1197), (["train": 600, "test": 10], 600, 10),
        (["train": ["first": 5]], 5, 1792), (["train": 1, "test": ["first": 1796]], 1, 1796),
    ]

    @Test("the counts known before loading are those that are loaded", arguments: 0..<4)
    func drawnCounts(index: Int) throws {
        var (section, train, test) = Self.draws[index]
        let drawn = try #require(try Catalog.facts(of: ["name": "digits"])).drawn(by: section)
        #expect(drawn.train == train && drawn.test == test)
        section["name"] = "digits"
        let dataset = try Catalog.load(section, environment: .null, seed: 1)
        #expect(dataset.train.count == train && dataset.test.count == test)
    }

    @Test("every noise of the catalog applies with its own defaults", arguments: Catalog.noises)
    func noises(entry: CatalogEntry) throws {
        var noise: Setting = ["kind": .text(entry.name)]
        for option in entry.options { noise[option.key] = option.standard }
        let dataset = try Catalog.load(
            ["name": "digits", "train": 500, "noise": noise], environment: .null, seed: 1)
        #expect(dataset.train.indices(noisy: true).isEmpty == (entry.name == "none"))
    }
}
