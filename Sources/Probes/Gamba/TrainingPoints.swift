internal import Datasets
internal import LinearAlgebra
internal import Sweeps

/// The training points of Gamba's probes: the same ones for all of them and at every epoch.
final class TrainingPoints: Sendable {
    let indices: [Int]
    let labels: [Int32]
    private let isNoisy: [Bool]

    var count: Int { indices.count }

    init<Scalar: Real>(_ snapshot: Snapshot<Scalar>, count: Int) {
        let train = snapshot.dataset.train
        indices = train.stratifiedIndices(count: count, seed: snapshot.seed, stream: "jacobian-norm points")
        labels = indices.map { train.labelsAssigned[$0] }
        isNoisy = indices.map(train.isNoisy)
    }

    /// Means over all, over clean and over noisy points, summed in the order of the points.
    ///
    /// The last two are `nil` where there are no such points, and both where no label is wrong.
    func means(of values: [Double]) -> [Double?] {
        func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
        let noisy = zip(values, isNoisy).filter { $0.1 }.map { $0.0 }
        let clean = zip(values, isNoisy).filter { !$0.1 }.map { $0.0 }
        let hasNoise = !noisy.isEmpty
        return [mean(values), hasNoise && !clean.isEmpty ? mean(clean) : nil, hasNoise ? mean(noisy) : nil]
    }
}

/// The three groups of training points, in the order of ``TrainingPoints/means(of:)``.
enum PointGroup: String, CaseIterable {
    case all = ""
    case clean = "_clean"
    case noisy = "_noisy"

    /// What a title says after the metric's name.
    var title: String {
        switch self {
        case .all: ""
        case .clean: ", clean samples"
        case .noisy: ", noisy samples"
        }
    }
}
