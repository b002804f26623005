import Datasets
import LinearAlgebra
import Networks
import Probes
import Sweeps
import Testing

@Suite("Lin's linear probe and linear map")
struct LinearTailTests {
    @Test("the map of a linear network is the network itself, from every layer")
    func linearNetwork() {
        let subject = Subject<Double>(widths: [8, 7, 6], activation: .identity)
        let reading = LinearMap(options: [:]).measure(subject.snapshot())
        let probe = LinearProbe(options: [:]).measure(subject.snapshot())
        for (set, samples, labels) in [
            ("train", subject.dataset.train, subject.dataset.train.labelsAssigned),
            ("test", subject.dataset.test, subject.dataset.test.labelsTrue),
        ] {
            let expected = subject.accuracy(samples, labels: labels) { subject.reference($0).logits }
            for layer in 1...3 {
                #expect(reading.value("linear_map_layer_accuracy_\(set)", layer: layer) == expected)
            }
            // Least squares finds the very map where the logits are linear in the features.
            for layer in 0...3 {
                #expect(probe.value("linear_probe_layer_accuracy_\(set)", layer: layer) == expected)
            }
        }
    }

    @Test("leaves out exactly the activations from a layer on")
    func linearMap() {
        let subject = Subject<Double>(widths: [9, 8, 7])
        let reading = LinearMap(options: [:]).measure(subject.snapshot())
        let train = subject.dataset.train
        for layer in 0..<3 {
            let expected = subject.accuracy(train, labels: train.labelsAssigned) {
                subject.logits($0, linearFrom: layer)
            }
            #expect(reading.value("linear_map_layer_accuracy_train", layer: layer + 1) == expected)
        }
        #expect(reading.scalars[0] == reading.value("linear_map_layer_accuracy_train", layer: 1))
    }

    @Test("the linear probe predicts as the solved normal equations do")
    func linearProbe() {
        let subject = Subject<Double>(widths: [7, 5])
        let reading = LinearProbe(options: ["ridge": 0.01]).measure(subject.snapshot())
        let (train, test) = (subject.dataset.train, subject.dataset.test)
        for layer in 0...2 {
            func features(_ samples: Samples, _ index: Int) -> [Double] {
                (layer == 0 ? subject.input(samples, index) : subject.activations(samples, index)[layer - 1])
                    + [1]
            }
            let map = Self.leastSquares(
                (0..<train.count).map { features(train, $0) },
                (0..<train.count).map { subject.reference(subject.input(train, $0)).logits }, ridge: 0.01)
            func accuracy(_ samples: Samples, _ labels: [Int32]) -> Double {
                let correct = (0..<samples.count).count { index in
                    let x = features(samples, index)
                    let logits = map.map { zip($0, x).reduce(0) { $0 + $1.0 * $1.1 } }
                    return largest(logits) == Int(labels[index])
                }
                return Double(correct) / Double(samples.count)
            }
            #expect(
                reading.value("linear_probe_layer_accuracy_train", layer: layer)
                    == accuracy(train, train.labelsAssigned))
            #expect(
                reading.value("linear_probe_layer_accuracy_test", layer: layer)
                    == accuracy(test, test.labelsTrue))
        }
    }

    /// One row of coefficients a target, by elimination with the largest pivot.
    static func leastSquares(_ x: [[Double]], _ z: [[Double]], ridge: Double) -> [[Double]] {
        let (size, count) = (x[0].count, Double(x.count))
        return z[0].indices.map { target in
            var rows = (0..<size).map { i in
                (0..<size).map { j in x.reduce(0) { $0 + $1[i] * $1[j] } / count + (i == j ? ridge : 0) }
                    + [zip(x, z).reduce(0) { $0 + $1.0[i] * $1.1[target] } / count]
            }
            for pivot in 0..<size {
                let best = (pivot..<size).max { abs(rows[$0][pivot]) < abs(rows[$1][pivot]) } ?? pivot
                rows.swapAt(pivot, best)
                for row in 0..<size where row != pivot {
                    let factor = rows[row][pivot] / rows[pivot][pivot]
                    for column in pivot...size { rows[row][column] -= factor * rows[pivot][column] }
                }
            }
            return (0..<size).map { rows[$0][size] / rows[$0][$0] }
        }
    }

    @Test("refuses fewer samples than features, and says how many would do")
    func tooFewSamples() {
        let network = Subject<Float>(widths: [30]).network
        let subject = ProbeSubject(network, trainCount: 24, testCount: 10, configuration: [:])
        #expect(LinearProbe(options: [:]).problem(with: subject)?.contains("at least 31 samples") == true)
        let larger = ProbeSubject(network, trainCount: 31, testCount: 10, configuration: [:])
        #expect(LinearProbe(options: [:]).problem(with: larger) == nil)
    }
}
