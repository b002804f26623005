import LinearAlgebra

/// Where tensors, gradients, packed weights and statistics stand in a workspace's block of numbers.
struct ImageMemoryPlan: Sendable {
    /// Whether backward passes take the whole batch through a step before the next one.
    ///
    /// Else all blocks share the gradients of one.
    let isWhole: Bool
    /// The normalisation that makes a tensor, one block at a time, for each step that reads it; `nil` where a tensor is
    /// kept for the backward pass.
    ///
    /// What a normalisation makes of its source costs little to make again, and nearly half of all tensors are such.
    let makers: [Int?]
    /// Numbers of one block of each tensor, and of all kept ones before it.
    private let sizes: [Int]
    private let tensorStarts: [Int]
    private let tensorCount: Int
    /// Numbers of the largest block that is made anew: all share one place.
    private let passingCount: Int
    private let gradientStarts: [Int]
    private let gradientCount: Int
    private let packedCount: Int
    /// What convolutions work in.
    private let transformCount: Int
    /// Centre and scale of each normalisation, then one space for what a step works out.
    private let statisticStarts: [Int]
    private let statisticCount: Int
    private let widest: Int

    init(_ builder: ImageNetworkBuilder, _ gradients: ImageGradientPlan) {
        isWhole = !builder.normalizations.isEmpty
        sizes = builder.tensors.map(\.count)
        let makers = Self.makers(builder)
        self.makers = makers
        (tensorStarts, tensorCount) = Self.starts(zip(sizes, makers).map { $1 == nil ? $0 : 0 })
        passingCount = zip(sizes, makers).reduce(0) { $1.1 == nil ? $0 : max($0, $1.0) }
        let (slotStarts, slotCount) = Self.starts(gradients.slotCounts)
        gradientStarts = gradients.slots.map { slotStarts[$0] }
        gradientCount = slotCount
        packedCount = builder.packedCount
        transformCount = (builder.transformCount + 15) / 16 * 16
        let counts: Int
        (statisticStarts, counts) = Self.starts(builder.normalizations.map { 2 * $0.channels })
        widest = builder.normalizations.map(\.channels).max() ?? 0
        statisticCount = counts + 3 * widest
    }

    private static func makers(_ builder: ImageNetworkBuilder) -> [Int?] {
        var makers = [Int?](repeating: nil, count: builder.tensors.count)
        // Sums and statistics want all blocks of what they read.
        var wanted = Set(builder.steps.compactMap(\.addend) + [builder.last])
        for case .normalization(let step) in builder.steps { wanted.insert(step.source) }
        for (index, step) in builder.steps.enumerated() {
            guard case .normalization(let step) = step, step.index != nil, step.addend == nil else {
                continue
            }
            if !wanted.contains(step.target) { makers[step.target] = index }
        }
        return makers
    }

    private static func starts(_ sizes: [Int]) -> ([Int], Int) {
        var count = 0
        let starts = sizes.map { size in
            defer { count += size }
            return count
        }
        return (starts, count)
    }

    /// Numbers of a workspace for a batch of this many blocks.
    func count(blocks: Int, for passes: Passes) -> Int {
        isJoined(passes) ? inputs(for: passes) + sizes[0] * blocks : count(of: blocks)
    }

    /// The inputs of a whole batch: the first tensor, or in joined passes a place of their own.
    func inputs(for passes: Passes) -> Int { isJoined(passes) ? count(of: 1) + packedCount : 0 }

    /// Whether a workspace has one block's tensors only, and packed weights for both directions.
    func isJoined(_ passes: Passes) -> Bool { passes == .joined && !isWhole }

    func tensor(_ index: Int, block: Int, of blocks: Int) -> Int {
        makers[index] == nil ? tensorStarts[index] * blocks + block * sizes[index] : passing(of: blocks)
    }

    /// The first of all gradients.
    func gradients(of blocks: Int) -> Int { tensorCount * blocks }

    /// Numbers of all gradients of a whole batch.
    func gradientCount(blocks: Int) -> Int { gradientCount * blocks }

    /// The gradient of a tensor after the first of all, where there is room for those of `blocks`.
    func gradient(_ index: Int, block: Int, of blocks: Int) -> Int {
        gradientStarts[index] * blocks + block * sizes[index]
    }

    /// Packed weights, where those of one direction take the place of the other's.
    func packed(_ offset: Int, of blocks: Int) -> Int { packedStart(of: blocks) + offset }

    /// Packed weights of the way back, where both directions are at work at once.
    func packedBackward(_ offset: Int, of blocks: Int) -> Int { count(of: blocks) + offset }

    /// Room for the transforms of one convolution.
    func transforms(of blocks: Int) -> Int { packedStart(of: blocks) + packedCount }

    /// The centre [C] and scale [C] of a normalisation.
    func statistics(_ index: Int, of blocks: Int) -> Int {
        statisticsStart(of: blocks) + statisticStarts[index]
    }

    /// Room for three numbers a channel.
    func scratch(of blocks: Int) -> Int { count(of: blocks) - 3 * widest }

    private func count(of blocks: Int) -> Int { statisticsStart(of: blocks) + statisticCount }

    private func packedStart(of blocks: Int) -> Int {
        gradients(of: blocks) + gradientCount(blocks: isWhole ? blocks : 1)
    }

    private func passing(of blocks: Int) -> Int { transforms(of: blocks) + transformCount }

    private func statisticsStart(of blocks: Int) -> Int { passing(of: blocks) + passingCount }
}
