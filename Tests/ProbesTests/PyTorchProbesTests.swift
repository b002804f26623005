import LinearAlgebra
import Probes
import Sweeps
import Testing

@Suite("Probes against PyTorch")
struct PyTorchProbesTests {
    /// Relative: PyTorch computed in double precision, so that what differs is our rounding.
    ///
    /// Sums of at most 9 products through 4 layers, forth and back, each product of numbers up to ten times its sum:
    /// 9 · 8 · 10 half ulps of 1.
    static func tolerance<Scalar: Real>(_: Scalar.Type) -> Double { 720 * Double(Scalar.ulpOfOne) / 2 }

    @Test("the Jacobian norm is PyTorch's, over all, clean and noisy points, in either precision")
    func jacobianNorm() throws {
        let fixture = try PyTorchProbes.load()
        try #require(fixture.cases.count == 12)
        for wanted in fixture.cases {
            try compareNorms(fixture, wanted, Float.self)
            try compareNorms(fixture, wanted, Double.self)
        }
    }

    private func compareNorms<Scalar: Real>(
        _ fixture: PyTorchProbes, _ wanted: PyTorchProbes.Case, _ precision: Scalar.Type
    ) throws {
        let snapshot = try fixture.snapshot(of: wanted, precision)
        let scalars = measure(JacobianNorm(options: ["points": 1000]), snapshot).scalars
        let isNoisy = zip(wanted.labelsTrue, wanted.labelsAssigned).map { $0 != $1 }
        let clean = zip(wanted.jacobianNorms, isNoisy).filter { !$0.1 }.map { $0.0 }
        let noisy = zip(wanted.jacobianNorms, isNoisy).filter { $0.1 }.map { $0.0 }
        for (found, norms) in zip(scalars, [wanted.jacobianNorms, clean, noisy]) {
            let mean = norms.reduce(0, +) / Double(norms.count)
            let error = abs(try #require(found) - mean) / mean
            #expect(error < Self.tolerance(precision), "\(wanted.widths) \(wanted.activation) \(wanted.loss)")
        }
    }

    @Test("the local complexity is PyTorch's count, layer by layer, in either precision")
    func localComplexity() throws {
        let fixture = try PyTorchProbes.load()
        for wanted in fixture.cases {
            for includesOutput in [false, true] {
                try compareCounts(fixture, wanted, includesOutput, Float.self)
                try compareCounts(fixture, wanted, includesOutput, Double.self)
            }
        }
    }

    private func compareCounts<Scalar: Real>(
        _ fixture: PyTorchProbes, _ wanted: PyTorchProbes.Case, _ includesOutput: Bool,
        _ precision: Scalar.Type
    ) throws {
        let probe = LocalComplexity(options: [
            "radii": .list(fixture.radii.map { .number($0) }), "directions": .integer(fixture.directions),
            "points": 1000, "include-output": .boolean(includesOutput),
        ])
        let reading = probe.measure(try fixture.snapshot(of: wanted, precision), frame: wanted.frame)
        let sets = [
            ("train", wanted.trainCounts, wanted.labelsTrue.count),
            ("test", wanted.testCounts, wanted.testInputs.count / (fixture.height * fixture.width)),
        ]
        var expected: [LayerValue] = []
        var sums: [Double] = []
        for (set, counts, pointCount) in sets {
            for (radius, layers) in counts.enumerated() {
                let counted = includesOutput ? layers : layers.dropLast()
                for (layer, count) in counted.enumerated() {
                    expected.append(
                        LayerValue(
                            metric: "local_complexity_\(set)", layer: layer + 1, index: radius,
                            value: Double(count) / Double(pointCount)))
                }
                sums.append(Double(counted.reduce(0, +)) / Double(pointCount))
            }
        }
        let found = reading.layers.filter { $0.metric != "local_complexity_random" }
        #expect(found == expected, "\(wanted.widths) \(wanted.activation) \(wanted.loss)")
        // Means of each layer summed, against the sum's mean: a few roundings apart.
        let differences = zip(reading.scalars, sums).map { abs(($0 ?? .nan) - $1) }
        #expect(differences.count == sums.count && differences.allSatisfy { $0 < 1e-12 })
    }

    private func measure<Scalar: Real>(_ probe: any Probe, _ snapshot: Snapshot<Scalar>) -> ProbeReading {
        switch snapshot {
        case let snapshot as Snapshot<Float>: probe.measure(snapshot)
        case let snapshot as Snapshot<Double>: probe.measure(snapshot)
        default: ProbeReading(scalars: [])
        }
    }
}
