internal import Synchronization

/// A value that one thread publishes and others look at.
final class Shared<Value: Sendable>: Sendable {
    private let value: Mutex<Value>

    init(_ value: Value) { self.value = Mutex(value) }

    var current: Value { value.withLock { $0 } }

    func publish(_ value: Value) { self.value.withLock { $0 = value } }

    func update<Result: Sendable>(_ change: (inout Value) -> Result) -> Result {
        value.withLock { value in change(&value) }
    }
}
