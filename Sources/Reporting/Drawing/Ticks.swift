internal import Foundation

/// Round numbers for axes and colour bars.
package enum Ticks {
    /// Multiples of 1, 2 or 5 times a power of ten inside the range, about as many as wanted.
    package static func linear(from low: Double, to high: Double, about count: Int) -> [Double] {
        let range = high - low
        guard range > 0, range.isFinite, count > 0 else { return low == high ? [low] : [low, high] }
        let rough = range / Double(count)
        let power = pow(10, floor(log10(rough)))
        // Ranges near the smallest number have no round steps.
        guard power > 0, power.isFinite else { return [low, high] }
        let step = [1, 2, 5, 10].map { $0 * power }.first { $0 >= rough * 0.999 } ?? 10 * power
        let first = (low / step - 1e-9).rounded(.up)
        let last = (high / step + 1e-9).rounded(.down)
        guard last >= first, last - first < 1000 else { return [low, high] }
        let ticks = stride(from: first, through: last, by: 1).map { multiple in
            // Dividing by a whole number is exact where multiplying by 0.1 is not.
            step < 1 ? multiple / (1 / step).rounded() : multiple * step
        }
        return ticks.map { $0 == 0 ? 0 : $0 }
    }

    /// Powers of ten inside the range, with multiples of them where there are few.
    package static func logarithmic(from low: Double, to high: Double) -> [Double] {
        guard low > 0, high > low, high.isFinite else { return [low] }
        let exponents = Int(floor(log10(low)))...Int(ceil(log10(high)))
        let decades = log10(high) - log10(low)
        // Labels of one axis stay at most about eight.
        let step = max(1, Int((decades / 8).rounded(.up)))
        let factors: [Double] = decades > 3 ? [1] : decades > 1.5 ? [1, 3] : [1, 2, 5]
        let powers = exponents.filter { $0.isMultiple(of: step) }
        let all = powers.flatMap { exponent in factors.map { $0 * pow(10, Double(exponent)) } }
        let inside = all.filter { $0 >= low * 0.9999 && $0 <= high * 1.0001 }
        return inside.count < 2 ? [low, high] : inside
    }

    /// The texts of ticks, with as many digits as tell neighbours apart.
    package static func labels(_ ticks: [Double]) -> [String] {
        let gaps = zip(ticks, ticks.dropFirst()).map { abs($1 - $0) }
        let largest = ticks.map { abs($0) }.max() ?? 1
        let gap = gaps.min() ?? largest
        let digits = gap > 0 && gap.isFinite && largest > 0 ? Int(ceil(log10(largest / gap))) + 2 : 3
        return ticks.map { NumberText.rounded($0, digits: min(max(digits, 3), 15)) }
    }
}
