import Messaging
import Testing

@Suite("Worker names")
struct WorkerNameTests {
    @Test("a name tells the place of the worker and the key that speaks for it")
    func parts() {
        let plain = WorkerName.text(host: "node7", slot: 2, key: nil)
        #expect(plain == "node7-slot2")
        #expect(WorkerName.key(of: plain) == nil)
        #expect(WorkerName.place(of: plain) == "node7-slot2")
        let keyed = WorkerName.text(host: "node7", slot: 2, key: "lab")
        #expect(keyed == "lab.node7-slot2")
        #expect(WorkerName.key(of: keyed) == "lab")
        #expect(WorkerName.place(of: keyed) == "node7-slot2")
    }

    @Test(
        "names of keys are letters, digits, hyphens and underscores", arguments: ["a", "node-7", "A_1", "9"])
    func goodKeyNames(name: String) { #expect(WorkerName.isKeyName(name)) }

    @Test(
        "anything else names no key",
        arguments: [
            "", ".", "..", "a.b", "a/b", "a b", "-a", "ä", "a\n", "=1+1", String(repeating: "a", count: 65),
        ])
    func badKeyNames(name: String) { #expect(!WorkerName.isKeyName(name)) }
}
