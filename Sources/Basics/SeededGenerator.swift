/// A reproducible source of random numbers: xoshiro256★★ (Blackman and Vigna, 2018).
///
/// Every random number of a task comes from a *named stream* of its seed, so that drawing more numbers for one
/// purpose never shifts those of another:
///
///     var initial = SeededGenerator(seed: 7, stream: "initial weights")
///     var order = SeededGenerator(seed: 7, stream: "batch order")
///
/// Its draws are defined here to the bit (the standard library may change its own between versions).
public struct SeededGenerator: RandomNumberGenerator, Hashable, Sendable, Codable {
    private var state: [UInt64]

    /// A generator whose state is drawn from `seed` and the bytes of `stream`.
    public init(seed: UInt64, stream: String) {
        // FNV-1a folds the name into one word; SplitMix64 then spreads seed and name over the state.
        var name: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in stream.utf8 { name = (name ^ UInt64(byte)) &* 0x100_0000_01b3 }
        var word = seed ^ name
        state = (0..<4).map { _ in SeededGenerator.splitMix(&word) }
    }

    private static func splitMix(_ word: inout UInt64) -> UInt64 {
        word &+= 0x9e37_79b9_7f4a_7c15
        var z = word
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    public mutating func next() -> UInt64 {
        let rotated = state[1] &* 5
        let result = ((rotated << 7) | (rotated >> 57)) &* 9
        let shifted = state[1] << 17
        state[2] ^= state[0]
        state[3] ^= state[1]
        state[1] ^= state[2]
        state[0] ^= state[3]
        state[2] ^= shifted
        state[3] = (state[3] << 45) | (state[3] >> 19)
        return result
    }

    /// A number in [0, 1) with 53 random bits.
    public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// A number in [`low`, `high`).
    public mutating func uniform(_ low: Double, _ high: Double) -> Double { low + (high - low) * uniform() }

    /// An index in 0..<`count`, without bias (Lemire, 2019).
    ///
    /// - Precondition: `count` is positive.
    public mutating func index(below count: Int) -> Int {
        precondition(count > 0, "cannot draw an index below \(count)")
        let bound = UInt64(count)
        var product = next().multipliedFullWidth(by: bound)
        if product.low < bound {
            let threshold = (0 &- bound) % bound
            while product.low < threshold { product = next().multipliedFullWidth(by: bound) }
        }
        return Int(product.high)
    }

    /// The indices 0..<`count` in random order (Fisher and Yates).
    public mutating func permutation(of count: Int) -> [Int] {
        var order = Array(0..<count)
        shuffle(&order)
        return order
    }

    /// Puts `elements` in random order in place, without allocating.
    public mutating func shuffle<Element>(_ elements: inout [Element]) {
        var remaining = elements.count
        while remaining > 1 {
            let chosen = index(below: remaining)
            remaining -= 1
            elements.swapAt(chosen, remaining)
        }
    }
}
