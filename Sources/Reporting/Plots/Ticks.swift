internal import Foundation
internal import Sweeps

/// Round numbers for axes.
enum Ticks {
    /// Multiples of 1, 2 or 5 times a power of ten, about as many as wanted, all inside the range.
    static func linear(from low: Double, to high: Double, about count: Int) -> [Double] {
        guard high > low, count > 0 else { return [low] }
        let rough = (high - low) / Double(count)
        let power = pow(10, floor(log10(rough)))
        let step = [1, 2, 5, 10].map { $0 * power }.first { $0 >= rough * 0.999 } ?? 10 * power
        let first = (low / step).rounded(.up)
        let last = (high / step).rounded(.down)
        guard last >= first, last - first < 1000 else { return [low] }
        // Multiples of the step, freed from the error of the multiplication.
        let digits = max(0, Int(-floor(log10(step))) + 1)
        return (Int(first)...Int(last)).map { index in
            let value = Double(index) * step
            return digits > 15 ? value : Double(String(format: "%.\(digits)f", value)) ?? value
        }
    }

    /// Powers of ten inside the range, with 2 and 5 times them where there are few.
    static func logarithmic(from low: Double, to high: Double) -> [Double] {
        guard low > 0, high > low else { return [low] }
        let powers = Int(floor(log10(low)))...Int(ceil(log10(high)))
        let decades = log10(high / low)
        let factors: [Double] = decades > 3 ? [1] : decades > 1.5 ? [1, 3] : [1, 2, 5]
        let all = powers.flatMap { power in factors.map { $0 * pow(10, Double(power)) } }
        let inside = all.filter { $0 >= low * 0.999 && $0 <= high * 1.001 }
        return inside.isEmpty ? [low, high] : inside
    }

    /// A number as axes write it.
    static func text(_ value: Double) -> String {
        if value != 0, abs(value) >= 1e5 || abs(value) < 1e-3 { return String(format: "%.2g", value) }
        return String(format: "%.4g", value)
    }
}
