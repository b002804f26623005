/// A value of a sweep file: what YAML can say, without its spelling.
///
/// Settings are compared, ordered and hashed by meaning: maps keep their keys sorted, and ``canonicalText`` is the
/// same for the same setting on every machine.
public indirect enum Setting: Hashable, Sendable {
    case null
    case boolean(Bool)
    case integer(Int)
    case number(Double)
    case text(String)
    case list([Setting])
    case map(SettingMap)
}

extension Setting {
    /// The value as a number, whether it was written as an integer or not.
    public var asNumber: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }

    public var asInteger: Int? { if case .integer(let value) = self { value } else { nil } }
    public var asBoolean: Bool? { if case .boolean(let value) = self { value } else { nil } }
    public var asText: String? { if case .text(let value) = self { value } else { nil } }
    public var asList: [Setting]? { if case .list(let value) = self { value } else { nil } }
    public var asMap: SettingMap? { if case .map(let value) = self { value } else { nil } }

    /// The setting at a path of keys joined by dots, such as `dataset.noise.rate`.
    ///
    /// Reading what is not there gives `nil`; assigning creates the maps on the way, replacing what is no map;
    /// assigning `nil` removes the key.
    public subscript(path: String) -> Setting? {
        get {
            guard case .map(let map) = self else { return path.isEmpty ? self : nil }
            // Most paths are one key.
            if !path.isEmpty, !path.utf8.contains(UInt8(ascii: ".")) { return map[path] }
            return path.split(separator: ".").reduce(self) { setting, key in setting?.asMap?[String(key)] }
        }
        set { assign(newValue, at: path.split(separator: ".").map(String.init)[...]) }
    }

    private mutating func assign(_ value: Setting?, at keys: ArraySlice<String>) {
        guard let key = keys.first else {
            self = value ?? .null
            return
        }
        var map = asMap ?? SettingMap()
        // The only reference left to the entries, which are changed in their place.
        self = .null
        if keys.count == 1 {
            map[key] = value
        } else {
            var child = map[key] ?? .map(SettingMap())
            child.assign(value, at: keys.dropFirst())
            map[key] = child
        }
        self = .map(map)
    }
}

extension Setting: ExpressibleByDictionaryLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral
{
    public init(dictionaryLiteral elements: (String, Setting)...) {
        var map = SettingMap()
        for (key, setting) in elements { map[key] = setting }
        self = .map(map)
    }

    public init(integerLiteral value: Int) { self = .integer(value) }
    public init(floatLiteral value: Double) { self = .number(value) }
    public init(stringLiteral value: String) { self = .text(value) }
    public init(booleanLiteral value: Bool) { self = .boolean(value) }
    public init(arrayLiteral elements: Setting...) { self = .list(elements) }
}

/// Settings by key, kept sorted by key so that order of writing never matters.
public struct SettingMap: Hashable, Sendable, ExpressibleByDictionaryLiteral {
    /// One key with its setting.
    public struct Entry: Hashable, Sendable {
        public let key: String
        public var setting: Setting
    }

    /// All entries, sorted by the bytes of their keys.
    public private(set) var entries: [Entry] = []

    public init() {}

    public init(dictionaryLiteral elements: (String, Setting)...) {
        entries.reserveCapacity(elements.count)
        for (key, setting) in elements { self[key] = setting }
    }

    public var keys: [String] { entries.map(\.key) }

    public subscript(key: String) -> Setting? {
        // Maps are small, and texts are compared for equality much faster than for their order.
        get { entries.first { $0.key == key }?.setting }
        set {
            let index = insertionIndex(of: key)
            let exists = index < entries.count && entries[index].key == key
            switch (newValue, exists) {
            case (let setting?, true): entries[index].setting = setting
            case (let setting?, false): entries.insert(Entry(key: key, setting: setting), at: index)
            case (nil, true): entries.remove(at: index)
            case (nil, false): break
            }
        }
    }

    private func insertionIndex(of key: String) -> Int {
        // Most maps are written in order.
        guard let last = entries.last, !last.key.utf8.lexicographicallyPrecedes(key.utf8) else {
            return entries.count
        }
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].key.utf8.lexicographicallyPrecedes(key.utf8) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }
}
