import LinearAlgebra
import TestSupport
import Testing

@Suite("Gather kernel")
struct GatherKernelTests {
    @Test("chosen samples become columns, whatever the sizes", arguments: InstructionSet.available)
    func columns(in instructionSet: InstructionSet) {
        withEvery("inputs", in: [1, 3, 7, 8, 9, 16, 27, 64]) { inputs in
            withEvery("batch", in: [0, 1, 5, 8, 11, 16, 30]) { batch in
                check(Variant<Float>(instructionSet), inputs, batch)
                check(Variant<Double>(instructionSet), inputs, batch)
            }
        }
    }

    private func check<Scalar: Real>(_ variant: Variant<Scalar>, _ inputs: Int, _ batch: Int) {
        let samples = TestWindow<Float>(13, inputs, padding: 0, seed: 4)
        let indices = Buffer<Int>(count: batch)
        for index in 0..<batch { indices.pointer[index] = index * 5 % 13 }
        let out = TestWindow<Scalar>(inputs, batch)
        variant.gather(samples.buffer.pointer, indices.pointer, out.matrix)
        let mismatch = firstMismatch(out, tolerance: 0) { row, column in
            samples.element(indices.pointer[column], row)
        }
        #expect(mismatch == nil, "\(batch) samples of \(inputs)")
    }

    @Test(
        "bytes of chosen images become columns, each plane scaled, whatever the sizes",
        arguments: InstructionSet.available)
    func bytes(in instructionSet: InstructionSet) {
        withEvery("plane", in: [1, 5, 8, 13, 16, 64]) { plane in
            withEvery("planes", in: [1, 2, 3]) { planes in
                withEvery("batch", in: [0, 1, 7, 8, 11, 64, 65, 100]) { batch in
                    check(Variant<Float>(instructionSet), plane, planes, batch)
                    check(Variant<Double>(instructionSet), plane, planes, batch)
                }
            }
        }
    }

    private func check<Scalar: Real>(
        _ variant: Variant<Scalar>, _ plane: Int, _ planes: Int, _ batch: Int
    ) {
        let inputs = plane * planes
        let bytes = (0..<17 * inputs).map { UInt8(truncatingIfNeeded: $0 * 37 + $0 / 256) }
        // Gains and shifts whose products and sums are not exact.
        let scales = ByteScales(
            gains: (0..<planes).map { 1 / (51.3 + Double($0)) }, shifts: (0..<planes).map { 0.1 - Double($0) }
        )
        let rows = (0..<13).map { ($0 * 7 + 3) % 17 }
        let indices = (0..<max(batch, 1)).map { $0 * 5 % 13 }
        let out = TestWindow<Scalar>(inputs, batch)
        variant.gatherBytes(bytes, rows, indices, scales, out.matrix)
        let mismatch = firstMismatch(out, tolerance: 0) { row, column in
            Double(scales.scaled(bytes[rows[indices[column]] * inputs + row], plane: row / plane))
        }
        #expect(mismatch == nil, "\(batch) images of \(planes) planes of \(plane)")
    }

    @Test("all 256 bytes have the same bits in every instruction set and from the definition")
    func everyByte() {
        let bytes = (0..<256).map { UInt8($0) }
        let scales = ByteScales(gains: [1 / (0.2023 * 255)], shifts: [-0.4914 / 0.2023])
        for instructionSet in InstructionSet.available {
            let out = TestWindow<Float>(256, 9)
            Variant<Float>(instructionSet).gatherBytes(
                bytes, [0], [Int](repeating: 0, count: 9), scales, out.matrix)
            let mismatch = firstMismatch(out, tolerance: 0) { row, _ in
                Double(scales.scaled(bytes[row], plane: 0))
            }
            #expect(mismatch == nil, "\(instructionSet)")
        }
    }
}
