import Datasets
import LinearAlgebra
import Networks
import Probes
import Sweeps
import Testing

@Suite("Every probe of the catalog")
struct ProbeContractTests {
    static let names = Catalog.probes.map { $0.entry.name }

    /// A probe with the default of every option, small enough for the subject.
    static func probe(_ name: String) throws -> any Probe {
        let kind = try #require(Catalog.probes.first { $0.entry.name == name })
        var options = Setting.map([:])
        for option in kind.entry.options { options[option.key] = option.standard }
        if options["directions"] != nil { options["directions"] = 6 }
        if options["paths"] != nil { options["paths"] = 1 }
        return kind.init(options: options)
    }

    @Test("only reads: no bit of the parameters changes", arguments: names)
    func readsOnly(name: String) throws {
        let subject = Subject<Float>(widths: [6, 5])
        let before = subject.parameters.buffer.array
        _ = try Self.probe(name).measure(subject.snapshot())
        #expect(subject.parameters.buffer.array == before)
    }

    @Test("reads the same twice, from fresh and from kept memory", arguments: names)
    func repeatable(name: String) throws {
        let subject = Subject<Float>(widths: [6, 5])
        let probe = try Self.probe(name)
        let snapshot = subject.snapshot()
        // As text, because NaN differs from itself.
        let first = "\(probe.measure(snapshot))"
        let (again, fresh) = ("\(probe.measure(snapshot))", "\(probe.measure(subject.snapshot()))")
        #expect(again == first)
        #expect(fresh == first)
    }

    @Test("fills one value a column and names its layer metrics", arguments: names)
    func columns(name: String) throws {
        let probe = try Self.probe(name)
        let reading = probe.measure(Subject<Float>(widths: [6, 5]).snapshot())
        #expect(reading.scalars.count == probe.columns.count)
        #expect(Set(probe.columns.map(\.name)).count == probe.columns.count)
        for value in reading.layers { #expect(probe.layerMetrics.contains { $0.name == value.metric }) }
    }

    @Test("draws figures of what it measures", arguments: names)
    func figures(name: String) throws {
        let probe = try Self.probe(name)
        let figures = probe.figures
        let known =
            probe.layerMetrics.map { $0.name.replacing("_", with: "-") } + ["index", "layer", "epoch"]
        for value in figures.profiles.flatMap({ $0.values + [$0.x] }) {
            #expect(known.contains { $0 == value || $0.hasPrefix(value + "-") }, "\(value)")
        }
        let columns = probe.columns.map { $0.name.replacing("_", with: "-") }
        for curve in figures.curves { #expect(curve.values.contains { columns.contains($0) }) }
        // A figure of its own kind draws all of a probe's metrics.
        #expect(figures.partitions.isEmpty || probe.layerMetrics == PartitionPicture.metrics)
        let drawsSomething = !figures.profiles.isEmpty || !figures.curves.isEmpty || !probe.columns.isEmpty
        #expect(drawsSomething)
    }

    @Test("agrees in single and in double precision", arguments: names)
    func precisions(name: String) throws {
        let probe = try Self.probe(name)
        let single = probe.measure(Subject<Float>(widths: [6, 5]).snapshot())
        let double = probe.measure(Subject<Double>(widths: [6, 5]).snapshot())
        for (one, other) in zip(single.scalars, double.scalars) {
            // Counts may differ where a unit is within rounding of zero at a vertex: one of 300 points at most.
            let tolerance = 1e-4 * abs(other ?? 0) + (name == "local-complexity" ? 0.1 : 0)
            let areBothUndefined = one?.isNaN == true && other?.isNaN == true
            #expect(abs((one ?? 0) - (other ?? 0)) <= tolerance || areBothUndefined)
        }
    }

    @Test(
        "gives NaN for what it would measure, and neither a number nor a trap, for a network that has diverged",
        arguments: names)
    func diverged(name: String) throws {
        let sound = try Self.probe(name).measure(Subject<Float>(widths: [6, 5]).snapshot()).scalars
        for value in [Float.nan, .infinity] {
            let subject = Subject<Float>(widths: [6, 5])
            // The last layer's biases alone: most of the network still looks sound.
            subject.parameters.buffer.pointer[subject.parameters.count - 1] = value
            let scalars = try Self.probe(name).measure(subject.snapshot()).scalars
            let isUndefined = scalars.allSatisfy { $0?.isNaN ?? true }
            #expect(isUndefined, "\(value): \(scalars)")
            // A gap is no way out of a number.
            #expect(zip(scalars, sound).allSatisfy { $0 != nil || $1 == nil })
        }
    }

    @Test("predicts a cost above zero", arguments: names)
    func cost(name: String) throws {
        let network = MLP<Float>(
            inputShape: ImageShape(channels: 1, height: 8, width: 8), widths: [16, 16], classCount: 10)
        let subject = ProbeSubject(network, trainCount: 600, testCount: 1197, configuration: [:])
        let cost = try Self.probe(name).cost(for: subject)
        #expect(cost.floatingPointOperations > 0)
        #expect(cost.memoryBytes > 0)
    }
}
