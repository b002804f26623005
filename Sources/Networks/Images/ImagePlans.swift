import LinearAlgebra

/// Which steps share gradients, add to them, and take from them what a ReLU stopped; decided once.
struct ImageGradientPlan {
    private(set) var flows: [GradientFlow]
    /// The tensor in whose place each tensor's gradient stands: another one's where a sum passes its gradient on as it
    /// is.
    private(set) var slots: [Int]

    init(_ builder: ImageNetworkBuilder) {
        let steps = builder.steps
        flows = Array(repeating: GradientFlow(), count: steps.count)
        slots = Array(builder.tensors.indices)
        var isWritten = Array(repeating: false, count: builder.tensors.count)
        for (index, step) in steps.enumerated().reversed() {
            if let addend = step.addend {
                precondition(!isWritten[addend], "a sum should be the last reader of what it adds")
                slots[addend] = slots[step.target]
                isWritten[addend] = true
            }
            flows[index].accumulates = isWritten[step.source]
            isWritten[step.source] = true
        }
        // The first reader of a tensor is the last to add to its gradient.
        for step in steps where step.hidden != nil {
            guard let reader = steps.firstIndex(where: { $0.source == step.target }) else { continue }
            flows[reader].masks = step.hidden
        }
    }
}

/// Where tensors, gradients, packed weights and statistics stand in a workspace's block of numbers.
struct ImageMemoryPlan: Sendable {
    /// Numbers of one block of each tensor, and of those before it.
    private let sizes: [Int]
    private let tensorStarts: [Int]
    private let gradientStarts: [Int]
    private let perBlock: Int
    private let packedCount: Int
    /// What convolutions work in.
    private let transformCount: Int
    /// Centre and scale of each normalisation, then one space for what a step works out.
    private let statisticStarts: [Int]
    private let statisticCount: Int
    private let widest: Int

    init(_ builder: ImageNetworkBuilder, slots: [Int]) {
        let sizes = builder.tensors.map(\.count)
        self.sizes = sizes
        var count = 0
        func take(_ size: Int) -> Int {
            defer { count += size }
            return count
        }
        tensorStarts = sizes.map(take)
        let ownStarts = sizes.indices.map { slots[$0] == $0 ? take(sizes[$0]) : 0 }
        gradientStarts = slots.map { ownStarts[$0] }
        perBlock = count
        packedCount = builder.packedCount
        transformCount = (builder.transformCount + 15) / 16 * 16
        count = 0
        statisticStarts = builder.normalizations.map { take(2 * $0.channels) }
        widest = builder.normalizations.map(\.channels).max() ?? 0
        statisticCount = count + 3 * widest
    }

    /// Numbers of a workspace for this many blocks.
    func count(blocks: Int) -> Int { statisticsStart(of: blocks) + statisticCount }

    func tensor(_ index: Int, block: Int, of blocks: Int) -> Int {
        tensorStarts[index] * blocks + block * sizes[index]
    }

    func gradient(_ index: Int, block: Int, of blocks: Int) -> Int {
        gradientStarts[index] * blocks + block * sizes[index]
    }

    func packed(_ offset: Int, of blocks: Int) -> Int { perBlock * blocks + offset }

    /// Room for the transforms of one convolution.
    func transforms(of blocks: Int) -> Int { perBlock * blocks + packedCount }

    /// The centre [C] and scale [C] of a normalisation.
    func statistics(_ index: Int, of blocks: Int) -> Int {
        statisticsStart(of: blocks) + statisticStarts[index]
    }

    /// Room for three numbers a channel.
    func scratch(of blocks: Int) -> Int { count(blocks: blocks) - 3 * widest }

    private func statisticsStart(of blocks: Int) -> Int { transforms(of: blocks) + transformCount }
}
