public import Sweeps

/// What is known of a data set before any file is opened.
public struct DatasetFacts: Hashable, Sendable {
    public let shape: ImageShape
    public let classCount: Int
    /// Images of the training part; of all parts where its authors did not split it.
    public let trainCount: Int
    /// Images of the test part; `nil` where its authors did not split it.
    public let testCount: Int?

    /// How many samples a task trains and tests on.
    ///
    /// - Parameter section: The resolved `dataset` section of a configuration.
    /// - Returns: Both counts.
    /// - Throws: ``DatasetError/impossible(_:)`` naming the key that asks for more samples than there are.
    public func drawn(by section: Setting) throws(DatasetError) -> (train: Int, test: Int) {
        let train = try Draw(section["train"], key: "dataset.train", available: trainCount)
        // Where there is no split, what does not train may test.
        let available = testCount ?? trainCount - train.count
        return (train.count, try Draw(section["test"], key: "dataset.test", available: available).count)
    }
}

/// How many samples of a part are taken, and which.
struct Draw: Hashable, Sendable {
    let count: Int
    /// Taken from the start instead of drawn.
    let takesFirst: Bool

    /// - Parameters:
    ///   - setting: A count, `{first: count}`, or `nil` for all.
    ///   - key: What errors call it.
    ///   - available: How many samples there are.
    /// - Throws: ``DatasetError/impossible(_:)`` naming the key.
    init(_ setting: Setting?, key: String, available: Int) throws(DatasetError) {
        guard available > 0 else {
            throw .impossible("all images would train and none would be left to test on; lower dataset.train")
        }
        let first = setting?["first"]?.asNumber
        takesFirst = first != nil
        guard let wanted = first ?? setting?.asNumber else {
            count = available
            return
        }
        guard wanted >= 1, wanted <= Double(available), wanted == wanted.rounded() else {
            throw .impossible(
                "\(key) is \(wanted.shortestText), but there are \(available) samples to take from; "
                    + "take 1 to \(available)")
        }
        count = Int(wanted)
    }
}
