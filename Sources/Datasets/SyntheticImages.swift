internal import Basics
internal import Sweeps

/// Images drawn from a seed: one Gaussian cluster a class, rounded to bytes.
///
/// A pixel is 127.5 + 32·(m + n), cut off at 0 and 255, with n standard normal noise and m the class's centre, a random
/// direction of length separation/√2: two centres are about `separation` deviations of the noise apart, and the best
/// classifier confuses a pair with probability Φ(−separation/2). Image i shows class i mod K, so that classes are balanced.
struct SyntheticImages: Hashable {
    let shape: ImageShape
    let classCount: Int
    let trainCount: Int
    let testCount: Int
    /// Distance of two centres, in deviations of the noise.
    let separation: Double
    /// Names the population; the task's seed then draws from it as from any data set.
    let seed: UInt64

    /// Bytes that a made-up data set may take.
    private static let bytesMax = 1 << 31

    static let options = [
        Option("train", .sampleCount, standard: 1000, unit: "samples", "Samples to train on."),
        Option("test", .sampleCount, standard: 1000, unit: "samples", "Samples to test on."),
        Option("channels", .integer(1...1024), standard: 3, unit: "channels", "Channels of an image."),
        Option("height", .integer(1...1024), standard: 32, unit: "pixels", "Lines of an image."),
        Option("width", .integer(1...1024), standard: 32, unit: "pixels", "Pixels of a line."),
        Option("classes", .integer(2...256), standard: 10, unit: "classes", "Clusters."),
        Option(
            "separation", .number(0...1000), standard: 10, unit: "deviations",
            "Distance of two clusters' centres, in deviations of the noise."),
        Option("data-seed", .integer(0...Int.max), standard: 0, "The origin of the images."),
    ]

    /// - Parameter section: The resolved `dataset` section; options that it leaves out have their defaults.
    /// - Throws: ``DatasetError/impossible(_:)`` for more bytes than anybody needs.
    init(_ section: Setting) throws(DatasetError) {
        func integer(_ key: String) -> Int {
            let standard = Self.options.first { $0.key == key }?.standard
            let setting = section[key] ?? standard
            return setting?["first"]?.asWholeNumber ?? setting?.asWholeNumber ?? standard?.asWholeNumber ?? 1
        }
        shape = ImageShape(
            channels: integer("channels"), height: integer("height"), width: integer("width"))
        classCount = integer("classes")
        trainCount = integer("train")
        testCount = integer("test")
        separation = section["separation"]?.asNumber ?? 10
        seed = UInt64(integer("data-seed"))
        let (bytes, overflow) = shape.count.multipliedReportingOverflow(by: trainCount &+ testCount)
        guard trainCount > 0, testCount > 0, trainCount < 1 << 31, testCount < 1 << 31, !overflow,
            bytes <= Self.bytesMax
        else {
            throw .impossible(
                "dataset.train and dataset.test ask for \(trainCount) + \(testCount) synthetic images of \(shape), "
                    + "which would take more than \(Self.bytesMax >> 30) GiB; take fewer or smaller ones")
        }
    }

    func make() -> RawDataset {
        let centres = (0..<classCount).map(centre)
        return RawDataset(
            train: images(trainCount, centres, stream: "synthetic training images"),
            test: images(testCount, centres, stream: "synthetic test images"))
    }

    /// [D], in deviations of the noise.
    private func centre(of label: Int) -> [Double] {
        var generator = SeededGenerator(seed: seed, stream: "synthetic centre \(label)")
        let direction = (0..<shape.count).map { _ in generator.normal() }
        let length = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
        let scale = length > 0 ? separation / (2.0.squareRoot() * length) : 0
        return direction.map { $0 * scale }
    }

    private func images(_ count: Int, _ centres: [[Double]], stream: String) -> RawImages {
        var generator = SeededGenerator(seed: seed, stream: stream)
        var pixels: [UInt8] = []
        pixels.reserveCapacity(count * shape.count)
        for index in 0..<count {
            for mean in centres[index % classCount] {
                let value = (127.5 + 32 * (mean + generator.normal())).rounded()
                pixels.append(UInt8(min(max(value, 0), 255)))
            }
        }
        return RawImages(
            shape: shape, classCount: classCount, pixelMax: 255, pixels: ImageBytes(pixels),
            labels: (0..<count).map { UInt8($0 % classCount) })
    }
}
