import Basics
import Foundation
import LinearAlgebra
import Networks
import Sweeps
import TestSupport
import Testing
import Training

@Suite("Optimizer")
struct OptimizerTests {
    @Test("SGD with momentum and weight decay follows its textbook recurrence", arguments: [0, 0.9])
    func momentum(momentum: Double) {
        let optimizer = StochasticGradientDescent(momentum: momentum, weightDecay: 0.01)
        let walk = Walk(optimizer, learningRate: 0.05)
        for index in 0..<walk.count {
            var (p, v) = (walk.start[index], 0.0)
            for gradient in walk.gradients {
                let g = gradient[index] + 0.01 * p
                v = momentum * v + g
                p -= 0.05 * v
            }
            #expect(isClose(walk.end[index], p), "parameter \(index)")
        }
    }

    @Test("Adam follows the paper's recurrence, with decay as L2")
    func adam() {
        let moments = AdamMoments(firstDecay: 0.8, secondDecay: 0.95, epsilon: 1e-6)
        let walk = Walk(Adam(moments: moments, weightDecay: 0.1), learningRate: 0.02)
        for index in 0..<walk.count {
            let p = textbookAdam(walk, index, moments, rate: 0.02, l2: 0.1, decoupled: 0)
            #expect(isClose(walk.end[index], p), "parameter \(index)")
        }
    }

    @Test("AdamW shrinks the parameters first and leaves the gradient alone")
    func adamW() {
        let walk = Walk(AdamW(weightDecay: 0.3), learningRate: 0.02)
        for index in 0..<walk.count {
            let p = textbookAdam(walk, index, AdamMoments(), rate: 0.02, l2: 0, decoupled: 0.3)
            #expect(isClose(walk.end[index], p), "parameter \(index)")
        }
    }

    @Test("missing options take the catalog's defaults, which are PyTorch's")
    func defaults() {
        let adam = Adam(options: ["name": "adam"])
        #expect(adam.moments == AdamMoments(firstDecay: 0.9, secondDecay: 0.999, epsilon: 1e-8))
        #expect(adam.weightDecay == 0)
        #expect(AdamW(options: ["name": "adamw"]).weightDecay == 0.01)
        #expect(StochasticGradientDescent(options: ["name": "sgd"]).momentum == 0)
    }

    @Test("every optimiser leaves parameters alone at a learning rate of 0 without decay")
    func rateZero() {
        for kind in Training.Catalog.optimizers {
            let walk = Walk(kind.init(options: ["weight-decay": 0]), learningRate: 0)
            #expect(walk.end == walk.start, "\(kind.entry.name)")
        }
    }

    @Test("every optimiser goes downhill on a bowl in either precision")
    func downhill() {
        func distance<Scalar: Real>(_ kind: any Optimizer.Type, _: Scalar.Type) -> Double {
            let optimizer = kind.init(options: [:])
            var layout = ParameterLayout()
            layout.append("all", shape: [37])
            let (parameters, gradients) = (ParameterBlock<Scalar>(layout), ParameterBlock<Scalar>(layout))
            let state = OptimizerState<Scalar>(for: optimizer, layout: layout)
            parameters.buffer.assign(Array(repeating: Scalar(1), count: 37))
            for _ in 0..<400 {
                gradients.buffer.assign(parameters.buffer.array)
                optimizer.step(parameters, gradients: gradients, state: state, learningRate: 0.01)
            }
            return parameters.buffer.array.map { Double($0.magnitude) }.max() ?? 0
        }
        for kind in Training.Catalog.optimizers {
            #expect(distance(kind, Float.self) < 0.1, "\(kind.entry.name) in Float")
            #expect(distance(kind, Double.self) < 0.1, "\(kind.entry.name) in Double")
        }
    }
}

/// Twelve steps with random gradients from random parameters.
private struct Walk {
    let count = 53
    let start: [Double]
    let gradients: [[Double]]
    let end: [Double]

    init(_ optimizer: some Optimizer, learningRate: Double) {
        var layout = ParameterLayout()
        layout.append("all", shape: [count])
        let (parameters, gradient) = (ParameterBlock<Double>(layout), ParameterBlock<Double>(layout))
        let state = OptimizerState<Double>(for: optimizer, layout: layout)
        var generator = SeededGenerator(seed: 4, stream: "walk")
        let drawn = (0...12).map { _ in (0..<53).map { _ in generator.normal() } }
        start = drawn[0]
        gradients = Array(drawn[1...])
        parameters.buffer.assign(start)
        for values in gradients {
            gradient.buffer.assign(values)
            optimizer.step(parameters, gradients: gradient, state: state, learningRate: learningRate)
        }
        end = parameters.buffer.array
    }
}

/// Kingma and Ba's algorithm 1 as it is printed, with the C library's power function.
private func textbookAdam(
    _ walk: Walk, _ index: Int, _ moments: AdamMoments, rate: Double, l2: Double, decoupled: Double
) -> Double {
    let (b1, b2) = (moments.firstDecay, moments.secondDecay)
    var (p, m, v) = (walk.start[index], 0.0, 0.0)
    for (step, gradient) in walk.gradients.enumerated() {
        p -= rate * decoupled * p
        let g = gradient[index] + l2 * p
        m = b1 * m + (1 - b1) * g
        v = b2 * v + (1 - b2) * g * g
        let mHat = m / (1 - pow(b1, Double(step + 1)))
        let vHat = v / (1 - pow(b2, Double(step + 1)))
        p -= rate * mHat / (vHat.squareRoot() + moments.epsilon)
    }
    return p
}

/// Twelve steps of a dozen roundings each, none of which grows: far below 1e-12.
private func isClose(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-12 * max(1, abs(b)) }
