internal import Sweeps

/// How pixels become numbers.
enum Scaling: String, CaseIterable, Sendable {
    /// [0, 1].
    case unit
    /// [−1, 1].
    case symmetric
    /// One mean and one deviation a channel: published ones, or those of the drawn training samples.
    case standard

    /// What to do with the pixels of each channel: x ↦ gain · x + shift for a raw pixel x.
    struct Map: Hashable, Sendable {
        var gain: Double
        var shift: Double

        /// The same, told of pixels in [0, 1].
        func scaling(pixelMax: Double) -> ChannelScaling {
            let deviation = 1 / (gain * pixelMax)
            return ChannelScaling(mean: -shift * deviation, deviation: deviation)
        }
    }

    /// The maps of all channels.
    ///
    /// - Parameters:
    ///   - images: Where the pixels are.
    ///   - indices: The drawn training samples.
    ///   - published: What `standard` takes; `nil` lets the drawn training samples alone decide.
    /// - Returns: One map a channel.
    func maps(for images: RawImages, _ indices: [Int], published: [ChannelScaling]? = nil) -> [Map] {
        let unit = Map(gain: 1 / Double(images.pixelMax), shift: 0)
        switch self {
        case .unit: return [Map](repeating: unit, count: images.shape.channels)
        case .symmetric:
            return [Map](repeating: Map(gain: 2 * unit.gain, shift: -1), count: images.shape.channels)
        case .standard:
            if let published {
                return published.map {
                    Map(gain: unit.gain / $0.deviation, shift: -$0.mean / $0.deviation)
                }
            }
            return (0..<images.shape.channels).map { Scaling.standardMap(images, indices, channel: $0) }
        }
    }

    /// Sums of bytes are exact in integers, so that no order of summation can change a bit.
    private static func standardMap(_ images: RawImages, _ indices: [Int], channel: Int) -> Map {
        let plane = images.shape.height * images.shape.width
        var sum = 0
        var sumOfSquares = 0
        for index in indices {
            let start = index * images.shape.count + channel * plane
            for pixel in UnsafeBufferPointer(start: images.pixels.pointer + start, count: plane) {
                sum += Int(pixel)
                sumOfSquares += Int(pixel) * Int(pixel)
            }
        }
        let count = Double(max(indices.count * plane, 1))
        let mean = Double(sum) / count
        let variance = max(Double(sumOfSquares) / count - mean * mean, 0)
        let deviation = variance > 0 ? variance.squareRoot() : 1
        return Map(gain: 1 / deviation, shift: -mean / deviation)
    }
}
