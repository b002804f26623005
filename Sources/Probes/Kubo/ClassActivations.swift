internal import Datasets
internal import LinearAlgebra
internal import Networks
internal import Sweeps

/// Mean and standard deviation over samples of one neuron's activation, class by class: Kubo, figure 8.
///
/// The neuron of each layer is the one that is largest at this epoch, which after the last epoch is the one that the
/// paper follows. Classes are those that samples show, and for noisy samples also those that they were assigned.
struct ClassActivations {
    /// Groups of samples with the labels that sort them, as metrics call them.
    enum Group: Int, CaseIterable, CustomStringConvertible {
        case clean
        case noisyTrue
        case noisyAssigned
        case test

        var description: String {
            switch self {
            case .clean: "clean"
            case .noisyTrue: "noisy_true"
            case .noisyAssigned: "noisy_assigned"
            case .test: "test"
            }
        }
    }

    /// Rows for `layers.csv`; classes without samples of a group have none.
    let values: [LayerValue]

    init<Scalar: Real>(_ snapshot: Snapshot<Scalar>, neurons: [Int], train: [Int], test: [Int]) {
        let sums = Sums(layerCount: neurons.count, classCount: snapshot.network.classCount)
        let reader = SignalReader.shared(snapshot)
        let samples = snapshot.dataset.train
        reader.read(
            samples, at: train, snapshot, signals: [.activation],
            see: { _, layer, start, window in
                let row = window.pointer + neurons[layer] * window.stride
                for column in 0..<window.columns {
                    let (index, value) = (train[start + column], Double(row[column]))
                    let (shown, assigned) = (samples.labelsTrue[index], samples.labelsAssigned[index])
                    if shown == assigned {
                        sums.add(value, .clean, layer, shown)
                    } else {
                        sums.add(value, .noisyTrue, layer, shown)
                        sums.add(value, .noisyAssigned, layer, assigned)
                    }
                }
            })
        reader.read(
            snapshot.dataset.test, at: test, snapshot, signals: [.activation],
            see: { _, layer, start, window in
                let row = window.pointer + neurons[layer] * window.stride
                for column in 0..<window.columns {
                    let label = snapshot.dataset.test.labelsTrue[test[start + column]]
                    sums.add(Double(row[column]), .test, layer, label)
                }
            })
        values = sums.values
    }

    /// Counts, sums and sums of squares by group, layer and class.
    private final class Sums {
        private struct Cell {
            var count = 0
            var sum = 0.0
            var squares = 0.0
        }

        private let layerCount: Int
        private let classCount: Int
        private var cells: [Cell]

        init(layerCount: Int, classCount: Int) {
            self.layerCount = layerCount
            self.classCount = classCount
            cells = [Cell](repeating: Cell(), count: Group.allCases.count * layerCount * classCount)
        }

        private func place(_ group: Int, _ layer: Int, _ label: Int) -> Int {
            (group * layerCount + layer) * classCount + label
        }

        func add(_ value: Double, _ group: Group, _ layer: Int, _ label: Int32) {
            let place = place(group.rawValue, layer, Int(label))
            cells[place].count += 1
            cells[place].sum += value
            cells[place].squares += value * value
        }

        var values: [LayerValue] {
            var values: [LayerValue] = []
            for group in Group.allCases {
                for layer in 0..<layerCount {
                    for label in 0..<classCount {
                        let cell = cells[place(group.rawValue, layer, label)]
                        guard cell.count > 0 else { continue }
                        let mean = cell.sum / Double(cell.count)
                        let variance = max(cell.squares / Double(cell.count) - mean * mean, 0)
                        let metric = "class_activation_\(group)"
                        values.append(LayerValue(metric: metric, layer: layer + 1, index: label, value: mean))
                        values.append(
                            LayerValue(
                                metric: metric + "_spread", layer: layer + 1, index: label,
                                value: variance.squareRoot()))
                    }
                }
            }
            return values
        }
    }
}
