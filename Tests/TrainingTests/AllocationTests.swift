import Datasets
import Foundation
import LinearAlgebra
import Networks
import Testing
import Training

#if canImport(Glibc)
    /// Counts every `malloc` of a process of its own, with the tracer that the C library brings along.
    ///
    /// The tracer must be loaded before the process starts, and other tests must not be counted: hence the exit tests.
    @Suite(
        "Allocation", .serialized,
        .enabled(if: MallocTrace.isAvailable, "needs libc_malloc_debug.so.0 of glibc"))
    struct AllocationTests {
        @Test(
            "a training step allocates nothing: a thousand more steps, no more allocations",
            .timeLimit(.minutes(10)))
        func trainingSteps() async {
            setenv("LD_PRELOAD", MallocTrace.library, 1)
            defer { unsetenv("LD_PRELOAD") }
            await #expect(processExitsWith: .success) {
                // What is made once a process is made now.
                try trainTwentyEpochs(batch: 50)
                // Both run 20 epochs of 100 samples; an epoch draws an order, which allocates a little.
                let few = try MallocTrace.allocations { try trainTwentyEpochs(batch: 100) }
                let many = try MallocTrace.allocations { try trainTwentyEpochs(batch: 2) }
                try #require(few > 20, "the tracer counted only \(few) allocations")
                // 1,000 steps against 20; a few are allowed to the runtime's other threads.
                try #require(many - few < 50, "\(few) allocations in 20 steps, \(many) in 1,000")
            }
        }
    }

    private func trainTwentyEpochs(batch: Int) throws {
        let samples = randomSamples(100)
        // With everything that a step of a perceptron may have to do.
        let normalized = MLP<Float>(
            inputShape: samples.shape, widths: [8, 8, 8], classCount: 3, activation: .gelu,
            isNormalized: true,
            isResidual: true)
        let plain: any Network<Float> = makeMLP(inputShape: samples.shape, hidden: [8, 8], classCount: 3)
        for network in [plain, normalized] {
            let trainer = try Trainer(
                network: network, loss: CrossEntropy(),
                recipe: TrainingRecipe(optimizer: Adam(), learningRate: LearningRate(0.01), batch: batch),
                samples: samples, seed: 1)
            for _ in 0..<20 { trainer.runEpoch() }
        }
    }

    // Declared here because the module of the C library does not; linked by name, so that the preloaded tracer answers.
    @_silgen_name("mtrace") private func startTracing()
    @_silgen_name("muntrace") private func stopTracing()

    private enum MallocTrace {
        static let library = "libc_malloc_debug.so.0"

        static var isAvailable: Bool {
            guard let handle = dlopen(library, RTLD_LAZY | RTLD_LOCAL) else { return false }
            dlclose(handle)
            return true
        }

        /// How often `body` allocates, in a process that was started with ``library`` preloaded.
        static func allocations(_ body: () throws -> Void) throws -> Int {
            let path = NSTemporaryDirectory() + "malloc-trace-\(getpid())"
            defer { unlink(path) }
            setenv("MALLOC_TRACE", path, 1)
            startTracing()
            try body()
            stopTracing()
            // One line an event: `@ caller + address size` is an allocation, `-` a release, `<` and `>` a resizing.
            let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
            return lines.count { $0.contains(" + ") || $0.contains(" > ") }
        }
    }
#endif
