import Basics
import Datasets
import Foundation
import LinearAlgebra
import Networks
import Probes
import Sweeps
import Testing

@Suite("Gamba's probes and Novak's")
struct GambaProbesTests {
    /// A smooth network on small images of three channels, in double precision.
    struct Pictures {
        let network: MLP<Double>
        let parameters: ParameterBlock<Double>
        let dataset: Dataset
        let shape: ImageShape

        init(channels: Int = 3, height: Int = 6, width: Int = 5, count: Int = 6, scale: Double = 0.5) {
            shape = ImageShape(channels: channels, height: height, width: width)
            network = MLP(inputShape: shape, widths: [7], classCount: 3, activation: .tanh)
            parameters = ParameterBlock(network.layout)
            network.initialize(parameters, seed: 3)
            var generator = SeededGenerator(seed: 4, stream: "pictures")
            let scaling = (0..<channels).map {
                ChannelScaling(mean: 0.1 * Double($0), deviation: scale + 0.1 * Double($0))
            }
            let bytes = (0..<count * shape.count).map { _ in UInt8(generator.index(below: 256)) }
            let labels = (0..<count).map { Int32($0 % 3) }
            let samples = Samples(
                shape: shape, bytes: bytes, scaling: scaling, labelsTrue: labels,
                labelsAssigned: labels.enumerated().map { $0.offset == 0 ? 1 : $0.element })
            dataset = Dataset(train: samples, test: samples, classCount: 3, inputRange: 0...1)
        }

        var snapshot: Snapshot<Double> {
            Snapshot(
                network: network, parameters: parameters, dataset: dataset, loss: CrossEntropy<Double>(),
                seed: 5, scratch: ProbeScratch())
        }

        /// The logits of a scaled input, by the textbook.
        func logits(_ input: [Double]) -> [Double] {
            let windows = network.layout.windows.map(parameters.matrix)
            func layer(_ index: Int, _ x: [Double]) -> [Double] {
                (0..<windows[index].rows).map { row in
                    x.indices.reduce(windows[index + 1][row, 0]) { $0 + windows[index][row, $1] * x[$1] }
                }
            }
            return layer(2, layer(0, input).map(tanh))
        }

        func loss(_ input: [Double], _ label: Int) -> Double { -log(probabilities(input)[label]) }

        func probabilities(_ input: [Double]) -> [Double] {
            let exponentials = logits(input).map(exp)
            return exponentials.map { $0 / exponentials.reduce(0, +) }
        }

        /// The gradient of a function of a scaled input by central differences.
        func gradient(_ input: [Double], of function: ([Double]) -> Double) -> [Double] {
            input.indices.map { pixel in
                var (up, down) = (input, input)
                up[pixel] += 1e-5
                down[pixel] -= 1e-5
                return (function(up) - function(down)) / 2e-5
            }
        }

        func unit(_ index: Int) -> [Double] { dataset.train.unitImage(index).map(Double.init) }

        func scaled(_ unit: [Double]) -> [Double] {
            unit.enumerated().map { position, value in
                let scaling = dataset.scaling[position / (shape.height * shape.width)]
                return (value - scaling.mean) / scaling.deviation
            }
        }

        /// The image moved by whole pixels, edges repeated.
        func shifted(_ image: [Double], right: Int, down: Int) -> [Double] {
            (0..<shape.count).map { place in
                let column = place % shape.width
                let row = place / shape.width % shape.height
                let channel = place / (shape.width * shape.height)
                let (y, x) = (
                    min(max(row - down, 0), shape.height - 1), min(max(column - right, 0), shape.width - 1)
                )
                return image[(channel * shape.height + y) * shape.width + x]
            }
        }
    }

    static func norm(_ vector: [Double]) -> Double { vector.reduce(0) { $0 + $1 * $1 }.squareRoot() }

