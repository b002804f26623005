import Basics
import Datasets
import Foundation
import LinearAlgebra
import Networks
import Probes
import Sweeps
import Testing

@Suite("Jacobian norm")
struct JacobianNormTests {
    /// The norm of the loss's gradient with respect to one input by central differences in double precision.
    static func finiteDifference(_ subject: Subject<Double>, _ index: Int, loss: ([Double], Int) -> Double)
        -> Double
    {
        let input = subject.input(subject.dataset.train, index)
        let label = Int(subject.dataset.train.labelsAssigned[index])
        let step = 1e-5
        return input.indices.reduce(0.0) { sum, pixel in
            var (up, down) = (input, input)
            up[pixel] += step
            down[pixel] -= step
            let difference =
                loss(subject.reference(up).logits, label) - loss(subject.reference(down).logits, label)
            return sum + (difference / (2 * step)) * (difference / (2 * step))
        }.squareRoot()
    }

    static func crossEntropy(_ logits: [Double], _ label: Int) -> Double {
        let largest = logits.max() ?? 0
        return log(logits.reduce(0) { $0 + exp($1 - largest) }) + largest - logits[label]
    }

    static func squares(_ logits: [Double], _ label: Int) -> Double {
        logits.enumerated().reduce(0) { $0 + pow($1.element - ($1.offset == label ? 1 : 0), 2) }
            / Double(logits.count)
    }

    @Test(
        "agrees with finite differences, over all, clean and noisy points",
        arguments: [[5], [6, 4], [5, 4, 3]])
    func finiteDifferences(widths: [Int]) throws {
        let subject = Subject<Double>(widths: widths, activation: .tanh)
        let cases: [(any Loss<Double>, ([Double], Int) -> Double)] = [
            (CrossEntropy<Double>(), Self.crossEntropy), (MeanSquaredError<Double>(), Self.squares),
        ]
        for (loss, reference) in cases {
            let scalars = JacobianNorm(options: ["points": 100]).measure(subject.snapshot(loss: loss)).scalars
            let norms = (0..<24).map { Self.finiteDifference(subject, $0, loss: reference) }
            let expected = [norms, Array(norms[6...]), Array(norms[..<6])].map {
                $0.reduce(0, +) / Double($0.count)
            }
            for (found, wanted) in zip(scalars, expected) {
                // The step's square times the third derivative, and rounding over the step: both below 1e-9 here.
                #expect(abs(try #require(found) - wanted) <= 1e-7 * wanted)
            }
        }
    }

    @Test("leaves clean and noisy empty where no label is wrong")
    func withoutNoise() {
        let scalars = JacobianNorm(options: ["points": 10]).measure(
            Subject<Double>(widths: [5], noisy: 0).snapshot()
        ).scalars
        #expect(scalars[0] != nil && scalars[1] == nil && scalars[2] == nil)
    }

    @Test("draws clean and noisy points in proportion")
    func stratified() throws {
        // 12 of 24 points, a quarter of the labels wrong: 9 clean and 3 noisy.
        let subject = Subject<Double>(widths: [5])
        let scalars = JacobianNorm(options: ["points": 12]).measure(subject.snapshot()).scalars
        let (all, clean, noisy) = (
            try #require(scalars[0]), try #require(scalars[1]), try #require(scalars[2])
        )
        #expect(abs(all - (9 * clean + 3 * noisy) / 12) < 1e-12 * all)
    }

    @Test("keeps a point of either kind however few are asked for")
    func oneOfEach() throws {
        // A 24th of the labels is wrong: in proportion, two points would hold none of them.
        let scalars = JacobianNorm(options: ["points": 2]).measure(
            Subject<Double>(widths: [5], noisy: 1).snapshot()
        ).scalars
        let (all, clean, noisy) = (
            try #require(scalars[0]), try #require(scalars[1]), try #require(scalars[2])
        )
        #expect(abs(all - (clean + noisy) / 2) < 1e-12 * all)
    }

    @Test("leaves the clean column empty where every label is wrong")
    func allNoisy() {
        let scalars = JacobianNorm(options: ["points": 10]).measure(
            Subject<Double>(widths: [5], noisy: 24).snapshot()
        ).scalars
        #expect(scalars[0] == scalars[2] && scalars[1] == nil)
    }
}
