internal import LinearAlgebra

/// The signs that numbers have shown over several windows of one shape: which of them change sign.
///
/// A zero is a sign of its own.
final class SignRecord<Scalar: Real> {
    /// [rows × columns]: a bit for each of the three signs.
    private var seen = Buffer<UInt8>(count: 0)
    private var rows = 0
    private var columns = 0

    /// Takes down the signs of a window; all windows between two counts have one shape.
    func add(_ window: Matrix<Scalar>) {
        if rows == 0 {
            (rows, columns) = (window.rows, window.columns)
            if seen.count < rows * columns { seen = Buffer(count: rows * columns) }
        }
        precondition(
            window.rows == rows && window.columns == columns,
            "[\(window.rows) × \(window.columns)] after [\(rows) × \(columns)]")
        if window.stride == columns {
            Scalar.noteSigns(window.pointer, count: rows * columns, in: seen.pointer)
            return
        }
        for row in 0..<rows {
            Scalar.noteSigns(
                window.pointer + row * window.stride, count: columns, in: seen.pointer + row * columns)
        }
    }

    /// Counts the numbers that have shown more than one sign, and forgets all signs.
    ///
    /// - Parameters:
    ///   - count: How many columns are different examples.
    ///   - groups: How often these columns come one after the other; what stands behind is left out.
    /// - Returns: The count over all rows and examples.
    func takeMixedCount(columns count: Int, groups: Int) -> Int {
        var total = 0
        for row in 0..<rows {
            let signs = seen.pointer + row * columns
            for group in 1..<max(groups, 1) {
                let others = signs + group * count
                for column in 0..<count { signs[column] |= others[column] }
            }
            var mixed: Int32 = 0
            for column in 0..<count { mixed &+= signs[column] & (signs[column] &- 1) == 0 ? 0 : 1 }
            total += Int(mixed)
        }
        seen.pointer.update(repeating: 0, count: rows * columns)
        (rows, columns) = (0, 0)
        return total
    }
}
