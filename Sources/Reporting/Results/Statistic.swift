/// Mean, standard deviation and count of one metric over the seeds of a cell.
struct Statistic: Hashable, Sendable {
    /// `nan` as soon as one value is: a run that diverged is not averaged away.
    let mean: Double
    /// The sample's, with n − 1 in the denominator; `nil` for a single value.
    let standardDeviation: Double?
    let count: Int

    /// The statistic of all values that there are, summed in their order; `nil` of none.
    init?(_ values: [Double]) {
        guard !values.isEmpty else { return nil }
        let mean = values.reduce(0, +) / Double(values.count)
        self.mean = mean
        count = values.count
        guard values.count > 1 else {
            standardDeviation = nil
            return
        }
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        standardDeviation = (squares / Double(values.count - 1)).squareRoot()
    }
}
