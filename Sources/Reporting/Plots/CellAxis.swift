internal import Foundation
internal import Sweeps

/// One axis of a heatmap: the values in order, and where each one's cell begins and ends, in [0, 1].
struct CellAxis {
    let title: String
    let labels: [String]
    /// Two numbers a cell; neighbouring cells touch.
    let edges: [(low: Double, high: Double)]
    /// Cells whose labels are written.
    let labelled: [Int]

    /// Equal cells, one a value.
    init(title: String, values: [Setting], labelsMax: Int) {
        self.title = title
        labels = values.map { $0.asNumber.map(Ticks.text) ?? $0.plainText }
        let count = Double(max(values.count, 1))
        edges = values.indices.map { (Double($0) / count, Double($0 + 1) / count) }
        labelled = CellAxis.chosen(values, labelsMax: labelsMax)
    }

    /// Cells on a logarithmic scale of epochs, each reaching half way to its neighbours; epoch 0 stands before them.
    init(epochs: [Int]) {
        title = "training epoch"
        labels = epochs.map { Ticks.text(Double($0)) }
        let positive = epochs.filter { $0 > 0 }
        let logs = positive.map { log(Double($0)) }
        let zeroShare = epochs.first == 0 && !positive.isEmpty ? 0.06 : epochs.first == 0 ? 1 : 0
        var edges: [(low: Double, high: Double)] = epochs.first == 0 ? [(0, max(zeroShare - 0.01, 0.05))] : []
        if let first = logs.first, let last = logs.last {
            let borders = zip(logs, logs.dropFirst()).map { ($0 + $1) / 2 }
            let low = borders.first.map { first - ($0 - first) } ?? first - 0.5
            let high = borders.last.map { last + (last - $0) } ?? last + 0.5
            let all = [low] + borders + [high]
            let places = all.map { zeroShare + (1 - zeroShare) * ($0 - low) / (high - low) }
            edges += zip(places, places.dropFirst()).map { ($0, $1) }
        }
        self.edges = edges
        // 0 and the powers of ten, and the last epoch where it does not crowd them.
        labelled = epochs.indices.filter { index in
            let epoch = epochs[index]
            let isPower = epoch > 0 && pow(10, log10(Double(epoch)).rounded()) == Double(epoch)
            let isLast =
                index == epochs.count - 1
                && Double(epoch) > 1.9 * pow(10, floor(log10(Double(max(epoch, 1)))))
            return epoch == 0 || isPower || isLast
        }
    }

    /// All values where they fit; else powers of two where the values have them; else every n-th.
    private static func chosen(_ values: [Setting], labelsMax: Int) -> [Int] {
        if values.count <= labelsMax { return Array(values.indices) }
        let powers = values.indices.filter { index in
            guard let value = values[index].asNumber, value >= 1, value == value.rounded() else {
                return false
            }
            return Int(value).nonzeroBitCount == 1
        }
        if powers.count >= 3, powers.count <= labelsMax { return powers }
        let step = (values.count + labelsMax - 1) / labelsMax
        return values.indices.filter { $0 % step == 0 }
    }
}
