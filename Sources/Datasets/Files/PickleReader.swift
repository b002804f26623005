/// A value of a pickle, Python's serialisation.
///
/// Nothing is ever run: classes and functions are names, and what they would be called with is kept as it stands.
enum PickledValue {
    case none
    /// Truth values are 0 and 1, as in Python.
    case integer(Int)
    /// Also text, in UTF-8.
    case bytes(ArraySlice<UInt8>)
    case tuple([PickledValue])
    case list(PickledList)
    case dictionary(PickledDictionary)
    case name(String)
    case object(PickledObject)

    var integer: Int? { if case .integer(let value) = self { value } else { nil } }
    var text: String? {
        if case .bytes(let bytes) = self { String(decoding: bytes, as: UTF8.self) } else { nil }
    }
}

/// A list: a class, because a pickle may name it first and fill it later.
final class PickledList {
    fileprivate(set) var items: [PickledValue] = []
}

/// A dictionary whose keys are texts; entries under other keys are left out.
final class PickledDictionary {
    private var items: [String: PickledValue] = [:]

    fileprivate(set) subscript(key: String) -> PickledValue? {
        get { items[key] }
        set { items[key] = newValue }
    }
}

/// What some function would make of arguments, and the state that it would be given then.
final class PickledObject {
    let maker: String
    let arguments: [PickledValue]
    fileprivate(set) var state: PickledValue?

    fileprivate init(maker: String, arguments: [PickledValue]) {
        self.maker = maker
        self.arguments = arguments
    }
}

/// Reads pickles of protocol 2 (Python's PEP 307), which is what Python 2 wrote.
///
/// A stack machine with a memory. Operations that published data sets do not use are refused.
struct PickleReader {
    private let bytes: [UInt8]
    private let path: String
    private var position = 0
    private var stack: [PickledValue] = []
    /// Where on the stack the items of open groups begin.
    private var marks: [Int] = []
    private var memory: [Int: PickledValue] = [:]

    private init(_ bytes: [UInt8], path: String) {
        self.bytes = bytes
        self.path = path
    }

    /// The value of a whole file.
    ///
    /// - Throws: ``DatasetError/damaged(file:problem:)`` for a file that is cut off or no such pickle.
    static func value(of bytes: [UInt8], path: String) throws(DatasetError) -> PickledValue {
        var reader = PickleReader(bytes, path: path)
        return try reader.run()
    }

    private mutating func run() throws(DatasetError) -> PickledValue {
        while true {
            let operation = try byte()
            if operation == UInt8(ascii: ".") { break }
            if try readScalar(operation) { continue }
            if try readContainer(operation) { continue }
            throw .damaged(
                file: path,
                problem: "it is no pickle of Python 2: operation \(operation) at byte \(position - 1)")
        }
        let value = try pop()
        guard position == bytes.count else {
            throw .damaged(file: path, problem: "it goes on behind its end at byte \(position)")
        }
        return value
    }

    /// Numbers, texts, names and the memory.
    private mutating func readScalar(_ operation: UInt8) throws(DatasetError) -> Bool {
        switch operation {
        case 0x80: _ = try byte()
        case UInt8(ascii: "N"): stack.append(.none)
        case 0x88: stack.append(.integer(1))
        case 0x89: stack.append(.integer(0))
        case UInt8(ascii: "K"): stack.append(.integer(try number(1)))
        case UInt8(ascii: "M"): stack.append(.integer(try number(2)))
        case UInt8(ascii: "J"):
            stack.append(.integer(Int(Int32(truncatingIfNeeded: try number(4)))))
        case UInt8(ascii: "U"): stack.append(.bytes(try take(try number(1))))
        case UInt8(ascii: "T"), UInt8(ascii: "X"): stack.append(.bytes(try take(try number(4))))
        case UInt8(ascii: "c"):
            let module = try line()
            stack.append(.name("\(module).\(try line())"))
        case UInt8(ascii: "q"): memory[try number(1)] = try top()
        case UInt8(ascii: "r"): memory[try number(4)] = try top()
        case UInt8(ascii: "h"): stack.append(try remembered(try number(1)))
        case UInt8(ascii: "j"): stack.append(try remembered(try number(4)))
        default: return false
        }
        return true
    }

