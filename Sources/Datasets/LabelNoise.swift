internal import Basics

/// The four processes that make training labels wrong.
///
/// Sources: Kubo and Nakkiran (bernoulli-other), Gamba (exact-other, asymmetric-classes), Humayun (random-all).
enum LabelNoise: Hashable, Sendable {
    case none
    /// Each sample independently with probability `rate`, never the true class.
    case bernoulliOther(rate: Double)
    /// Exactly round(`rate`·N) samples, never the true class.
    case exactOther(rate: Double)
    /// In each of `classes` random classes exactly ⌊`fraction`·n⌋ samples, never the true class.
    case asymmetricClasses(classes: Int, fraction: Double)
    /// Every label anew, the true class among the choices.
    case randomAll

    /// The labels that training is told.
    ///
    /// - Parameters:
    ///   - labels: The true ones, in 0..<`classCount`.
    ///   - classCount: K.
    ///   - seed: The task's seed; the draws come from its stream `label noise`.
    /// - Returns: One label for each of `labels`.
    /// - Throws: ``DatasetError/impossible(_:)`` when a chosen class has no samples.
    func assigned(_ labels: [Int32], classCount: Int, seed: UInt64) throws(DatasetError) -> [Int32] {
        var generator = SeededGenerator(seed: seed, stream: "label noise")
        var assigned = labels
        func wrong(_ label: Int32) -> Int32 {
            (label + 1 + Int32(generator.index(below: classCount - 1))) % Int32(classCount)
        }
        switch self {
        case .none: break
        case .bernoulliOther(let rate):
            for index in labels.indices where generator.uniform() < rate {
                assigned[index] = wrong(labels[index])
            }
        case .exactOther(let rate):
            let count = Int((rate * Double(labels.count)).rounded())
            for index in generator.permutation(of: labels.count).prefix(count) {
                assigned[index] = wrong(labels[index])
            }
        case .asymmetricClasses(let classes, let fraction):
            for chosen in generator.permutation(of: classCount).prefix(classes).sorted() {
                let members = labels.indices.filter { labels[$0] == Int32(chosen) }
                if members.isEmpty {
                    throw .impossible(
                        "dataset.noise: class \(chosen) has no samples among the \(labels.count) drawn; "
                            + "take more with dataset.train or fewer classes")
                }
                let count = Int(fraction * Double(members.count))
                for position in generator.permutation(of: members.count).prefix(count) {
                    assigned[members[position]] = wrong(Int32(chosen))
                }
            }
        case .randomAll:
            for index in labels.indices { assigned[index] = Int32(generator.index(below: classCount)) }
        }
        return assigned
    }
}
