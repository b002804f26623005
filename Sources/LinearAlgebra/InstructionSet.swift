package import CKernels

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The vector instructions that our kernels are compiled for.
public enum InstructionSet: String, Hashable, Sendable, CaseIterable {
    /// 16-byte vectors without fused multiply-add: every processor has them.
    case portable
    case avx2
    case avx512

    /// How the C kernels name it.
    package var code: descent_isa {
        switch self {
        case .portable: DESCENT_ISA_PORTABLE
        case .avx2: DESCENT_ISA_AVX2
        case .avx512: DESCENT_ISA_AVX512
        }
    }

    /// Whether this processor can run it.
    public var isAvailable: Bool { code.rawValue <= descent_isa_best().rawValue }

    /// The instruction sets of this processor, narrowest first.
    public static var available: [InstructionSet] { allCases.filter(\.isAvailable) }

    /// The one that `DESCENT_ISA` asks for; the widest available where it says nothing.
    ///
    /// - Parameter text: The request, by default what the environment says.
    /// - Returns: An instruction set that this processor can run.
    /// - Throws: ``InstructionSetError`` where the request is unknown or beyond this processor: ask for less, or
    ///   unset the variable.
    public static func requested(
        _ text: String? = environment
    ) throws(InstructionSetError) -> InstructionSet {
        guard let text, !text.isEmpty else { return available.last ?? .portable }
        guard let requested = InstructionSet(rawValue: text), requested.isAvailable else {
            throw InstructionSetError(requested: text)
        }
        return requested
    }

    /// The text of the environment variable `DESCENT_ISA`.
    public static var environment: String? { getenv("DESCENT_ISA").map { String(cString: $0) } }
}

/// `DESCENT_ISA` asks for what this processor cannot run.
public struct InstructionSetError: Error, Hashable, CustomStringConvertible {
    /// What the variable says.
    public let requested: String

    public var description: String {
        let choices = InstructionSet.available.map(\.rawValue).joined(separator: ", ")
        return "DESCENT_ISA is '\(requested)', but this processor runs \(choices): "
            + "set one of these, or unset it"
    }
}

/// The kernels that this process uses, chosen once.
public enum Kernels {
    /// Chosen by `DESCENT_ISA`, else the widest; a program that wants to complain politely asks
    /// ``InstructionSet/requested(_:)`` first.
    public static let instructionSet: InstructionSet = {
        do throws(InstructionSetError) {
            return try InstructionSet.requested()
        } catch {
            preconditionFailure(error.description)
        }
    }()

    static let float: descent_kernels_f32 = {
        guard let table = descent_kernels_f32_for(instructionSet.code) else {
            preconditionFailure("no kernels for \(instructionSet)")
        }
        return table.pointee
    }()

    static let double: descent_kernels_f64 = {
        guard let table = descent_kernels_f64_for(instructionSet.code) else {
            preconditionFailure("no kernels for \(instructionSet)")
        }
        return table.pointee
    }()
}
