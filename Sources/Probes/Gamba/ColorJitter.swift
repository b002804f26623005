package import Basics
package import LinearAlgebra
package import Sweeps

/// A small change of brightness, contrast and saturation, in this order or another, as torchvision's `ColorJitter`.
///
/// Only images of three channels have a saturation: on others that step does nothing, and gray is the mean of the
/// channels.
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
}

/// A jitter for each image of a batch, applied to all of them at once.
///
/// Every step is x ← f·x + (1 − f)·g, cut off at 0 and 1, with g = 0 (brightness), the image's mean gray (contrast) or the
/// pixel's gray (saturation). Images are columns, so that each may take its steps in an order of its own.
package struct ColorJitters<Scalar: Real> {
    /// What one step does to each column [B].
    private struct Step {
        /// f.
        var gains: [Scalar]
        /// 1 − f where g is the mean gray, else 0.
        var meanShares: [Scalar]
        /// 1 − f where g is the pixel's gray, else 0.
        var grayShares: [Scalar]
    }

    private let shape: ImageShape
    private let steps: [Step]

    /// - Parameters:
    ///   - jitters: One a column, of equally many steps each.
    ///   - shape: Of an image.
    package init(_ jitters: [ColorJitter], shape: ImageShape) {
        self.shape = shape
        steps = (0..<(jitters.first?.steps.count ?? 0)).map { place in
            let none = [Scalar](repeating: 0, count: jitters.count)
            var step = Step(gains: none, meanShares: none, grayShares: none)
            for (column, jitter) in jitters.enumerated() {
                switch jitter.steps[place] {
                case .brightness(let factor): step.gains[column] = Scalar(factor)
                case .contrast(let factor):
                    step.gains[column] = Scalar(factor)
                    step.meanShares[column] = Scalar(1 - factor)
                case .saturation(let factor):
                    step.gains[column] = shape.channels == 3 ? Scalar(factor) : 1
                    step.grayShares[column] = shape.channels == 3 ? Scalar(1 - factor) : 0
                }
            }
            return step
        }
    }

    /// Changes images in [0, 1], [D × B], in place.
    package func apply(to images: Matrix<Scalar>) {
        for step in steps {
            var shifts = meanGrays(of: images)
            for column in shifts.indices { shifts[column] *= step.meanShares[column] }
            shifts.withUnsafeBufferPointer { shifts in
                step.gains.withUnsafeBufferPointer { gains in
                    if shape.channels == 3 {
                        step.grayShares.withUnsafeBufferPointer { mix(images, gains, shifts, grayShares: $0) }
                    } else {
                        mix(images, gains, shifts)
                    }
                }
            }
        }
    }

    /// The mean over the pixels of each column's gray.
    private func meanGrays(of images: Matrix<Scalar>) -> [Scalar] {
        var means = [Scalar](repeating: 0, count: images.columns)
        let plane = shape.height * shape.width
        means.withUnsafeMutableBufferPointer { means in
            for row in 0..<images.rows {
                let share = Self.share(of: row / plane, channels: shape.channels)
                let pixels = images.pointer + row * images.stride
                for column in means.indices { means[column] += share * pixels[column] }
            }
            for column in means.indices { means[column] /= Scalar(plane) }
        }
        return means
    }

    /// A channel's part of the gray: the luma of ITU-R BT.601 in torchvision's digits, or the mean of other channels.
    private static func share(of channel: Int, channels: Int) -> Scalar {
        channels == 3 ? [0.2989, 0.587, 0.114][channel] : 1 / Scalar(channels)
    }

    /// x ← f·x + shift.
    private func mix(
        _ images: Matrix<Scalar>, _ gains: UnsafeBufferPointer<Scalar>, _ shifts: UnsafeBufferPointer<Scalar>
    ) {
        for row in 0..<images.rows {
            let pixels = images.pointer + row * images.stride
            for column in 0..<images.columns {
                pixels[column] = clamped(gains[column] * pixels[column] + shifts[column])
            }
        }
    }

    /// x ← f·x + shift + share · the pixel's gray, in three channels.
    private func mix(
        _ images: Matrix<Scalar>, _ gains: UnsafeBufferPointer<Scalar>,
        _ shifts: UnsafeBufferPointer<Scalar>, grayShares: UnsafeBufferPointer<Scalar>
    ) {
        let plane = shape.height * shape.width
        let shares = (0..<3).map { Self.share(of: $0, channels: 3) }
        let (redShare, greenShare, blueShare) = (shares[0], shares[1], shares[2])
        for pixel in 0..<plane {
            let red = images.pointer + pixel * images.stride
            let green = images.pointer + (pixel + plane) * images.stride
            let blue = images.pointer + (pixel + 2 * plane) * images.stride
            for column in 0..<images.columns {
                let gray = redShare * red[column] + greenShare * green[column] + blueShare * blue[column]
                let shift = shifts[column] + grayShares[column] * gray
                red[column] = clamped(gains[column] * red[column] + shift)
                green[column] = clamped(gains[column] * green[column] + shift)
                blue[column] = clamped(gains[column] * blue[column] + shift)
            }
        }
    }
}

@inline(__always)
private func clamped<Scalar: Real>(_ value: Scalar) -> Scalar {
    let low = value < 0 ? 0 : value
    return low > 1 ? 1 : low
}
