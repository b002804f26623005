import LinearAlgebra

/// Which steps share gradients, add to them, and take from them what a ReLU stopped; decided once.
struct ImageGradientPlan {
    private(set) var flows: [GradientFlow]
    /// The slot that each tensor's gradient stands in.
    ///
    /// A gradient leaves its slot to others when its step is done. Where a sum passes its gradient on as it is, and where a
    /// normalisation changes it in place, two tensors have one slot.
    private(set) var slots: [Int]
    /// Numbers of a block of each slot: as many as the largest of its tensors has.
    private(set) var slotCounts: [Int]
    /// Whether a tensor's gradient meets a border that others may have left other numbers in.
    private(set) var needsBorder: [Bool]

    init(_ builder: ImageNetworkBuilder) {
        let steps = builder.steps
        flows = Array(repeating: GradientFlow(), count: steps.count)
        var free = FreeSlots(builder.tensors)
        free.take(for: builder.tensors.count - 1)
        for (index, step) in steps.enumerated().reversed() {
            if let addend = step.addend {
                precondition(!free.holds(addend), "a sum should be the last reader of what it adds")
                free.share(of: step.target, with: addend)
            }
            if free.holds(step.source) {
                flows[index].accumulates = true
            } else if case .normalization = step, free.isAlone(step.target) {
                free.share(of: step.target, with: step.source)
            } else {
                free.take(for: step.source)
            }
            free.leave(step.target)
        }
        (slots, slotCounts, needsBorder) = free.result
        // The first reader of a tensor is the last to add to its gradient.
        for step in steps where step.hidden != nil {
            guard let reader = steps.firstIndex(where: { $0.source == step.target }) else { continue }
            flows[reader].masks = step.hidden
        }
    }
}

/// Slots while gradients go from tensor to tensor.
private struct FreeSlots {
    private let tensors: [ImageBlock]
    private var slotOf: [Int?]
    /// How many gradients, yet to be passed on, stand in each slot.
    private var users: [Int] = []
    /// The shapes that have been in each slot.
    private var shapes: [Set<ImageBlock>] = []
    /// Whether gradients of different shapes share slots: then borders must be cleared, which narrow networks, whose
    /// gradients stay in a cache anyway, would feel.
    private let mixesShapes: Bool

    init(_ tensors: [ImageBlock]) {
        self.tensors = tensors
        slotOf = Array(repeating: nil, count: tensors.count)
        mixesShapes = tensors.reduce(0) { $0 + $1.count } > 1 << 19
    }

    func holds(_ tensor: Int) -> Bool { slotOf[tensor] != nil }

    func isAlone(_ tensor: Int) -> Bool { slotOf[tensor].map { users[$0] == 1 } ?? false }

    /// Gives a tensor a free slot, best one that had its shape.
    mutating func take(for tensor: Int) {
        let shape = tensors[tensor]
        let free = users.indices.filter { users[$0] == 0 }
        let slot =
            free.first { shapes[$0].contains(shape) } ?? (mixesShapes ? free.first : nil) ?? users.count
        if slot == users.count {
            users.append(0)
            shapes.append([])
        }
        users[slot] = 1
        shapes[slot].insert(shape)
        slotOf[tensor] = slot
    }

    mutating func share(of tensor: Int, with other: Int) {
        guard let slot = slotOf[tensor] else { return }
        slotOf[other] = slot
        users[slot] += 1
    }

    mutating func leave(_ tensor: Int) {
        guard let slot = slotOf[tensor] else { return }
        users[slot] -= 1
    }

    var result: (slots: [Int], counts: [Int], needsBorder: [Bool]) {
        let slots = slotOf.map { $0 ?? 0 }
        let counts = shapes.map { shapes in shapes.reduce(0) { max($0, $1.count) } }
        return (slots, counts, slots.map { shapes[$0].count > 1 })
    }
}
