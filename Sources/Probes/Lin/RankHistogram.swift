internal import LinearAlgebra

/// The density of ranks of one layer, over all samples and units.
struct RankHistogram {
    /// Mean 1: a density on [0, 1].
    let densities: [Double]
    /// Density of the ranks of at least 0.95.
    let topDensity: Double

    /// The slope of the density against the rank, by least squares over the middles of the bins.
    var slope: Double {
        let count = Double(densities.count)
        var (products, squares) = (0.0, 0.0)
        for (bin, density) in densities.enumerated() {
            let distance = (Double(bin) + 0.5) / count - 0.5
            products += distance * density
            squares += distance * distance
        }
        return products / squares
    }

    /// - Parameters:
    ///   - signals: Pre-activations [U × n].
    ///   - tail: [U × K], see ``TailJacobian``.
    ///   - classCount: K.
    ///   - labels: The class of each sample.
    ///   - binCount: Bins of the density.
    init<Scalar: Real>(
        _ signals: Matrix<Scalar>, tail: [Double], classCount: Int, labels: [Int], binCount: Int
    ) {
        var counts = [Int](repeating: 0, count: binCount)
        var (topCount, pairCount) = (0, 0)
        var order = Array(0..<signals.columns)
        var ranks = [Double](repeating: 0, count: signals.columns)
        for unit in 0..<signals.rows {
            rank(signals.pointer + unit * signals.stride, &order, into: &ranks)
            for (sample, rank) in ranks.enumerated() {
                let weight = tail[unit * classCount + labels[sample]]
                if weight == 0 { continue }
                let place = weight > 0 ? rank : 1 - rank
                counts[min(Int(place * Double(binCount)), binCount - 1)] += 1
                topCount += place >= 0.95 ? 1 : 0
                pairCount += 1
            }
        }
        densities = counts.map { Double($0) * Double(binCount) / Double(pairCount) }
        topDensity = Double(topCount) / Double(pairCount) / 0.05
    }
}

/// The rank of each signal in [0, 1]; equal ones share the mean of their ranks.
private func rank<Scalar: Real>(
    _ signals: UnsafePointer<Scalar>, _ order: inout [Int], into ranks: inout [Double]
) {
    let count = order.count
    guard count > 1 else {
        ranks[0] = 0.5
        return
    }
    order.sort { (signals[$0], $0) < (signals[$1], $1) }
    var start = 0
    while start < count {
        var end = start + 1
        while end < count, signals[order[end]] == signals[order[start]] { end += 1 }
        let shared = Double(start + end - 1) / 2 / Double(count - 1)
        for place in start..<end { ranks[order[place]] = shared }
        start = end
    }
}
