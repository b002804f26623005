/// A SHA-256 digest (FIPS 180-4): the same bytes give the same hash on every machine, for ever.
///
/// Task ids and results are named by it. It is our own few lines because a cryptography package would double the
/// build for one function; it is checked against the standard's vectors.
public struct ContentHash: Hashable, Sendable, CustomStringConvertible {
    // The digest in four words, the first byte most significant: in place, because a coordinator keeps one of every
    // result, and an array would be a block of memory of its own.
    private let first: UInt64
    private let second: UInt64
    private let third: UInt64
    private let fourth: UInt64

    /// The 32 bytes of the digest.
    public var bytes: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 32) { buffer, count in
            for place in 0..<32 { buffer[place] = byte(place) }
            count = 32
        }
    }

    /// The first eight bytes, the first of them most significant.
    public var leadingBits: UInt64 { first }

    private func byte(_ place: Int) -> UInt8 {
        let word =
            switch place / 8 {
            case 0: first
            case 1: second
            case 2: third
            default: fourth
            }
        return UInt8(truncatingIfNeeded: word >> UInt64(56 - 8 * (place % 8)))
    }

    /// The digest that a state of the algorithm stands for.
    private init(_ state: [UInt32]) {
        first = UInt64(state[0]) << 32 | UInt64(state[1])
        second = UInt64(state[2]) << 32 | UInt64(state[3])
        third = UInt64(state[4]) << 32 | UInt64(state[5])
        fourth = UInt64(state[6]) << 32 | UInt64(state[7])
    }

    public init(of message: some Sequence<UInt8>) {
        var padded = Array(message)
        let bitCount = UInt64(padded.count) * 8
        padded.append(0x80)
        padded.append(contentsOf: repeatElement(0, count: (120 - padded.count % 64) % 64))
        withUnsafeBytes(of: bitCount.bigEndian) { padded.append(contentsOf: $0) }
        var state = ContentHash.initialState
        padded.withUnsafeBufferPointer { bytes in
            for start in stride(from: 0, to: bytes.count, by: 64) {
                ContentHash.compress(&state, UnsafeBufferPointer(rebasing: bytes[start..<start + 64]))
            }
        }
        self.init(state)
    }

    /// What many messages begin with, hashed once.
    public struct Prefix: Sendable {
        fileprivate var state = ContentHash.initialState
        /// What does not fill a block yet.
        fileprivate var rest: [UInt8] = []
        fileprivate var byteCount = 0

        public init(_ text: String) {
            let bytes = Array(text.utf8)
            byteCount = bytes.count
            let whole = bytes.count / 64 * 64
            bytes.withUnsafeBufferPointer { buffer in
                for start in stride(from: 0, to: whole, by: 64) {
                    ContentHash.compress(&state, UnsafeBufferPointer(rebasing: buffer[start..<start + 64]))
                }
            }
            rest = Array(bytes[whole...])
        }
    }

    /// Hashes what begins with `prefix` and goes on with the UTF-8 bytes of `text`.
    public init(of prefix: Prefix, _ text: String) {
        var padded = prefix.rest
        padded.reserveCapacity(padded.count + text.utf8.count + 72)
        padded.append(contentsOf: text.utf8)
        let bitCount = UInt64(prefix.byteCount + text.utf8.count) * 8
        padded.append(0x80)
        padded.append(contentsOf: repeatElement(0, count: (120 - padded.count % 64) % 64))
        withUnsafeBytes(of: bitCount.bigEndian) { padded.append(contentsOf: $0) }
        var state = prefix.state
        padded.withUnsafeBufferPointer { bytes in
            for start in stride(from: 0, to: bytes.count, by: 64) {
                ContentHash.compress(&state, UnsafeBufferPointer(rebasing: bytes[start..<start + 64]))
            }
        }
        self.init(state)
    }

    /// Hashes the UTF-8 bytes of `text`.
    public init(of text: String) { self.init(of: text.utf8) }

    /// A digest read from its 64 hexadecimal digits; `nil` for anything else.
    public init?(hexadecimal: String) {
        guard hexadecimal.utf8.count == 64 else { return nil }
        var state = [UInt32](repeating: 0, count: 8)
        for (place, digit) in hexadecimal.utf8.enumerated() {
            guard let value = ContentHash.value(ofDigit: digit) else { return nil }
            state[place / 8] = state[place / 8] << 4 | UInt32(value)
        }
        self.init(state)
    }

    private static func value(ofDigit digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") - 10 + value
    }

    /// The digest as 64 lower-case hexadecimal digits.
    public var hexadecimal: String {
        String(unsafeUninitializedCapacity: 64) { text in
            for index in 0..<32 {
                text[2 * index] = ContentHash.digit(byte(index) >> 4)
                text[2 * index + 1] = ContentHash.digit(byte(index) & 15)
            }
            return 64
        }
    }

    public var description: String { hexadecimal }
}

extension ContentHash {
    fileprivate static let initialState: [UInt32] = [
        0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab,
        0x5be0_cd19,
    ]

    /// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
    fileprivate static let roundConstants: [UInt32] = [
        0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4,
        0xab1c_5ed5,
        0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7,
        0xc19b_f174,
        0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc,
        0x76f9_88da,
        0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351,
        0x1429_2967,
        0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e,
        0x9272_2c85,
        0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585,
        0x106a_a070,
        0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f,
        0x682e_6ff3,
        0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7,
        0xc671_78f2,
    ]

    /// Folds one block of 64 bytes into the state.
    fileprivate static func compress(_ state: inout [UInt32], _ block: UnsafeBufferPointer<UInt8>) {
        func rotate(_ x: UInt32, _ n: UInt32) -> UInt32 { (x >> n) | (x << (32 - n)) }
        var schedule = InlineArray<64, UInt32>(repeating: 0)
        for t in 0..<16 {
            let at = 4 * t
            let high = UInt32(block[at]) << 24 | UInt32(block[at + 1]) << 16
            schedule[t] = high | UInt32(block[at + 2]) << 8 | UInt32(block[at + 3])
        }
        for t in 16..<64 {
            let (a, b) = (schedule[t - 15], schedule[t - 2])
            let first = rotate(a, 7) ^ rotate(a, 18) ^ (a >> 3)
            let second = rotate(b, 17) ^ rotate(b, 19) ^ (b >> 10)
            schedule[t] = schedule[t - 16] &+ first &+ schedule[t - 7] &+ second
        }
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        var (e, f, g, h) = (state[4], state[5], state[6], state[7])
        for t in 0..<64 {
            let mixed = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
            let choice = (e & f) ^ (~e & g)
            let first = h &+ mixed &+ choice &+ roundConstants[t] &+ schedule[t]
            let spread = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
            let majority = (a & b) ^ (a & c) ^ (b & c)
            (h, g, f, e) = (g, f, e, d &+ first)
            (d, c, b, a) = (c, b, a, first &+ spread &+ majority)
        }
        let folded: InlineArray<8, UInt32> = [a, b, c, d, e, f, g, h]
        for index in 0..<8 { state[index] &+= folded[index] }
    }
}
