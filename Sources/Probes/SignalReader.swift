internal import Datasets
internal import LinearAlgebra
internal import Networks
internal import Sweeps

/// Sends samples through a network in batches and shows what every layer makes of them.
///
/// Kept in a task's scratch under one key, so that all probes that read signals share one workspace.
final class SignalReader<Scalar: Real> {
    /// Examples that go through the network at once.
    static var batchMax: Int { 256 }

    let workspace: Workspace<Scalar>

    init(_ network: any Network<Scalar>) { workspace = network.makeWorkspace(batchMax: Self.batchMax) }

    /// The reader of a task.
    static func shared(_ snapshot: Snapshot<Scalar>) -> SignalReader {
        snapshot.scratch.value("signal reader") { SignalReader(snapshot.network) }
    }

    /// Sends the samples at `indices` through the network.
    ///
    /// - Parameters:
    ///   - samples: Where they are.
    ///   - indices: Which, in the order in which they are shown.
    ///   - snapshot: The network.
    ///   - signals: What to show of every layer.
    ///   - pass: Normalisation and linear tail; its observer is not used.
    ///   - see: Called with a signal, the layer counted from 0, the place in `indices` of the batch's first sample, and
    ///     the window [units × B].
    ///   - logits: Called after every batch with the place of its first sample and the logits [K × B].
    func read(
        _ samples: Samples, at indices: [Int], _ snapshot: Snapshot<Scalar>,
        signals: Set<LayerSignal> = [], pass: ForwardPass<Scalar> = ForwardPass(),
        see: @escaping (LayerSignal, Int, Int, Matrix<Scalar>) -> Void = { _, _, _, _ in },
        logits: (Int, Matrix<Scalar>) -> Void = { _, _ in }
    ) {
        var start = 0
        while start < indices.count {
            let batch = min(Self.batchMax, indices.count - start)
            let input = workspace.input.firstColumns(batch)
            samples.gather(Array(indices[start..<start + batch]), into: input)
            forward(snapshot, batch: batch, from: start, signals: signals, pass: pass, see: see)
            logits(start, workspace.logits.firstColumns(batch))
            start += batch
        }
    }

    /// Sends what stands in the workspace's input through the network; `start` is passed on.
    func forward(
        _ snapshot: Snapshot<Scalar>, batch: Int, from start: Int, signals: Set<LayerSignal>,
        pass: ForwardPass<Scalar>, see: @escaping (LayerSignal, Int, Int, Matrix<Scalar>) -> Void
    ) {
        var pass = pass
        pass.observer =
            signals.isEmpty ? nil : LayerObserver(signals) { see($0, $1, start, $2) }
        snapshot.network.forward(snapshot.parameters, workspace, batch: batch, pass: pass)
    }
}

extension Matrix where Scalar: Real {
    /// The row of each column's greatest value [B]; a tie goes to the lower row.
    func largestRows() -> [Int32] {
        let classes = Buffer<Int32>(count: columns)
        Scalar.argmax(self, into: classes.pointer)
        return classes.array
    }

    /// How many columns have their greatest value in the row of their label.
    func correctCount(_ labels: some Sequence<Int32>) -> Int {
        zip(largestRows(), labels).reduce(0) { $0 + ($1.0 == $1.1 ? 1 : 0) }
    }
}

extension Snapshot {
    /// At most `count` training samples, clean and noisy in proportion, the same at every epoch.
    func trainIndices(_ count: Int, stream: String) -> [Int] {
        scratch.value("\(stream) train \(count)") {
            dataset.train.stratifiedIndices(count: count, seed: seed, stream: stream + " train points")
        }
    }

    /// At most `count` test samples, the same at every epoch.
    func testIndices(_ count: Int, stream: String) -> [Int] {
        scratch.value("\(stream) test \(count)") {
            dataset.test.stratifiedIndices(count: count, seed: seed, stream: stream + " test points")
        }
    }

    /// Whether every number of the network is finite: one that has diverged has no metrics.
    var isFinite: Bool {
        Scalar.countNonFinite(parameters.buffer.pointer, count: parameters.buffer.count) == 0
    }
}

extension Setting {
    /// An integer among a probe's validated options.
    func integer(_ key: String, default standard: Int) -> Int { self[key]?.asWholeNumber ?? standard }

    /// A number among a probe's validated options.
    func number(_ key: String, default standard: Double) -> Double { self[key]?.asNumber ?? standard }
}

extension Option {
    /// How many samples a probe looks at.
    static func points(_ standard: Int, _ summary: String) -> Option {
        Option(
            "points", .integer(1...10_000_000), standard: .number(Double(standard)), unit: "samples", summary)
    }
}
