internal import LinearAlgebra

/// Sums of a layer's signals over the samples of each group and class.
///
/// Letters: G groups, K classes, U units.
struct GroupMeans {
    let classCount: Int
    let unitCount: Int
    /// [G × K × U], sums in double precision in the samples' order.
    private(set) var sums: [Double]
    /// [G × K].
    private(set) var counts: [Int]

    init(groupCount: Int, classCount: Int, unitCount: Int) {
        self.classCount = classCount
        self.unitCount = unitCount
        sums = [Double](repeating: 0, count: groupCount * classCount * unitCount)
        counts = [Int](repeating: 0, count: groupCount * classCount)
    }

    /// Adds a batch [U × B]; `places[b]` is the group and class of column b as one index, negative for none.
    mutating func add<Scalar: Real>(_ window: Matrix<Scalar>, places: [Int]) {
        for place in places where place >= 0 { counts[place] += 1 }
        addColumns(window, places, unitCount, into: &sums)
    }

    /// The cosine of the angle between the means of two groups for one class; `nil` where either is empty, NaN where
    /// either is zero.
    func cosine(_ first: Int, _ second: Int, class label: Int) -> Double? {
        let (a, b) = (first * classCount + label, second * classCount + label)
        guard counts[a] > 0, counts[b] > 0 else { return nil }
        return sums.withUnsafeBufferPointer { sums in
            var (dot, aa, bb) = (0.0, 0.0, 0.0)
            for unit in 0..<unitCount {
                let (x, y) = (sums[a * unitCount + unit], sums[b * unitCount + unit])
                dot += x * y
                aa += x * x
                bb += y * y
            }
            return dot / (aa.squareRoot() * bb.squareRoot())
        }
    }
}

/// Free, on storage passed in: a loop over a struct's own array would check exclusivity at every element.
private func addColumns<Scalar: Real>(
    _ window: Matrix<Scalar>, _ places: [Int], _ unitCount: Int, into sums: inout [Double]
) {
    sums.withUnsafeMutableBufferPointer { sums in
        for unit in 0..<window.rows {
            let row = window.pointer + unit * window.stride
            for (column, place) in places.enumerated() where place >= 0 {
                sums[place * unitCount + unit] += Double(row[column])
            }
        }
    }
}
