import Basics
import Coordination
import Messaging
import ResultStore
import Runtime
import Sweeps
import Testing
import Workers

@Suite("A sweep through a hostile network", .timeLimit(.minutes(10)))
struct ChaosProxyTests {
    /// Runs a sweep whose workers reach the coordinator through a proxy only, under faults that come again and again.
    private static func run(
        _ taskCount: Int = 300, faults: [(ChaosProxy.Fault, Duration)], restarts: Int = 0
    ) throws {
        let cluster = try TestCluster(taskCount: taskCount)
        try cluster.startServer()
        let endpoint = cluster.directory.endpoint
        let proxy = try ChaosProxy(seed: 1) { EndpointFile(contentsOf: endpoint)?.loopbackPort }
        defer { proxy.stop() }
        let performer = FastPerformer(pauseMicroseconds: 10_000)
        let address = WorkerAddress.endpoint("tcp://127.0.0.1:\(proxy.port)")
        for _ in 0..<2 { try cluster.startWorker(performer, address: address) }
        for (round, fault) in faults.enumerated() {
            let share = taskCount * (round + 1) / (faults.count + 2)
            try eventually("\(share) tasks") { try cluster.store.counts().done >= share }
            proxy.apply(fault.0, for: fault.1)
            if round < restarts {
                cluster.killServer()
                try cluster.startServer()
            }
        }
        #expect(try cluster.summary().counts.done == taskCount)
        let isAsExpected = try cluster.results() == cluster.expectedResults
        #expect(isAsExpected)
        let trainedAgain = performer.performed.filter { $0.value != 1 }
        #expect(trainedAgain.isEmpty)
    }

    @Test(
        "one fault of every kind costs no result and no training",
        arguments: [
            ChaosProxy.Fault.delay(upTo: .milliseconds(300)), .cut, .stall(.toServer), .stall(.toClient),
            .halfOpen, .duplicate, .truncate,
        ])
    func each(fault: ChaosProxy.Fault) throws {
        try Self.run(faults: [(fault, .milliseconds(700)), (fault, .milliseconds(100))])
    }

    @Test("faults upon faults, and a coordinator that comes back on another port, cost nothing either")
    func all() throws {
        try Self.run(
            600,
            faults: [
                (.duplicate, .zero), (.halfOpen, .milliseconds(300)), (.cut, .milliseconds(200)),
                (.stall(.toServer), .milliseconds(500)), (.truncate, .zero),
                (.delay(upTo: .milliseconds(50)), .seconds(1)), (.duplicate, .zero),
            ], restarts: 3)
    }
}
