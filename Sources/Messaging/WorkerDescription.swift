/// Who a worker is and what it runs on, as it says in HELLO.
public struct WorkerDescription: Hashable, Sendable {
    /// Unique in the cluster and the same after a restart of the process, such as `node7-slot2`.
    ///
    /// A second process of the same name replaces the first.
    public let name: String
    public let host: String
    public let processID: Int
    /// Which slot of its host, counted from 0.
    public let slot: Int
    /// The program's version and commit.
    public let build: String
    /// Processor cores of the host.
    public let coreCount: Int
    /// Memory of the host.
    public let memoryBytes: Int
    public let numericProfile: NumericProfile

    public init(
        name: String, host: String, processID: Int, slot: Int, build: String, coreCount: Int,
        memoryBytes: Int,
        numericProfile: NumericProfile
    ) {
        self.name = name
        self.host = host
        self.processID = processID
        self.slot = slot
        self.build = build
        self.coreCount = coreCount
        self.memoryBytes = memoryBytes
        self.numericProfile = numericProfile
    }
}

/// What decides the last bits of a result: the same task gives the same bytes wherever these agree.
public struct NumericProfile: Hashable, Sendable {
    /// The BLAS kernels in use, such as `Haswell`.
    public let blasCore: String
    public let blasVersion: String
    /// The widest vector instructions that our own kernels use, such as `avx2`.
    public let instructionSet: String
    /// The hash of a small computation that every worker does when it starts; empty where it did none.
    ///
    /// Names can agree where bits do not: another build of the same library, another compiler.
    public let canary: String

    public init(blasCore: String, blasVersion: String, instructionSet: String, canary: String = "") {
        self.blasCore = blasCore
        self.blasVersion = blasVersion
        self.instructionSet = instructionSet
        self.canary = canary
    }
}

extension NumericProfile {
    private static let canaryPrefix = "canary:"

    /// All of it in one line, the same where all of it agrees: what records keep.
    public var text: String {
        let names = "\(blasCore) \(blasVersion) \(instructionSet)"
        return canary.isEmpty ? names : "\(names) \(NumericProfile.canaryPrefix)\(canary)"
    }

    /// The instruction set that a ``text`` names; empty where it names none.
    public static func instructionSet(in text: String) -> String {
        let words = text.split(separator: " ").filter { !$0.hasPrefix(canaryPrefix) }
        return words.dropFirst(2).last.map(String.init) ?? ""
    }
}
