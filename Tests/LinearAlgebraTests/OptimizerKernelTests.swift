import Basics
import CKernels
import LinearAlgebra
import TestSupport
import Testing

@Suite("Optimizer kernels")
struct OptimizerKernelTests {
    /// Blocks that fill no vector, one exactly, several, and all lengths of a last incomplete one.
    private static let counts = Array(1...35) + [64, 131]

    @Test(
        "a momentum step has the bits of the naive loop with every instruction set", arguments: [true, false])
    func momentum(hasVelocity: Bool) throws {
        let momentum = hasVelocity ? 0.9 : 0
        let scalars = descent_momentum_step_f32(learning_rate: 0.05, momentum: Float(momentum), l2: 0.01)
        let scalarsDouble = descent_momentum_step_f64(learning_rate: 0.05, momentum: momentum, l2: 0.01)
        for set in InstructionSet.available {
            let float = try #require(descent_optimizers_f32_for(set.code)).pointee
            let double = try #require(descent_optimizers_f64_for(set.code)).pointee
            withEvery("count", in: Self.counts) { count in
                let single = compare(
                    count: count, Float.self, rate: 0.05, momentum: Float(momentum), l2: 0.01
                ) { g, v, p in
                    withUnsafePointer(to: scalars) { float.momentum($0, count, g, hasVelocity ? v : nil, p) }
                }
                let wide = compare(
                    count: count, Double.self, rate: 0.05, momentum: momentum, l2: 0.01
                ) { g, v, p in
                    withUnsafePointer(to: scalarsDouble) {
                        double.momentum($0, count, g, hasVelocity ? v : nil, p)
                    }
                }
                #expect(single, "\(set), \(count) in Float")
                #expect(wide, "\(set), \(count) in Double")
            }
        }
    }

    /// Whether two steps of the kernel and of the naive loop leave the same parameters.
    private func compare<Scalar: Real>(
        count: Int, _: Scalar.Type, rate: Scalar, momentum: Scalar, l2: Scalar,
        _ kernel: (
            UnsafePointer<Scalar>, UnsafeMutablePointer<Scalar>, UnsafeMutablePointer<Scalar>
        ) -> Void
    ) -> Bool {
        var expected = drawn(count, "parameters", Scalar.self)
        var velocity = [Scalar](repeating: 0, count: count)
        let (v, p, g) = (
            Buffer<Scalar>(count: count), Buffer<Scalar>(count: count), Buffer<Scalar>(count: count)
        )
        p.assign(expected)
        for step in 1...2 {
            let gradient = drawn(count, "gradient \(step)", Scalar.self)
            g.assign(gradient)
            kernel(g.pointer, v.pointer, p.pointer)
            for index in 0..<count {
                velocity[index] = momentum * velocity[index] + (gradient[index] + l2 * expected[index])
                expected[index] -= rate * velocity[index]
            }
        }
        return p.array == expected
    }

    @Test("a step of Adam has the bits of the naive loop with every instruction set")
    func moments() throws {
        let single = Moments<Float>()
        let wide = Moments<Double>()
        let scalars = descent_moment_step_f32(
            first_gain: single.firstGain, second_decay: single.secondDecay, second_gain: single.secondGain,
            step_size: single.stepSize, root_scale: single.rootScale, epsilon: single.epsilon, l2: single.l2,
            shrink: single.shrink)
        let scalarsDouble = descent_moment_step_f64(
            first_gain: wide.firstGain, second_decay: wide.secondDecay, second_gain: wide.secondGain,
            step_size: wide.stepSize, root_scale: wide.rootScale, epsilon: wide.epsilon, l2: wide.l2,
            shrink: wide.shrink)
        for set in InstructionSet.available {
            let float = try #require(descent_optimizers_f32_for(set.code)).pointee
            let double = try #require(descent_optimizers_f64_for(set.code)).pointee
            withEvery("count", in: Self.counts) { count in
                let isSameSingle = single.compare(count: count) { g, m, v, p in
                    withUnsafePointer(to: scalars) { float.moments($0, count, g, m, v, p) }
                }
                let isSameWide = wide.compare(count: count) { g, m, v, p in
                    withUnsafePointer(to: scalarsDouble) { double.moments($0, count, g, m, v, p) }
                }
                #expect(isSameSingle, "\(set), \(count) in Float")
                #expect(isSameWide, "\(set), \(count) in Double")
            }
        }
    }
}

/// The naive loop of Adam with one choice of scalars.
private struct Moments<Scalar: Real> {
    let firstGain: Scalar = 0.1
    let secondDecay: Scalar = 0.999
    let secondGain: Scalar = 0.001
    let stepSize: Scalar = 0.05
    let rootScale: Scalar = 31.6
    let epsilon: Scalar = 1e-8
    let l2: Scalar = 0.02
    let shrink: Scalar = 0.99

    /// Whether two steps of the kernel and of this loop leave the same parameters.
    func compare(
        count: Int,
        _ kernel: (
            UnsafePointer<Scalar>, UnsafeMutablePointer<Scalar>, UnsafeMutablePointer<Scalar>,
            UnsafeMutablePointer<Scalar>
        ) -> Void
    ) -> Bool {
        var expected = drawn(count, "parameters", Scalar.self)
        var first = [Scalar](repeating: 0, count: count)
        var second = [Scalar](repeating: 0, count: count)
        let (m, v) = (Buffer<Scalar>(count: count), Buffer<Scalar>(count: count))
        let (p, g) = (Buffer<Scalar>(count: count), Buffer<Scalar>(count: count))
        p.assign(expected)
        for step in 1...2 {
            let gradient = drawn(count, "gradient \(step)", Scalar.self)
            g.assign(gradient)
            kernel(g.pointer, m.pointer, v.pointer, p.pointer)
            for index in 0..<count {
                let decayed = gradient[index] + l2 * expected[index]
                first[index] += (decayed - first[index]) * firstGain
                second[index] = secondDecay * second[index] + secondGain * decayed * decayed
                let denominator = second[index].squareRoot() * rootScale + epsilon
                expected[index] = shrink * expected[index] - stepSize * first[index] / denominator
            }
        }
        return p.array == expected
    }
}

private func drawn<Scalar: Real>(_ count: Int, _ stream: String, _: Scalar.Type) -> [Scalar] {
    var generator = SeededGenerator(seed: 6, stream: stream)
    return (0..<count).map { _ in Scalar(generator.normal()) }
}
