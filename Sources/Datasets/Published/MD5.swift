internal import Foundation

/// The MD5 digest (RFC 1321) of bytes that come in pieces.
///
/// No protection against anybody's intent, but what the publishers of data sets print beside their files.
struct MD5 {
    private var state: (UInt32, UInt32, UInt32, UInt32) = (0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476)
    private var pending: [UInt8] = []
    private var byteCount: UInt64 = 0

    /// The digest of a file as 32 lower-case hexadecimal digits; `nil` where it cannot be read.
    static func ofFile(_ path: String) -> String? {
        guard let handle = FileHandle(forReadingAtPath: path) else { return nil }
        defer { try? handle.close() }
        var digest = MD5()
        do {
            while let piece = try handle.read(upToCount: 1 << 20), !piece.isEmpty {
                digest.add([UInt8](piece))
            }
        } catch {
            return nil
        }
        return digest.hexadecimal
    }

    mutating func add(_ bytes: [UInt8]) {
        byteCount += UInt64(bytes.count)
        let whole = pending + bytes
        let end = whole.count / 64 * 64
        whole.withUnsafeBufferPointer { buffer in
            for start in stride(from: 0, to: end, by: 64) {
                MD5.compress(&state, UnsafeBufferPointer(rebasing: buffer[start..<start + 64]))
            }
        }
        pending = Array(whole[end...])
    }

    /// The digest of everything that was added.
    var hexadecimal: String {
        var last = self
        last.add([0x80] + [UInt8](repeating: 0, count: (119 - pending.count % 64) % 64))
        last.add(withUnsafeBytes(of: (byteCount &* 8).littleEndian) { Array($0) })
        return [last.state.0, last.state.1, last.state.2, last.state.3]
            .flatMap { word in withUnsafeBytes(of: word.littleEndian) { Array($0) } }
            .map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// Folds one block of 64 bytes into the state.
    private static func compress(
        _ state: inout (UInt32, UInt32, UInt32, UInt32), _ block: UnsafeBufferPointer<UInt8>
    ) {
        var (a, b, c, d) = state
        for step in 0..<64 {
            let mixed: UInt32
            let place: Int
            switch step {
            case ..<16: (mixed, place) = ((b & c) | (~b & d), step)
            case ..<32: (mixed, place) = ((d & b) | (~d & c), (5 * step + 1) % 16)
            case ..<48: (mixed, place) = (b ^ c ^ d, (3 * step + 5) % 16)
            default: (mixed, place) = (c ^ (b | ~d), 7 * step % 16)
            }
            let word = UnsafeRawPointer(block.baseAddress.unsafelyUnwrapped)
                .loadUnaligned(fromByteOffset: 4 * place, as: UInt32.self)
            let sum = a &+ mixed &+ constants[step] &+ UInt32(littleEndian: word)
            let turn = turns[step / 16 * 4 + step % 4]
            (a, d, c, b) = (d, c, b, b &+ (sum << turn | sum >> (32 - turn)))
        }
        state = (state.0 &+ a, state.1 &+ b, state.2 &+ c, state.3 &+ d)
    }

    private static let turns: [UInt32] = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21]

    /// ⌊2³² · |sin(i + 1)|⌋.
    private static let constants: [UInt32] = (0..<64).map { UInt32(4_294_967_296 * abs(sin(Double($0 + 1)))) }
}
