import COpenBLAS

/// The BLAS library that multiplies matrices: which one it is, and its one thread.
public enum BLAS {
    /// The processor core whose kernels it chose, such as `Haswell` or `SkylakeX`; `OPENBLAS_CORETYPE` forces one.
    public static var coreName: String { String(cString: openblas_get_corename()) }

    /// Its version and build flags in one line.
    public static var configuration: String { String(cString: openblas_get_config()) }

    /// Its name and version, such as `OpenBLAS 0.3.21`.
    public static var version: String { configuration.split(separator: " ").prefix(2).joined(separator: " ") }

    /// Keeps every product on the calling thread.
    ///
    /// The library's bits depend on its number of threads; ours must not. Products call this themselves, once.
    public static func pinToOneThread() { _ = isPinned }

    static let isPinned: Bool = {
        openblas_set_num_threads(1)
        return openblas_get_num_threads() == 1
    }()
}

/// What the bits of a number depend on beside the task: recorded with every result.
///
/// With the same profile a task gives the same bits in every process; across profiles only tolerances hold.
public struct NumericProfile: Hashable, Sendable {
    public let blasCore: String
    public let blasVersion: String
    public let instructionSet: String

    public init(blasCore: String, blasVersion: String, instructionSet: String) {
        self.blasCore = blasCore
        self.blasVersion = blasVersion
        self.instructionSet = instructionSet
    }

    /// The profile of this process.
    public static var current: NumericProfile {
        NumericProfile(
            blasCore: BLAS.coreName, blasVersion: BLAS.version,
            instructionSet: Kernels.instructionSet.rawValue)
    }
}
