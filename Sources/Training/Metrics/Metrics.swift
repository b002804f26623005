public import Sweeps

/// Loss and error on the training and the test samples, and Kubo's decomposition of the training side.
///
/// Kubo (2026, §2) splits the training set into clean and noisy samples, and weighs the noisy ones against the label
/// they were assigned and against the class they truly show.
public struct Metrics: Hashable, Sendable {
    /// Training samples against their assigned labels: what training minimises.
    public internal(set) var train = GroupScore()
    /// Test samples against their true labels.
    public internal(set) var test = GroupScore()
    /// Training samples whose assigned label is right.
    public internal(set) var clean = GroupScore()
    /// Training samples whose assigned label is wrong, against that label.
    public internal(set) var noisy = GroupScore()
    /// The same samples against the class they show.
    public internal(set) var noisyTrue = GroupScore()

    /// Metrics of no samples.
    public init() {}

    /// The columns of ``scalars``, in order.
    ///
    /// Losses have no unit here because it is the loss that decides: nats for cross-entropy.
    public static let columns: [Column] = [
        ("train", "train"), ("test", "test"), ("clean", "clean train"), ("noisy", "noisy train"),
        ("noisy_true", "noisy train, true label,"),
    ].flatMap { name, title in
        [
            Column(name + "_loss", title: title + " loss"),
            Column(name + "_error", title: title + " error", unit: "fraction"),
        ]
    }

    /// Training and test error among the values of ``columns``.
    package static func errors(in scalars: [Double?]) -> (train: Double?, test: Double?) {
        (scalars[1], scalars[3])
    }

    /// One value a column; the decomposition is `nil` where no label is wrong: it would only repeat the first two.
    public var scalars: [Double?] {
        let decomposition = [clean, noisy, noisyTrue].flatMap { [$0.loss, $0.error] }
        let isNoisy = noisy.count > 0
        return [train.loss, train.error, test.loss, test.error] + decomposition.map { isNoisy ? $0 : nil }
    }
}

/// The mean loss and the error of one group of samples.
public struct GroupScore: Hashable, Sendable {
    /// Samples of the group.
    public private(set) var count = 0
    /// Of them, those whose largest logit is not that of the label; a tie goes to the lower class.
    public private(set) var errorCount = 0
    private var lossSum = 0.0

    public init() {}

    /// Adds one sample.
    mutating func add(loss: Double, isWrong: Bool) {
        count += 1
        errorCount += isWrong ? 1 : 0
        lossSum += loss
    }

    /// The mean loss, summed in `Double` in the samples' order; `nil` without samples.
    public var loss: Double? { count == 0 ? nil : lossSum / Double(count) }

    /// The share of wrong samples, in [0, 1]; `nil` without samples.
    public var error: Double? { count == 0 ? nil : Double(errorCount) / Double(count) }
}
