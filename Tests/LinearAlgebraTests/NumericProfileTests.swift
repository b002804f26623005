import LinearAlgebra
import Testing

@Suite("Numeric profile")
struct NumericProfileTests {
    @Test("names the BLAS core, its version and the instruction set")
    func current() {
        let profile = NumericProfile.current
        #expect(!profile.blasCore.isEmpty)
        #expect(profile.blasVersion.hasPrefix("OpenBLAS"))
        #expect(InstructionSet.available.map(\.rawValue).contains(profile.instructionSet))
    }

    @Test("an instruction set is taken as requested, the widest by default")
    func requests() throws {
        #expect(try InstructionSet.requested("portable") == .portable)
        #expect(try InstructionSet.requested(nil) == InstructionSet.available.last)
        #expect(try InstructionSet.requested("") == InstructionSet.available.last)
    }

    @Test("an unknown instruction set is refused with the choices")
    func unknown() {
        let error = #expect(throws: InstructionSetError.self) { try InstructionSet.requested("sse9") }
        #expect(error?.description.contains("'sse9'") == true)
        #expect(error?.description.contains("portable") == true)
    }
}