    @Test("the input-output Jacobian agrees with finite differences", arguments: ["probabilities", "logits"])
    func inputOutput(output: String) throws {
        let pictures = Pictures()
        let probe = InputOutputJacobian(options: ["points": 100, "output": .text(output)])
        let scalars = probe.measure(pictures.snapshot).scalars
        let norms = (0..<6).map { index in
            let input = pictures.scaled(pictures.unit(index))
            return Self.norm(
                (0..<3).flatMap { row in
                    pictures.gradient(input) {
                        output == "logits" ? pictures.logits($0)[row] : pictures.probabilities($0)[row]
                    }
                })
        }
        let expected = norms.reduce(0, +) / 6
        let noisy = norms[0]
        // Inputs are gathered as Float: 6e-8 of the pixels; differences: below 1e-9.
        #expect(abs(try #require(scalars[0]) - expected) <= 1e-6 * expected)
        #expect(abs(try #require(scalars[2]) - noisy) <= 1e-6 * noisy)
        #expect(scalars[3] == scalars[0])
    }

    @Test("shift paths integrate loss, Jacobian and accuracy as a trapezoid does", arguments: [1, 3])
    func shiftIntegrals(channels: Int) throws {
        let pictures = Pictures(channels: channels)
        let probe = PathIntegrals(options: [
            "points": 100, "path": "shifts", "paths": 4, "jitters": 2, "step": 0.1,
        ])
        let reading = probe.measure(pictures.snapshot)
        let directions = [(1, 0), (0, 1), (-1, 0), (0, -1)]
        for volume in 2...5 {
            var (losses, jacobians) = (0.0, 0.0)
            for index in 0..<6 {
                let label = Int(pictures.dataset.train.labelsAssigned[index])
                for (x, y) in directions {
                    let anchors = (0..<volume).map {
                        pictures.scaled(
                            pictures.shifted(pictures.unit(index), right: $0 * x, down: $0 * y))
                    }
                    let loss = anchors.map { pictures.loss($0, label) }
                    let jacobian = anchors.map { anchor in
                        Self.norm(pictures.gradient(anchor) { pictures.loss($0, label) })
                    }
                    let distances = (1..<volume).map { step in
                        Self.norm(zip(anchors[step], anchors[step - 1]).map { $0 - $1 })
                    }
                    func integral(_ values: [Double]) -> Double {
                        distances.indices.reduce(0) {
                            $0 + 0.5 * (values[$1] + values[$1 + 1]) * distances[$1]
                        } / distances.reduce(0, +)
                    }
                    losses += integral(loss) / 24
                    jacobians += integral(jacobian) / 24
                }
            }
            let layers = reading.layers.filter { $0.index == volume }
            let loss = try #require(layers.first { $0.metric == "path_loss" }).value
            let jacobian = try #require(layers.first { $0.metric == "path_jacobian_norm" }).value
            #expect(abs(loss - losses) <= 1e-9 * losses)
            #expect(abs(jacobian - jacobians) <= 1e-7 * jacobians)
        }
    }

    @Test("the smallest volume is the point: Jacobian and Hessian norms are those of the other probes")
    func smallestVolume() throws {
        let snapshot = Pictures().snapshot
        let path = PathIntegrals(options: ["points": 100, "path": "shifts", "paths": 2])
        let values = Dictionary(
            uniqueKeysWithValues: zip(path.columns.map(\.name), path.measure(snapshot).scalars))
        let jacobian = JacobianNorm(options: ["points": 100]).measure(snapshot).scalars
        let hessian = TangentHessianNorm(options: ["points": 100]).measure(snapshot).scalars
        for (group, suffix) in ["", "_clean", "_noisy"].enumerated() {
            let found = try #require(values["path_jacobian_norm_k1\(suffix)"] ?? nil)
            #expect(abs(found - (try #require(jacobian[group]))) <= 1e-6 * found)
            #expect(values["path_hessian_norm_k1\(suffix)"] == hessian[group])
        }
    }

