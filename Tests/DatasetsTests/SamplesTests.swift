import Datasets
import LinearAlgebra
import Sweeps
import Testing

@Suite("Samples")
struct SamplesTests {
    static func digits(_ scaling: String) throws -> Dataset {
        try Catalog.load(
            ["name": "digits", "train": 50, "test": 20, "scaling": .text(scaling)], environment: .null,
            seed: 3)
    }

    @Test(
        "gathered columns are the chosen samples in the chosen order, in either precision",
        arguments: ["unit", "symmetric", "standard"])
    func columns(scaling: String) throws {
        let samples = try Self.digits(scaling).train
        let indices = [49, 0, 7, 7, 12, 31, 2, 3, 4, 48, 11]
        let float = Buffer<Float>(count: 64 * indices.count)
        samples.gather(indices, into: Matrix(float.pointer, rows: 64, columns: indices.count))
        let double = Buffer<Double>(count: 64 * indices.count)
        samples.gather(indices, into: Matrix(double.pointer, rows: 64, columns: indices.count))
        for (column, index) in indices.enumerated() {
            let expected = samples.input(index)
            let found = (0..<64).map { float.pointer[$0 * indices.count + column] }
            #expect(found == expected)
            #expect((0..<64).map { double.pointer[$0 * indices.count + column] } == expected.map(Double.init))
        }
    }

    @Test("samples that are numbers are gathered as they are")
    func numbers() {
        let shape = ImageShape(channels: 1, height: 1, width: 3)
        let samples = Samples(
            shape: shape, inputs: [1, 2, 3, 4, 5, 6], labelsTrue: [0, 1], labelsAssigned: [0, 1])
        let buffer = Buffer<Float>(count: 6)
        samples.gather([1, 0], into: Matrix(buffer.pointer, rows: 3, columns: 2))
        #expect(buffer.array == [4, 1, 5, 2, 6, 3])
        #expect(samples.inputs == [1, 2, 3, 4, 5, 6])
        #expect(samples.input(1) == [4, 5, 6])
    }

    @Test(
        "the unit image of a sample does not depend on the scaling", arguments: ["symmetric", "standard"])
    func unitImages(scaling: String) throws {
        let unit = try Self.digits("unit")
        let scaled = try Self.digits(scaling)
        for index in 0..<20 { #expect(scaled.test.unitImage(index) == unit.test.input(index)) }
    }

    @Test(
        "mean and deviation of the scaling lead from the unit image to what networks see",
        arguments: ["unit", "symmetric", "standard"])
    func scalingOfChannels(name: String) throws {
        let dataset = try Self.digits(name)
        #expect(dataset.scaling.count == 1)
        let scaling = dataset.scaling[0]
        let input = dataset.train.input(0)
        for (pixel, value) in zip(dataset.train.unitImage(0), input) {
            // Values are below 4 and rounded to single precision once: half an ulp is 2.4e-7.
            #expect(abs((Double(pixel) - scaling.mean) / scaling.deviation - Double(value)) < 2.5e-7)
        }
    }

    @Test("images of bytes are scaled channel by channel")
    func bytes() {
        let samples = Samples(
            shape: ImageShape(channels: 2, height: 1, width: 2), bytes: [0, 255, 51, 102],
            scaling: [ChannelScaling(mean: 0.5, deviation: 0.5), ChannelScaling(mean: 0, deviation: 1)],
            labelsTrue: [3], labelsAssigned: [3])
        #expect(samples.inputs == [-1, 1, 0.2, 0.4])
        #expect(samples.unitImage(0) == [0, 1, 0.2, 0.4])
    }
}
