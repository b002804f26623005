import Datasets
import LinearAlgebra
import Networks
import Probes
import Sweeps

/// Textbook answers about a subject's samples, in double precision.
extension Subject {
    /// Activations of every hidden layer for one sample.
    func activations(_ samples: Samples, _ index: Int) -> [[Double]] {
        reference(input(samples, index)).hidden.map { $0.map(activate) }
    }

    func activate(_ value: Double) -> Double {
        switch network.activation {
        case .relu: max(value, 0)
        case .identity: value
        default: preconditionFailure("no reference for \(network.activation)")
        }
    }

    /// Logits where the activations of the hidden layers from `layer` on are left out.
    func logits(_ input: [Double], linearFrom layer: Int) -> [Double] {
        var signal = input
        let layerCount = network.layout.windows.count / 2
        for index in 0..<layerCount {
            signal = affine(index, signal)
            if index < layerCount - 1, index < layer { signal = signal.map(activate) }
        }
        return signal
    }

    /// What one linear layer makes of a signal.
    func affine(_ layer: Int, _ signal: [Double]) -> [Double] {
        let weights = parameters.matrix(network.layout.windows[2 * layer])
        let biases = parameters.matrix(network.layout.windows[2 * layer + 1])
        return (0..<weights.rows).map { row in
            (0..<weights.columns).reduce(Double(biases[row, 0])) {
                $0 + Double(weights[row, $1]) * signal[$1]
            }
        }
    }

    /// The share of samples whose largest logit is that of their label.
    func accuracy(_ samples: Samples, labels: [Int32], _ logits: ([Double]) -> [Double]) -> Double {
        let correct = (0..<samples.count).count { largest(logits(input(samples, $0))) == Int(labels[$0]) }
        return Double(correct) / Double(samples.count)
    }
}

/// The first index of the greatest number.
func largest(_ numbers: [Double]) -> Int { numbers.indices.max { numbers[$0] < numbers[$1] } ?? 0 }

func cosine(_ a: [Double], _ b: [Double]) -> Double {
    func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    return dot(a, b) / (dot(a, a) * dot(b, b)).squareRoot()
}

/// The element-wise mean of vectors of one length; `nil` of none.
func mean(_ vectors: [[Double]]) -> [Double]? {
    guard let first = vectors.first else { return nil }
    return first.indices.map { index in vectors.reduce(0) { $0 + $1[index] } / Double(vectors.count) }
}

extension ProbeReading {
    /// The value of a layer metric.
    func value(_ metric: String, layer: Int, index: Int = 0) -> Double? {
        layers.first { $0.metric == metric && $0.layer == layer && $0.index == index }?.value
    }
}

/// Whether two numbers differ by at most rounding of double precision, or are both missing or both NaN.
func agrees(_ a: Double?, _ b: Double?, within tolerance: Double = 1e-9) -> Bool {
    guard let a, let b else { return a == nil && b == nil }
    return abs(a - b) <= tolerance * max(1, abs(b)) || (a.isNaN && b.isNaN) || a == b
}
