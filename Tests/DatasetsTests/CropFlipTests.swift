import Datasets
import LinearAlgebra
import Sweeps
import TestSupport
import Testing

@Suite("Crop-flip augmentation")
struct CropFlipTests {
    /// Two channels, so that planes of unlike zeros show.
    static let shape = ImageShape(channels: 2, height: 6, width: 7)

    static func bytes(_ scaling: Setting = "standard") throws -> Samples {
        try Catalog.load(
            [
                "name": "synthetic", "train": 30, "test": 1, "channels": 2, "height": 6, "width": 7,
                "scaling": scaling,
            ], environment: .null, seed: 1
        ).train
    }

    /// The textbook: pad the unscaled image, cut, mirror, and scale each pixel by itself.
    static func reference(_ samples: Samples, _ index: Int, _ window: CropFlip.Window) -> [Double] {
        let image = samples.unitImage(index)
        var result: [Double] = []
        for channel in 0..<shape.channels {
            for line in 0..<shape.height {
                for column in 0..<shape.width {
                    let inWindow = window.isMirrored ? shape.width - 1 - column : column
                    let (y, x) = (line + window.top - 4, inWindow + window.left - 4)
                    let isInside = (0..<shape.height).contains(y) && (0..<shape.width).contains(x)
                    let pixel =
                        isInside ? Double(image[(channel * shape.height + y) * shape.width + x]) : 0
                    let scaling = samples.scaling[channel]
                    result.append((pixel - scaling.mean) / scaling.deviation)
                }
            }
        }
        return result
    }

    private func gather<Scalar: Real>(_ samples: Samples, _ indices: [Int], epoch: Int, _: Scalar.Type)
        -> [Double]
    {
        let batch = AugmentedBatch(CropFlip(seed: 5), of: samples, batchMax: 40)
        let out = Buffer<Scalar>(count: samples.shape.count * indices.count)
        let matrix = Matrix(out.pointer, rows: samples.shape.count, columns: indices.count)
        indices.withUnsafeBufferPointer { samples.gather($0, augmented: batch, epoch: epoch, into: matrix) }
        return out.array.map { Double($0) }
    }

    private func check(_ samples: Samples) {
        let indices = (0..<37).map { $0 * 7 % 30 }
        for epoch in [0, 1, 17] {
            let found = gather(samples, indices, epoch: epoch, Float.self)
            #expect(gather(samples, indices, epoch: epoch, Double.self) == found)
            for (column, index) in indices.enumerated() {
                let window = CropFlip(seed: 5).window(of: index, epoch: epoch)
                let expected = Self.reference(samples, index, window)
                let isRight = expected.indices.allSatisfy {
                    // Values are below 8 and rounded to single precision twice at most: an ulp is 4.8e-7.
                    abs(expected[$0] - found[$0 * indices.count + column]) < 1e-6
                }
                #expect(isRight, "sample \(index) in \(window) at epoch \(epoch)")
            }
        }
    }

    @Test(
        "an image is padded by zero pixels before scaling, cut and mirrored", arguments: ["unit", "standard"])
    func textbook(scaling: String) throws { check(try Self.bytes(.text(scaling))) }

    @Test("samples that are numbers are padded by what a zero pixel becomes")
    func numbers() throws {
        let bytes = try Self.bytes()
        check(
            Samples(
                shape: bytes.shape, inputs: bytes.inputs, labelsTrue: bytes.labelsTrue,
                labelsAssigned: bytes.labelsAssigned, scaling: bytes.scaling))
    }

    @Test("places and mirrorings are even, and differ from sample to sample and from epoch to epoch")
    func evenDraws() {
        for seed in seeds(3) {
            let augmentation = CropFlip(seed: seed)
            var counts = [Int](repeating: 0, count: 162)
            for epoch in 0..<100 {
                for index in 0..<162 {
                    let window = augmentation.window(of: index, epoch: epoch)
                    counts[(window.top * 9 + window.left) * 2 + (window.isMirrored ? 1 : 0)] += 1
                }
            }
            let chiSquare = counts.reduce(0.0) { $0 + (Double($1) - 100) * (Double($1) - 100) / 100 }
            // 161 degrees of freedom, deviation 18: seven deviations above the mean.
            #expect(chiSquare < 287, "SEED=\(seed)")
        }
    }

    @Test("a window depends on seed, epoch and sample alone")
    func reproducible() {
        let windows = { (seed: UInt64, epoch: Int) in
            (0..<50).map { CropFlip(seed: seed).window(of: $0, epoch: epoch) }
        }
        #expect(windows(1, 3) == windows(1, 3))
        #expect(windows(1, 3) != windows(1, 4))
        #expect(windows(1, 3) != windows(2, 3))
    }

    @Test("images no larger than the padding are refused", arguments: [(1, 5), (4, 28), (28, 4), (1, 1)])
    func tooSmall(height: Int, width: Int) {
        let shape = ImageShape(channels: 3, height: height, width: width)
        #expect(CropFlip.problem(with: shape)?.contains("\(height)×\(width)") == true)
        #expect(CropFlip.problem(with: ImageShape(channels: 1, height: 8, width: 8)) == nil)
    }
}
