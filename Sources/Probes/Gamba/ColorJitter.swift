package import Basics
package import Sweeps

/// A small change of brightness, contrast and saturation, in this order or another, as torchvision's `ColorJitter`.
///
/// Works on images in [0, 1], channel by channel; what a step brings outside is clamped. Only images of three channels
/// have a saturation: on others that step does nothing, and gray is the mean of the channels.
package struct ColorJitter: Hashable, Sendable {
    /// One of the three steps with its factor.
    package enum Step: Hashable, Sendable {
        case brightness(Double)
        case contrast(Double)
        case saturation(Double)
    }

    package let steps: [Step]

    package init(steps: [Step]) { self.steps = steps }

    /// Factors uniform in 1 ± `strength`, in an order drawn as well.
    package init(strength: Double, _ generator: inout SeededGenerator) {
        let factors = (0..<3).map { _ in generator.uniform(1 - strength, 1 + strength) }
        let drawn: [Step] = [.brightness(factors[0]), .contrast(factors[1]), .saturation(factors[2])]
        steps = generator.permutation(of: 3).map { drawn[$0] }
    }

    /// Changes an image [C × H × W] in place.
    package func apply(to image: UnsafeMutablePointer<Double>, shape: ImageShape) {
        let plane = shape.height * shape.width
        for step in steps {
            switch step {
            case .brightness(let factor):
                for pixel in 0..<shape.count { image[pixel] = clamped(factor * image[pixel]) }
            case .contrast(let factor):
                var sum = 0.0
                for pixel in 0..<plane { sum += gray(image, pixel, plane, shape.channels) }
                let shift = (1 - factor) * (sum / Double(plane))
                for pixel in 0..<shape.count { image[pixel] = clamped(factor * image[pixel] + shift) }
            case .saturation(let factor):
                guard shape.channels == 3 else { continue }
                for pixel in 0..<plane {
                    let shift = (1 - factor) * gray(image, pixel, plane, 3)
                    for place in [pixel, pixel + plane, pixel + 2 * plane] {
                        image[place] = clamped(factor * image[place] + shift)
                    }
                }
            }
        }
    }

    private func clamped(_ value: Double) -> Double { min(max(value, 0), 1) }

    /// The luma of ITU-R BT.601 in torchvision's digits.
    private func gray(_ image: UnsafePointer<Double>, _ pixel: Int, _ plane: Int, _ channels: Int) -> Double {
        if channels == 1 { return image[pixel] }
        if channels == 3 {
            return 0.2989 * image[pixel] + 0.587 * image[pixel + plane] + 0.114 * image[pixel + 2 * plane]
        }
        var sum = 0.0
        for channel in 0..<channels { sum += image[pixel + channel * plane] }
        return sum / Double(channels)
    }
}
