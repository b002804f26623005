import Basics
import Glibc
import Runtime

/// Something that a test waited for did not come in time.
struct Timeout: Error, CustomStringConvertible {
    let description: String
}

/// Asks again and again until `attempt` gives a value, for at most five minutes.
func firstValue<Value>(of what: String, _ attempt: () throws -> Value?) throws -> Value {
    let deadline = SystemClock.now + .seconds(300)
    while true {
        if let value = try attempt() { return value }
        if SystemClock.now > deadline { throw Timeout(description: "waited in vain for \(what)") }
        // The other threads of the test need the processor more.
        poll(nil, 0, 2)
    }
}

/// Waits until `condition` holds, for at most five minutes.
func eventually(_ what: String, _ condition: () throws -> Bool) throws {
    try firstValue(of: what) { try condition() ? () : nil }
}
