internal import Foundation

/// Viridis (Smith and van der Walt, 2015): uniform to the eye, rising in lightness all the way, and readable
/// with every kind of colour vision and in print without colour.
package enum ColorMap {
    /// The colour at a place in [0, 1].
    package static func viridis(_ fraction: Double) -> RGB {
        table[Int((min(max(fraction, 0), 1) * Double(table.count - 1)).rounded())]
    }

    /// Eleven equidistant colours of the published table.
    private static let anchors: [[Double]] = [
        [68, 1, 84], [72, 37, 118], [65, 68, 135], [53, 96, 141], [42, 120, 142], [33, 144, 140],
        [34, 168, 132], [67, 191, 113], [122, 209, 81], [187, 223, 39], [253, 231, 37],
    ]

    /// As many colours as bytes of one channel can tell apart, interpolated in Oklab (Ottosson, 2020), where
    /// straight lines are even to the eye.
    private static let table: [RGB] = {
        let points = anchors.map { Oklab(sRGB: $0) }
        return (0..<256).map { index in
            let position = Double(index) / 255 * Double(points.count - 1)
            let low = min(Int(position), points.count - 2)
            return points[low].mixed(with: points[low + 1], part: position - Double(low)).rgb
        }
    }()
}

/// A colour in Ottosson's perceptual space: lightness and two opponent axes.
private struct Oklab {
    let lightness: Double
    let a: Double
    let b: Double

    init(lightness: Double, a: Double, b: Double) {
        (self.lightness, self.a, self.b) = (lightness, a, b)
    }

    init(sRGB: [Double]) {
        let linear = sRGB.map { part -> Double in
            let value = part / 255
            return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
        }
        let (r, g, b) = (linear[0], linear[1], linear[2])
        let l = cbrt(0.412_221_470_8 * r + 0.536_332_536_3 * g + 0.051_445_992_9 * b)
        let m = cbrt(0.211_903_498_2 * r + 0.680_699_545_1 * g + 0.107_396_956_6 * b)
        let s = cbrt(0.088_302_461_9 * r + 0.281_718_837_6 * g + 0.629_978_700_5 * b)
        lightness = 0.210_454_255_3 * l + 0.793_617_785_0 * m - 0.004_072_046_8 * s
        a = 1.977_998_495_1 * l - 2.428_592_205_0 * m + 0.450_593_709_9 * s
        self.b = 0.025_904_037_1 * l + 0.782_771_766_2 * m - 0.808_675_766_0 * s
    }

    func mixed(with other: Oklab, part: Double) -> Oklab {
        Oklab(
            lightness: lightness + (other.lightness - lightness) * part, a: a + (other.a - a) * part,
            b: b + (other.b - b) * part)
    }

    var rgb: RGB {
        let l = pow(lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b, 3)
        let m = pow(lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b, 3)
        let s = pow(lightness - 0.089_484_177_5 * a - 1.291_485_548_0 * b, 3)
        return RGB(
            red: Oklab.byte(4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s),
            green: Oklab.byte(-1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s),
            blue: Oklab.byte(-0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701_0 * s))
    }

    private static func byte(_ linear: Double) -> UInt8 {
        let value = linear <= 0.003_130_8 ? 12.92 * linear : 1.055 * pow(linear, 1 / 2.4) - 0.055
        return UInt8((min(max(value, 0), 1) * 255).rounded())
    }
}
