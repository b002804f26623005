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
}