    /// Tuples, lists, dictionaries and objects.
    private mutating func readContainer(_ operation: UInt8) throws(DatasetError) -> Bool {
        switch operation {
        case UInt8(ascii: "("): marks.append(stack.count)
        case UInt8(ascii: ")"): stack.append(.tuple([]))
        case 0x85, 0x86, 0x87:
            var items: [PickledValue] = []
            for _ in 0...operation - 0x85 { items.append(try pop()) }
            stack.append(.tuple(items.reversed()))
        case UInt8(ascii: "t"): stack.append(.tuple(try popGroup()))
        case UInt8(ascii: "]"): stack.append(.list(PickledList()))
        case UInt8(ascii: "a"): try append([try pop()])
        case UInt8(ascii: "e"): try append(try popGroup())
        case UInt8(ascii: "}"): stack.append(.dictionary(PickledDictionary()))
        case UInt8(ascii: "s"):
            let value = try pop()
            try set([try pop(), value])
        case UInt8(ascii: "u"): try set(try popGroup())
        case UInt8(ascii: "R"):
            guard case .tuple(let arguments) = try pop(), case .name(let maker) = try pop() else {
                throw misshapen
            }
            stack.append(.object(PickledObject(maker: maker, arguments: arguments)))
        case UInt8(ascii: "b"):
            let state = try pop()
            guard case .object(let object) = try top() else { throw misshapen }
            object.state = state
        default: return false
        }
        return true
    }

    private mutating func append(_ items: [PickledValue]) throws(DatasetError) {
        guard case .list(let list) = try top() else { throw misshapen }
        list.items += items
    }

    private mutating func set(_ items: [PickledValue]) throws(DatasetError) {
        guard case .dictionary(let dictionary) = try top(), items.count.isMultiple(of: 2) else {
            throw misshapen
        }
        for index in stride(from: 0, to: items.count, by: 2) {
            if let key = items[index].text { dictionary[key] = items[index + 1] }
        }
    }

    // MARK: Stack and memory

    private var misshapen: DatasetError {
        .damaged(file: path, problem: "its pickle is damaged at byte \(position - 1)")
    }

    private func top() throws(DatasetError) -> PickledValue {
        // An open group hides what is below it.
        guard let value = stack.last, stack.count > marks.last ?? 0 else { throw misshapen }
        return value
    }

    private mutating func pop() throws(DatasetError) -> PickledValue {
        let value = try top()
        stack.removeLast()
        return value
    }

    private mutating func popGroup() throws(DatasetError) -> [PickledValue] {
        guard let mark = marks.popLast() else { throw misshapen }
        defer { stack.removeSubrange(mark...) }
        return Array(stack[mark...])
    }

    private func remembered(_ place: Int) throws(DatasetError) -> PickledValue {
        guard let value = memory[place] else { throw misshapen }
        return value
    }

    // MARK: Bytes

    private mutating func byte() throws(DatasetError) -> UInt8 { UInt8(try number(1)) }

    /// The next bytes as a number, least significant first.
    private mutating func number(_ count: Int) throws(DatasetError) -> Int {
        try take(count).reversed().reduce(0) { $0 << 8 | Int($1) }
    }

    private mutating func take(_ count: Int) throws(DatasetError) -> ArraySlice<UInt8> {
        guard count <= bytes.count - position else {
            throw .damaged(file: path, problem: "it is truncated: its pickle does not end")
        }
        defer { position += count }
        return bytes[position..<position + count]
    }

    private mutating func line() throws(DatasetError) -> String {
        let end = bytes[position...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
        let text = String(decoding: try take(end - position), as: UTF8.self)
        _ = try byte()
        return text
    }
}
