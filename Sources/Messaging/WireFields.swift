public import Basics
public import Sweeps

/// The fields of a body, read with their kinds and limits checked; unknown fields are skipped.
public struct WireFields: Sendable {
    private let map: SettingMap
    private let limits: WireLimits

    public init(_ map: SettingMap, limits: WireLimits) {
        self.map = map
        self.limits = limits
    }

    /// The field `key`, whatever it is.
    public func setting(_ key: String) throws(WireError) -> Setting {
        guard let setting = map[key] else { throw .body(field: key) }
        return setting
    }

    public func text(_ key: String) throws(WireError) -> String {
        guard let text = map[key]?.asText, text.utf8.count <= limits.textBytesMax else {
            throw .body(field: key)
        }
        return text
    }

    /// A text; `nil` where the field is missing or null.
    public func optionalText(_ key: String) throws(WireError) -> String? {
        if map[key] == nil || map[key] == .null { nil } else { try text(key) }
    }

    public func integer(_ key: String, in range: ClosedRange<Int> = 0...Int.max) throws(WireError) -> Int {
        guard let integer = map[key]?.asInteger, range.contains(integer) else { throw .body(field: key) }
        return integer
    }

    /// A count; `nil` where the field is missing or null, as older peers leave it.
    public func optionalInteger(_ key: String) throws(WireError) -> Int? {
        map[key] == nil || map[key] == .null ? nil : try integer(key)
    }

    /// A few counts; none where the field is missing.
    func optionalIntegers(_ key: String) throws(WireError) -> [Int] {
        guard let setting = map[key] else { return [] }
        guard let list = setting.asList, list.count <= 16 else { throw .body(field: key) }
        var integers: [Int] = []
        for setting in list {
            guard let integer = setting.asInteger, integer >= 0 else { throw .body(field: key) }
            integers.append(integer)
        }
        return integers
    }

    func flag(_ key: String) throws(WireError) -> Bool {
        guard let flag = map[key]?.asBoolean else { throw .body(field: key) }
        return flag
    }

    /// A truth; `nil` where the field is missing, as older peers leave it.
    func optionalFlag(_ key: String) throws(WireError) -> Bool? { map[key] == nil ? nil : try flag(key) }

    /// A number, which may be NaN or infinite; `nil` where the field is missing or null.
    public func optionalNumber(_ key: String) throws(WireError) -> Double? {
        switch map[key] {
        case nil, .null: return nil
        case .text("nan"): return .nan
        case .text("inf"): return .infinity
        case .text("-inf"): return -.infinity
        case let setting?:
            guard let number = setting.asNumber else { throw .body(field: key) }
            return number
        }
    }

    /// A duration of at most a year: no sum of two overflows an `Instant`.
    public func duration(_ key: String) throws(WireError) -> Duration {
        .nanoseconds(try integer(key, in: 0...31_536_000_000_000_000))
    }

    /// A duration; `nil` where the field is missing or null, as older peers leave it.
    public func optionalDuration(_ key: String) throws(WireError) -> Duration? {
        map[key] == nil || map[key] == .null ? nil : try duration(key)
    }

    public func choice<Choice: RawRepresentable<String>>(_ key: String) throws(WireError) -> Choice {
        guard let choice = Choice(rawValue: try text(key)) else { throw .body(field: key) }
        return choice
    }

    public func contentHash(_ key: String) throws(WireError) -> ContentHash {
        guard let hash = ContentHash(hexadecimal: try text(key)) else { throw .body(field: key) }
        return hash
    }

    /// The assignment of a body that speaks of one: its fields are `task` and `attempt`.
    public func assignment() throws(WireError) -> Assignment {
        guard let task = TaskID(try text("task")) else { throw .body(field: "task") }
        return Assignment(task: task, attempt: UInt32(try integer("attempt", in: 1...Int(UInt32.max))))
    }

    /// The fields of the map `key`.
    public func fields(_ key: String) throws(WireError) -> WireFields {
        guard let map = map[key]?.asMap else { throw .body(field: key) }
        return WireFields(map, limits: limits)
    }

    /// The fields of the map `key`; `nil` where it is missing or null.
    public func optionalFields(_ key: String) throws(WireError) -> WireFields? {
        if map[key] == nil || map[key] == .null { nil } else { try fields(key) }
    }

    /// The fields of each map in the list `key`, of which there are at most ``WireLimits/assignmentsMax``.
    public func list<Element>(
        _ key: String, _ read: (WireFields) throws(WireError) -> Element
    ) throws(WireError) -> [Element] {
        guard let settings = map[key]?.asList, settings.count <= limits.assignmentsMax else {
            throw .body(field: key)
        }
        var elements: [Element] = []
        elements.reserveCapacity(settings.count)
        for setting in settings {
            guard let map = setting.asMap else { throw .body(field: key) }
            elements.append(try read(WireFields(map, limits: limits)))
        }
        return elements
    }
}

extension Assignment {
    /// The fields that ``WireFields/assignment()`` reads.
    var wireFields: Setting { ["attempt": .integer(Int(attempt)), "task": .text(task.text)] }
}

extension Setting {
    /// A duration as whole nanoseconds.
    init(_ duration: Duration) { self = .integer(Int(duration.wholeNanoseconds)) }

    /// This map with the entries of `more` added.
    func adding(_ more: Setting) -> Setting {
        var sum = asMap ?? SettingMap()
        for entry in more.asMap?.entries ?? [] { sum[entry.key] = entry.setting }
        return .map(sum)
    }
}
