/// The interpolation threshold: the smallest network that fits its training set.
///
/// Gamba et al. (2023) take a training error of 0; like them we accept 99.9 %, so that one sample in a
/// thousand does not move the line.
enum Threshold {
    /// The largest mean training error over seeds that counts as interpolation, as a fraction.
    static let errorMax = 0.001

    /// The axis along which networks grow.
    static let path = "model.width"

    static let metric = "train_error"

    static let legend = "interpolation threshold: smallest width with training error ≤ 0.1 %"

    /// Index of the first of some widths, ascending, whose mean training error is small enough.
    static func firstIndex(_ errors: [Statistic?]) -> Int? {
        errors.firstIndex { ($0?.mean).map { $0 <= errorMax } ?? false }
    }
}
