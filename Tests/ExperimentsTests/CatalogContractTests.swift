import Datasets
import Experiments
import Networks
import Probes
import Sweeps
import Testing
import Training

/// What must hold for whatever the catalogs list: a new entry is tested by being listed.
@Suite("Catalog contract")
struct CatalogContractTests {
    /// Runs two epochs and checks that metrics hold finite numbers, and probes' columns too where they are defined.
    private func check(_ changes: [(String, Setting)], undefined prefixes: [String] = []) throws {
        let title = changes.map { "\($0.0)=\($0.1.canonicalText)" }.joined(separator: " ")
        let result = try run([("training.epochs", 2)] + changes)
        #expect(result.measurements.map(\.epoch) == [0, 1, 2], "\(title)")
        #expect(result.divergedAtEpoch == nil, "\(title)")
        for measurement in result.measurements {
            for (column, value) in zip(result.columns, measurement.scalars)
            where !prefixes.contains(where: column.hasPrefix) {
                let isFinite = value?.isFinite != false
                #expect(isFinite, "\(column) in \(title) at epoch \(measurement.epoch)")
            }
            // Training and test columns always apply.
            let isThere = measurement.scalars[..<4].allSatisfy { $0 != nil }
            #expect(isThere, "\(title)")
        }
    }

    /// An entry with a value for each option that has no default.
    private static func section(_ entry: CatalogEntry) -> Setting {
        var section: Setting = ["name": .text(entry.name)]
        for option in entry.options where option.standard == nil { section[option.key] = [2] }
        return section
    }

    /// Columns that say nothing about four samples: no pair of classes, nothing fitted.
    private static let needMore = ["basin_", "similarity_", "centre_", "sample_"]

    @Test("every optimiser trains with every schedule, loss and precision")
    func training() throws {
        for optimizer in Training.Catalog.optimizers {
            for schedule in Training.Catalog.schedules {
                for loss in Networks.Catalog.losses where loss.isBuilt {
                    for precision in ["float32", "float64"] {
                        try check([
                            ("optimizer", ["name": .text(optimizer.entry.name)]),
                            ("optimizer.schedule", Self.section(schedule.entry)),
                            ("training.loss", .text(loss.name)), ("training.precision", .text(precision)),
                        ])
                    }
                }
            }
        }
    }

    /// Adds every probe that fits the task, with few points, because some families are large.
    private func withProbes(_ changes: [(String, Setting)], points: Int = 4) throws -> [(String, Setting)] {
        changes + [("measure.probes", .list(try fittingProbes(changes, points: points)))]
    }

    @Test("every probe fits a small perceptron with noisy labels and enough samples, or says what it lacks")
    func probesFit() throws {
        let changes = try withProbes(
            [
                ("model", ["family": "mlp-widths", "widths": [5, 4]]), ("dataset.train", 100),
                ("dataset.noise", ["kind": "exact-other", "rate": 0.2]),
            ], points: 100)
        let fitting = changes.last?.1.asList?.compactMap { $0.asMap?.keys.first } ?? []
        let others = Probes.Catalog.probes.map { $0.entry.name }.filter { !fitting.contains($0) }
        #expect(others == ["batch-statistics"])
        // Nothing is fitted after two epochs, and so no basin has a size.
        try check(changes, undefined: ["basin_"])
    }

    @Test("every model family trains with every initialisation and activation, under the probes that fit")
    func models() throws {
        for family in Networks.Catalog.families where family.isBuilt && !family.name.hasPrefix("mlp-") {
            for scheme in Networks.Catalog.initializations where scheme.isBuilt {
                try check(
                    withProbes([
                        ("model", ["family": .text(family.name)]), ("model.init", .text(scheme.name)),
                        ("dataset.train", 20), ("training.batch", 20), ("dataset.test", 20),
                    ]), undefined: Self.needMore)
            }
        }
        for activation in Activation.allCases {
            for variant in [[], ["batch-norm"], ["residual"], ["batch-norm", "residual", "bias"]] {
                var changes: [(String, Setting)] = [
                    ("model", ["family": "mlp-widths", "widths": [5, 4, 5]]),
                    ("model.activation", .text(activation.rawValue)),
                ]
                for key in variant { changes.append(("model.\(key)", true)) }
                try check(withProbes(changes), undefined: Self.needMore)
            }
        }
    }

    @Test("every label noise trains")
    func noises() throws {
        for noise in Datasets.Catalog.noises where noise.isBuilt {
            try check([("dataset.noise", ["kind": .text(noise.name)])])
        }
    }

    @Test("every entry and option describes itself: a sentence each, and a default that its kind accepts")
    func descriptions() {
        let entries =
            Training.Catalog.optimizers.map { $0.entry } + Training.Catalog.schedules.map { $0.entry }
        #expect(Set(entries.map(\.name)).count == entries.count)
        for entry in entries {
            #expect(entry.summary.hasSuffix("."), "\(entry.name)")
            for option in entry.options {
                #expect(option.summary.hasSuffix("."), "\(entry.name).\(option.key)")
                guard let standard = option.standard, standard != .null else { continue }
                guard case .accepted = option.check(standard) else {
                    Issue.record("\(entry.name).\(option.key) refuses its default")
                    continue
                }
            }
        }
    }

    @Test("the schema refuses what is planned, by name")
    func planned() {
        for (section, key, entries) in Vocabulary.sections {
            for entry in entries where !entry.isBuilt && key.hasPrefix("model.family") {
                let error = #expect(throws: InvalidSettings.self) { try resolved([(key, .text(entry.name))]) }
                #expect(error?.description.contains("planned") == true, "\(section)")
                #expect(error?.description.contains(key) == true, "\(section)")
            }
        }
    }
}
