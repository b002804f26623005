// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// Outside packages by product.
enum Outside {
    static let argumentParser = Target.Dependency.product(
        name: "ArgumentParser", package: "swift-argument-parser")
    static let orderedCollections = Target.Dependency.product(
        name: "OrderedCollections", package: "swift-collections")
    static let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
    static let yams = Target.Dependency.product(name: "Yams", package: "Yams")
}

/// A module of ours with its share of the import table in `docs/architecture.md`.
func module(_ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []) -> Target {
    .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

/// The tests of a module; every test target sees the shared test support.
func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies + ["TestSupport"], swiftSettings: strict)
}

let package = Package(
    name: "descent",
    products: [.executable(name: "descent", targets: ["descent"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // MARK: 0 — C shims and kernels
        .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        // No pkgConfig: Debian's libzmq.pc carries flags that SwiftPM refuses; `link "zmq"` suffices.
        .systemLibrary(name: "CZeroMQ", providers: [.apt(["libzmq3-dev"])]),
        .target(name: "CKernels", cSettings: [.unsafeFlags(["-O3"])]),

        // MARK: 1 — basics
        module("Basics"),

        // MARK: 2 — foundations of both columns
        module("LinearAlgebra", ["Basics", "COpenBLAS", "CKernels"]),
        module("Sweeps", ["Basics"]),
        module("ZeroMQ", ["CZeroMQ"]),

        // MARK: 3 — data, networks, messages, files
        module("Datasets", ["Basics", "LinearAlgebra", "Sweeps", "CZlib"]),
        module("Networks", ["Basics", "LinearAlgebra", "Sweeps"]),
        module("SweepFiles", ["Sweeps", Outside.yams]),
        module("Messaging", ["Basics", "Sweeps"]),
        module("ResultStore", ["Basics", "Sweeps", Outside.grdb]),
        module("Reporting", ["Basics", "Sweeps"]),

        // MARK: 4 — training, probes, decisions
        module("Training", ["Basics", "LinearAlgebra", "Sweeps", "Datasets", "Networks"]),
        module("Probes", ["Basics", "LinearAlgebra", "Sweeps", "Datasets", "Networks"]),
        module("Coordination", ["Basics", "Sweeps", "Messaging", Outside.orderedCollections]),
        module("Workers", ["Basics", "Sweeps", "Messaging", Outside.orderedCollections]),

        // MARK: 5 — one task from end to end, and the pretended cluster
        module(
            "Experiments",
            ["Basics", "LinearAlgebra", "Sweeps", "Datasets", "Networks", "Training", "Probes"]),
        module("ClusterSimulation", ["Basics", "Sweeps", "Messaging", "Coordination", "Workers"]),

        // MARK: 7 — where clocks, sockets and processes meet
        module(
            "Runtime",
            [
                "Basics", "Sweeps", "SweepFiles", "Messaging", "Coordination", "Workers", "ResultStore",
                "Reporting", "ZeroMQ",
            ]),

        // MARK: 8 — the command
        .executableTarget(
            name: "descent",
            dependencies: [
                "Basics", "LinearAlgebra", "Sweeps", "SweepFiles", "Datasets", "Networks", "Training",
                "Probes",
                "Experiments", "Coordination", "Workers", "ResultStore", "Reporting", "ClusterSimulation",
                "Messaging",
                "ZeroMQ",
                "Runtime",
                Outside.argumentParser,
            ],
            swiftSettings: strict),

        // MARK: Tests
        .target(
            name: "TestSupport", dependencies: ["Basics"], path: "Tests/TestSupport", swiftSettings: strict),
        tests("BasicsTests", ["Basics"]),
        tests("LinearAlgebraTests", ["Basics", "LinearAlgebra", "CKernels"]),
        tests("SweepsTests", ["Basics", "Sweeps"]),
        tests("ZeroMQTests", ["ZeroMQ", "CZeroMQ"]),
        tests("DatasetsTests", ["Basics", "LinearAlgebra", "Sweeps", "Datasets", "CZlib"]),
        tests("NetworksTests", ["Basics", "LinearAlgebra", "Sweeps", "Networks"]),
        tests("SweepFilesTests", ["Basics", "Sweeps", "SweepFiles"]),
        tests("MessagingTests", ["Basics", "Sweeps", "Messaging"]),
        tests("ResultStoreTests", ["Basics", "Sweeps", "ResultStore", Outside.grdb]),
        tests("ReportingTests", ["Basics", "Sweeps", "Reporting"]),
        tests("TrainingTests", ["Basics", "LinearAlgebra", "Sweeps", "Datasets", "Networks", "Training"]),
        tests("ProbesTests", ["Basics", "LinearAlgebra", "Sweeps", "Datasets", "Networks", "Probes"]),
        tests("CoordinationTests", ["Basics", "Sweeps", "Messaging", "Coordination"]),
        tests("WorkersTests", ["Basics", "Sweeps", "Messaging", "Workers"]),
        tests(
            "ExperimentsTests",
            [
                "Basics", "LinearAlgebra", "Sweeps", "Datasets", "Networks", "Training", "Probes",
                "Experiments",
            ]),
        // Stories of whole clusters on the simulator.
        tests(
            "ScenarioTests",
            ["Basics", "Sweeps", "Messaging", "Coordination", "Workers", "ClusterSimulation"]),
        tests(
            "RuntimeTests",
            [
                "Basics", "Sweeps", "SweepFiles", "Messaging", "Coordination", "Workers", "ResultStore",
                "Reporting", "ZeroMQ", "Runtime",
            ]),
        // The built command, real processes.
        tests("EndToEndTests", ["Basics", "descent"]),
        // The tree itself: lengths, banned calls, dead links.
        tests("TidyTests", []),
    ]
)

// LOCAL ONLY, never committed.
do {
    var keep: Set<String> = Set("descent,EndToEndTests,ExperimentsTests,SweepsTests".split(separator: ",").map(String.init))
    var grew = true
    while grew {
        grew = false
        for target in package.targets where keep.contains(target.name) {
            for dependency in target.dependencies {
                if case .byNameItem(let name, _) = dependency, keep.insert(name).inserted { grew = true }
            }
        }
    }
    package.targets.removeAll { !keep.contains($0.name) }
    if !keep.contains("descent") { package.products = [] }
}
