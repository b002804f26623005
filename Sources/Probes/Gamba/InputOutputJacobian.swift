internal import Datasets
public import LinearAlgebra
internal import Networks
public import Sweeps

/// The Frobenius norm of the outputs' derivative with respect to the input (Novak et al., 2018).
///
/// ‖∂p/∂x‖_F with the class probabilities p = softmax(z) as in that paper, or with the logits z. Columns are means over
/// training points (all, clean, noisy) and test points, in units of the scaled input.
public struct InputOutputJacobian: Probe {
    public static let entry = CatalogEntry(
        "input-output-jacobian", "Norm of the outputs' derivative with respect to the input (Novak).",
        options: [
            .points(256, "Training and test samples looked at, of each set."),
            Option(
                "output", .choice(["probabilities", "logits"]), standard: "probabilities",
                "What is differentiated: class probabilities, as in the paper, or logits."),
        ])

    /// Examples that go through the network at once.
    private static let batchMax = 128

    private let pointCount: Int
    private let isOfLogits: Bool

    public init(options: Setting) {
        pointCount = options.integer("points", default: 256)
        isOfLogits = options["output"]?.asText == "logits"
    }

    public var columns: [Column] {
        let train = PointGroup.allCases.map {
            Column("input_output_jacobian\($0.rawValue)", title: "input-output Jacobian norm\($0.title)")
        }
        return train + [
            Column("input_output_jacobian_test", title: "input-output Jacobian norm, test samples")
        ]
    }

    public var layerMetrics: [LayerMetric] { [] }

    public func gaps(for subject: ProbeSubject) -> [ProbeGap] {
        subject.gapsWithoutNoise("input_output_jacobian_clean and input_output_jacobian_noisy")
    }

    public func cost(for subject: ProbeSubject) -> Cost {
        let points = Double(min(pointCount, subject.trainCount) + min(pointCount, subject.testCount))
        // One pass forward, and half of a pair back, for each class.
        return Cost(
            floatingPointOperations: subject.forwardOperations * points * Double(1 + subject.classCount),
            memoryBytes: subject.workspaceBytes(batch: Self.batchMax))
    }

    public func measure(_ snapshot: Snapshot<Float>) -> ProbeReading { read(snapshot) }
    public func measure(_ snapshot: Snapshot<Double>) -> ProbeReading { read(snapshot) }

    private func read<Scalar: Real>(_ snapshot: Snapshot<Scalar>) -> ProbeReading {
        let points = snapshot.scratch.value("input-output-jacobian points") {
            TrainingPoints(snapshot, count: pointCount)
        }
        let train = norms(of: snapshot.dataset.train, at: points.indices, snapshot)
        let testIndices = snapshot.testIndices(pointCount, stream: "input-output-jacobian")
        let test = norms(of: snapshot.dataset.test, at: testIndices, snapshot)
        let mean = test.isEmpty ? nil : test.reduce(0, +) / Double(test.count)
        let isDefined = snapshot.isFinite
        let scalars = points.means(of: train) + [mean]
        return ProbeReading(scalars: scalars.map { $0 == nil || isDefined ? $0 : .nan })
    }

    /// The norm at each of the samples.
    private func norms<Scalar: Real>(
        of samples: Samples, at indices: [Int], _ snapshot: Snapshot<Scalar>
    ) -> [Double] {
        let workspace = snapshot.scratch.value("input-output-jacobian workspace") {
            snapshot.network.makeWorkspace(batchMax: Self.batchMax)
        }
        let outputs = snapshot.scratch.value("input-output-jacobian outputs") {
            SamplePoints<Scalar>(inputCount: snapshot.network.classCount, count: Self.batchMax)
        }
        let squares = snapshot.scratch.value("input-output-jacobian squares") {
            Buffer<Double>(count: Self.batchMax)
        }
        var norms = [Double](repeating: 0, count: indices.count)
        var start = 0
        while start < indices.count {
            let batch = min(Self.batchMax, indices.count - start)
            samples.gather(
                Array(indices[start..<start + batch]), into: workspace.input.firstColumns(batch))
            snapshot.network.forward(snapshot.parameters, workspace, batch: batch)
            let probabilities = outputs.inputs.firstColumns(batch)
            softmax(workspace.logits.firstColumns(batch), into: probabilities)
            for row in 0..<snapshot.network.classCount {
                let seed = workspace.logitGradient.firstColumns(batch)
                if isOfLogits { seed.fillUnitRow(row) } else { seed.fillSoftmaxRow(row, of: probabilities) }
                snapshot.network.backward(
                    snapshot.parameters, workspace, batch: batch, gradients: nil, needsInputGradient: true)
                Scalar.columnSquares(workspace.inputGradient.firstColumns(batch), into: squares.pointer)
                for column in 0..<batch { norms[start + column] += squares.pointer[column] }
            }
            start += batch
        }
        return norms.map { $0.squareRoot() }
    }
}

/// `probabilities` [K × B] ← the softmax of each column.
private func softmax<Scalar: Real>(_ logits: Matrix<Scalar>, into probabilities: Matrix<Scalar>) {
    for column in 0..<logits.columns {
        var largest = logits[0, column]
        for row in 1..<logits.rows { largest = max(largest, logits[row, column]) }
        for row in 0..<logits.rows { probabilities[row, column] = logits[row, column] - largest }
    }
    Scalar.exp(probabilities, into: probabilities)
    for column in 0..<logits.columns {
        var sum: Scalar = 0
        for row in 0..<logits.rows { sum += probabilities[row, column] }
        for row in 0..<logits.rows { probabilities[row, column] /= sum }
    }
}

extension Matrix where Scalar: Real {
    /// Ones in a row, zeros elsewhere: asks for the gradient of one logit.
    fileprivate func fillUnitRow(_ chosen: Int) {
        for row in 0..<rows {
            (pointer + row * stride).update(repeating: row == chosen ? 1 : 0, count: columns)
        }
    }

    /// ∂p_k/∂z_j = p_k · (δ_kj − p_j) of the chosen class k.
    fileprivate func fillSoftmaxRow(_ chosen: Int, of probabilities: Matrix) {
        for column in 0..<columns {
            let probability = probabilities[chosen, column]
            // 1 − p_k as a sum: it keeps its digits where p_k is almost 1.
            var others: Scalar = 0
            for row in 0..<rows where row != chosen {
                others += probabilities[row, column]
                self[row, column] = -probability * probabilities[row, column]
            }
            self[chosen, column] = probability * others
        }
    }
}
