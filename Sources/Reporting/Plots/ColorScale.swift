internal import Foundation

/// A colour for every number of a range: viridis (van der Walt and Smith, 2015), whose steps look equally large.
struct ColorScale {
    let low: Double
    let high: Double
    /// Whether equal ratios, instead of equal differences, look equally large.
    let isLogarithmic: Bool

    /// A scale over the finite values; logarithmic where they are positive and span more than two decades.
    init(over values: [Double]) {
        let finite = values.filter(\.isFinite)
        let positive = finite.filter { $0 > 0 }
        let least = finite.min() ?? 0
        let greatest = finite.max() ?? 1
        let leastPositive = positive.min() ?? 1
        if least >= 0, greatest / leastPositive > 100 {
            isLogarithmic = true
            // Zeros get the darkest colour; four decades are as many as the eye tells apart.
            low = max(leastPositive, greatest / 1e4)
            high = greatest
        } else {
            isLogarithmic = false
            low = least
            high = greatest > least ? greatest : least + max(abs(least), 1) * 1e-3
        }
    }

    /// Where a value stands between the ends, in [0, 1].
    func fraction(_ value: Double) -> Double {
        let place =
            isLogarithmic ? log(max(value, low) / low) / log(high / low) : (value - low) / (high - low)
        return min(max(place, 0), 1)
    }

    func color(_ value: Double) -> String { ColorScale.hexadecimal(ColorScale.rgb(fraction(value))) }

    /// Red, green and blue in 0…255 at a place in [0, 1], between the anchors of the published table.
    static func rgb(_ fraction: Double) -> [Double] {
        let position = min(max(fraction, 0), 1) * Double(anchors.count - 1)
        let index = min(Int(position), anchors.count - 2)
        let part = position - Double(index)
        return zip(anchors[index], anchors[index + 1]).map { $0 + ($1 - $0) * part }
    }

    static func hexadecimal(_ rgb: [Double]) -> String {
        "#" + rgb.map { String(format: "%02x", Int($0.rounded())) }.joined()
    }

    private static let anchors: [[Double]] = [
        [68, 1, 84], [72, 36, 117], [65, 68, 135], [53, 95, 141], [42, 120, 142], [33, 145, 140],
        [34, 168, 132],
        [68, 191, 112], [122, 209, 81], [189, 223, 38], [253, 231, 37],
    ]

    /// Round values to write beside the colour bar.
    var ticks: [Double] {
        isLogarithmic ? Ticks.logarithmic(from: low, to: high) : Ticks.linear(from: low, to: high, about: 5)
    }
}
