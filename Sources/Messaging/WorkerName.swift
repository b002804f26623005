/// What workers are called: `node7-slot2`, or `lab.node7-slot2` where the key named `lab` speaks for them.
public enum WorkerName {
    /// The name of a slot, counted from 0, of a machine, which connects with the key called `key` or in plain text.
    public static func text(host: String, slot: Int, key: String?) -> String {
        let place = "\(host)-slot\(slot)"
        return key.map { "\($0).\(place)" } ?? place
    }

    /// The name of the key that may speak for a worker; `nil` for a worker without one.
    public static func key(of name: String) -> String? {
        name.firstIndex(of: ".").map { String(name[..<$0]) }
    }

    /// The name without that of the key: where the worker is.
    public static func place(of name: String) -> String {
        name.firstIndex(of: ".").map { String(name[name.index(after: $0)...]) } ?? name
    }

    /// Whether a key may be called `name`: letters, digits, `-` and `_`, at most 64 of them.
    ///
    /// Nothing else, so that a name can stand in a file name, in a list and before a dot.
    public static func isKeyName(_ name: String) -> Bool {
        let isPlain = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        return isPlain && (1...64).contains(name.utf8.count) && !name.hasPrefix("-")
    }
}