    @Test("the tangent Hessian norm is a quotient by the step")
    func hessianScale() throws {
        let snapshot = Pictures().snapshot
        let once = try #require(TangentHessianNorm(options: ["step": 0.1]).measure(snapshot).scalars[0])
        let twice = try #require(
            TangentHessianNorm(options: ["step": 0.2]).measure(Pictures().snapshot).scalars[0])
        #expect(once > 0)
        #expect(abs(once - 2 * twice) <= 1e-12 * once)
    }

    @Test("says how many paths small images have room for, and that single pixels have none")
    func problems() {
        func subject(_ side: Int) -> ProbeSubject {
            let shape = ImageShape(channels: 1, height: side, width: side)
            let network = MLP<Float>(inputShape: shape, widths: [4], classCount: 2)
            return ProbeSubject(network, trainCount: 10, testCount: 10, configuration: [:])
        }
        let svd = PathIntegrals(options: ["paths": 4])
        let eight = PathIntegrals(options: ["paths": 8])
        #expect(eight.problem(with: subject(32)) == nil)
        #expect(svd.problem(with: subject(8)) == nil)
        #expect(eight.problem(with: subject(8))?.contains("take paths: 4") == true)
        #expect(svd.problem(with: subject(1))?.contains("one singular value") == true)
        let shifts = PathIntegrals(options: ["path": "shifts"])
        #expect(shifts.problem(with: subject(4))?.contains("4 pixels") == true)
        #expect(shifts.problem(with: subject(5)) == nil)
    }

    @Test("the tangent Hessian norm agrees with finite differences at jittered images", arguments: [1, 3])
    func hessianFiniteDifferences(channels: Int) throws {
        let pictures = Pictures(channels: channels)
        let found = try #require(
            TangentHessianNorm(options: ["points": 100]).measure(pictures.snapshot).scalars[0])
        var generator = SeededGenerator(seed: 5, stream: "color jitters")
        var expected = 0.0
        for index in 0..<6 {
            let label = Int(pictures.dataset.train.labelsAssigned[index])
            func gradient(_ unit: [Double]) -> [Double] {
                pictures.gradient(pictures.scaled(unit)) { pictures.loss($0, label) }
            }
            let here = gradient(pictures.unit(index))
            let squares = (0..<4).map { _ in
                let jitter = ColorJitter(strength: 0.01, &generator)
                let image = Self.jittered(pictures.unit(index), jitter.steps, pictures.shape)
                let distance = Self.norm(zip(here, gradient(image)).map { $0 - $1 }) / 0.1
                return distance * distance
            }
            expected += (squares.reduce(0, +) / 4).squareRoot() / 6
        }
        // Gradients are exact to 1e-10; their differences are a hundredth of them.
        #expect(abs(found - expected) <= 1e-5 * expected)
    }

    @Test("a path erases singular values of a diagonal image that follow its own smallest ones")
    func singularValuePath() throws {
        // The diagonal 0.8, 0.7 … 0.1 holds the singular values; 8 of them make 32's strengths 1, 3, 4, 5, 5, 5.
        let shape = ImageShape(channels: 1, height: 8, width: 8)
        let network = MLP<Double>(inputShape: shape, widths: [5], classCount: 2, activation: .tanh)
        let parameters = ParameterBlock<Double>(network.layout)
        network.initialize(parameters, seed: 1)
        func image(erased: Range<Int>) -> [Double] {
            var image = [Double](repeating: 0, count: 64)
            for row in 0..<8 where !erased.contains(row) { image[9 * row] = Double(Float(8 - row) / 10) }
            return image
        }
        let samples = Samples(
            shape: shape, inputs: image(erased: 0..<0).map(Float.init), labelsTrue: [1], labelsAssigned: [1])
        let snapshot = Snapshot(
            network: network, parameters: parameters,
            dataset: Dataset(train: samples, test: samples, classCount: 2, inputRange: 0...1),
            loss: CrossEntropy<Double>(), seed: 1, scratch: ProbeScratch())
        func loss(_ input: [Double]) -> Double {
            let windows = network.layout.windows.map(parameters.matrix)
            func layer(_ index: Int, _ x: [Double]) -> [Double] {
                (0..<windows[index].rows).map { row in
                    x.indices.reduce(windows[index + 1][row, 0]) { $0 + windows[index][row, $1] * x[$1] }
                }
            }
            let logits = layer(2, layer(0, input).map(tanh))
            return log(logits.reduce(0) { $0 + exp($1) }) - logits[1]
        }
        var expected = 0.0
        for path in 0..<3 {
            let anchors = [0, 1, 3, 4, 5, 5, 5].map { strength in
                let end = strength == 0 ? 0 : 8 - path
                return image(erased: end - strength..<end)
            }
            var (sum, length) = (0.0, 0.0)
            for step in 1..<7 {
                let distance = Self.norm(zip(anchors[step], anchors[step - 1]).map { $0 - $1 })
                sum += 0.5 * (loss(anchors[step]) + loss(anchors[step - 1])) * distance
                length += distance
            }
            expected += sum / length / 3
        }
        let probe = PathIntegrals(options: ["paths": 3])
        let reading = probe.measure(snapshot)
        let found = try #require(reading.layers.first { $0.metric == "path_loss" && $0.index == 7 }).value
        #expect(abs(found - expected) <= 1e-9 * expected)
    }

    /// An image after some steps, by the book.
    static func jittered(_ image: [Double], _ steps: [ColorJitter.Step], _ shape: ImageShape) -> [Double] {
        let plane = shape.height * shape.width
        func grays(_ image: [Double]) -> [Double] {
            (0..<plane).map { pixel in
                shape.channels == 3
                    ? 0.2989 * image[pixel] + 0.587 * image[plane + pixel] + 0.114 * image[2 * plane + pixel]
                    : image[pixel]
            }
        }
        return steps.reduce(image) { image, step in
            let gray = grays(image)
            let mean = gray.reduce(0, +) / Double(plane)
            return image.enumerated().map { place, value in
                let changed =
                    switch step {
                    case .brightness(let factor): factor * value
                    case .contrast(let factor): factor * value + (1 - factor) * mean
                    case .saturation(let factor) where shape.channels == 3:
                        factor * value + (1 - factor) * gray[place % plane]
                    case .saturation: value
                    }
                return min(max(changed, 0), 1)
            }
        }
    }

    @Test("contrast pulls towards the mean gray, saturation towards the pixel's, and both are clamped")
    func jitterSteps() {
        func changed(_ image: [Double], _ steps: [ColorJitter.Step], channels: Int) -> [Double] {
            let shape = ImageShape(channels: channels, height: 1, width: image.count / channels)
            // The second column takes the steps in the other order.
            let jitters = ColorJitters<Double>(
                [ColorJitter(steps: steps), ColorJitter(steps: steps.reversed())], shape: shape)
            let storage = Buffer<Double>(count: 2 * image.count)
            let columns = Matrix(storage.pointer, rows: image.count, columns: 2)
            for (row, value) in image.enumerated() { (columns[row, 0], columns[row, 1]) = (value, value) }
            jitters.apply(to: columns)
            let second = image.indices.map { columns[$0, 1] }
            let expected = Self.jittered(image, steps.reversed(), shape)
            #expect(zip(second, expected).allSatisfy { abs($0 - $1) < 1e-15 })
            return image.indices.map { columns[$0, 0] }
        }
        #expect(changed([0.25, 0.75], [.brightness(2)], channels: 1) == [0.5, 1])
        #expect(changed([0.25, 0.75], [.contrast(0.5)], channels: 1) == [0.375, 0.625])
        #expect(changed([0.25, 0.75], [.contrast(4)], channels: 1) == [0, 1])
        #expect(changed([0.25, 0.75], [.saturation(0.5)], channels: 1) == [0.25, 0.75])
        #expect(changed([0.25, 0.75], [.contrast(4), .brightness(0.5)], channels: 1) == [0, 0.5])
        let gray = 0.2989 * 1 + 0.587 * 0.5 + 0.114 * 0
        let expected = [0.5 * 1 + 0.5 * gray, 0.5 * 0.5 + 0.5 * gray, 0.5 * gray]
        let found = changed([1, 0.5, 0], [.saturation(0.5)], channels: 3)
        #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-15 })
        _ = changed([1, 0.5, 0], [.saturation(0.5), .brightness(0.75), .contrast(1.5)], channels: 3)
    }
}
