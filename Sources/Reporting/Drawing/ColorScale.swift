internal import Foundation

/// A colour for every number of a range, in steps that look equally large.
package struct ColorScale {
    package let low: Double
    package let high: Double
    /// Whether equal ratios, instead of equal differences, look equally large.
    package let isLogarithmic: Bool
    /// Whether there are values below ``low``, which share its colour.
    package let isClippedBelow: Bool
    /// Whether there are values above ``high``, which share its colour.
    package let isClippedAbove: Bool

    /// More than that the eye does not tell apart.
    private static let decadesMax = 6.0

    /// A scale over the finite values.
    ///
    /// - Parameters:
    ///   - values: What is to be coloured; not-a-number and infinities have no part in the range.
    ///   - mayBeLogarithmic: Whether values that span more than two decades get a logarithmic scale.
    ///   - limit: Where a linear scale ends if the values beyond would take more than a quarter of its colours.
    package init(over values: [Double], mayBeLogarithmic: Bool = true, limit: Double? = nil) {
        let finite = values.filter(\.isFinite)
        let least = finite.min() ?? 0
        let greatest = finite.max() ?? 1
        let leastPositive = finite.filter { $0 > 0 }.min() ?? 1
        if mayBeLogarithmic, least >= 0, greatest / leastPositive > 100 {
            isLogarithmic = true
            low = max(leastPositive, greatest * pow(10, -ColorScale.decadesMax))
            high = greatest
            isClippedAbove = false
        } else {
            isLogarithmic = false
            low = least
            let limit = limit ?? greatest
            isClippedAbove = limit > least && greatest / 2 - limit / 2 > 0.25 * (greatest / 2 - least / 2)
            let top = isClippedAbove ? limit : greatest
            // One value alone stands at the dark end of a narrow range.
            high = top > least ? top : least + max(abs(least) * 0.01, 1e-6)
        }
        isClippedBelow = least < low
    }

    /// Where a value stands between the ends, in [0, 1].
    package func fraction(_ value: Double) -> Double {
        let place =
            isLogarithmic
            ? (log(max(value, low)) - log(low)) / (log(high) - log(low))
            // Halved, because the range of huge values may exceed the largest number.
            : (value / 2 - low / 2) / (high / 2 - low / 2)
        return min(max(place, 0), 1)
    }

    /// The value at a place in [0, 1]: the inverse of ``fraction(_:)``.
    package func value(at fraction: Double) -> Double {
        isLogarithmic
            ? exp(log(low) + (log(high) - log(low)) * fraction)
            : low * (1 - fraction) + high * fraction
    }

    package func color(_ value: Double) -> RGB { ColorMap.viridis(fraction(value)) }

    /// Round values to write beside the colour bar.
    package var ticks: [Double] {
        isLogarithmic ? Ticks.logarithmic(from: low, to: high) : Ticks.linear(from: low, to: high, about: 5)
    }
}

/// A colour of the sRGB space, each part in 0…255.
package struct RGB: Hashable {
    package let red: UInt8
    package let green: UInt8
    package let blue: UInt8

    /// `#21918c`.
    package var hexadecimal: String {
        "#"
            + [red, green, blue].map { part in
                let text = String(part, radix: 16)
                return text.count == 1 ? "0" + text : text
            }.joined()
    }
}
