import Foundation
import Reporting
import Testing

@Suite("Colours and ticks")
struct ColorTests {
    /// CIELAB lightness (CIE 1976, D65) of an sRGB colour, in [0, 100].
    private func lightness(_ color: RGB) -> Double {
        let linear = [color.red, color.green, color.blue].map { part -> Double in
            let value = Double(part) / 255
            return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
        }
        let luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
        return luminance > 0.008856 ? 116 * cbrt(luminance) - 16 : 903.3 * luminance
    }

    @Test("rise in lightness all the way, in even steps")
    func evenLightness() {
        let values = (0...32).map { lightness(ColorMap.viridis(Double($0) / 32)) }
        let steps = zip(values, values.dropFirst()).map { $1 - $0 }
        let mean = (values[32] - values[0]) / 32
        // Half to one and a half of an even step: viridis itself varies as much.
        let areEven = steps.allSatisfy { $0 > mean * 0.5 && $0 < mean * 1.5 }
        #expect(areEven, "steps of lightness: \(steps)")
        #expect(values[0] < 20 && values[32] > 88)
    }

    @Test("start and end with the published colours of viridis")
    func ends() {
        #expect(ColorMap.viridis(0).hexadecimal == "#440154")
        #expect(ColorMap.viridis(1).hexadecimal == "#fde725")
        #expect(ColorMap.viridis(-1) == ColorMap.viridis(0))
    }

    @Test("take a logarithmic scale where positive values span more than two decades")
    func logarithmicScale() {
        let scale = ColorScale(over: [0.01, 1, 100])
        #expect(scale.isLogarithmic)
        #expect(abs(scale.fraction(1) - 0.5) < 1e-12)
        #expect(!ColorScale(over: [1, 100]).isLogarithmic)
        #expect(!ColorScale(over: [-1, 1000]).isLogarithmic)
        #expect(!ColorScale(over: [0.01, 100], mayBeLogarithmic: false).isLogarithmic)
    }

    @Test("keep zeros and say so on a logarithmic scale")
    func zerosOnLogarithmicScale() {
        let scale = ColorScale(over: [0, 0.5, 500])
        #expect(scale.isLogarithmic && scale.isClippedBelow)
        #expect(scale.fraction(0) == 0)
        #expect(scale.low == 0.5)
    }

    @Test(
        "place every value between 0 and 1, however extreme",
        arguments: [
            [], [1], [0, 0], [.nan, 2, 3], [-1.7e308, 1.7e308], [5e-324, 1e-323], [.infinity, 1, 2],
            [1e-300, 1e300], [-5, -5],
        ])
    func extremes(values: [Double]) {
        let scale = ColorScale(over: values)
        for value in values where value.isFinite {
            let fraction = scale.fraction(value)
            #expect(fraction >= 0 && fraction <= 1)
        }
        let areInside = scale.ticks.allSatisfy { $0.isFinite }
        #expect(areInside && !scale.ticks.isEmpty && scale.ticks.count < 20)
    }

    @Test(
        "are round and inside the range",
        arguments: [
            (0.0, 1.0, ["0", "0.2", "0.4", "0.6", "0.8", "1"]), (6.4, 95, ["20", "40", "60", "80"]),
            (1, 64, ["20", "40", "60"]), (-1, 1, ["−1", "−0.5", "0", "0.5", "1"]),
            (1e-6, 3e-6, ["10⁻⁶", "1.5×10⁻⁶", "2×10⁻⁶", "2.5×10⁻⁶", "3×10⁻⁶"]),
        ])
    func linearTicks(low: Double, high: Double, labels: [String]) {
        #expect(Ticks.labels(Ticks.linear(from: low, to: high, about: 5)) == labels)
    }

    @Test("are powers of ten over many decades and at most nine")
    func logarithmicTicks() {
        #expect(Ticks.logarithmic(from: 0.01, to: 1000) == [0.01, 0.1, 1, 10, 100, 1000])
        #expect(Ticks.logarithmic(from: 1, to: 20) == [1, 2, 5, 10, 20])
        #expect(Ticks.logarithmic(from: 1e-20, to: 1e20).count <= 9)
    }
}
