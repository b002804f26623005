import Foundation
import Sweeps

/// A file of `Tests/Fixtures`.
func fixture(_ name: String) throws -> Data {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    return try Data(contentsOf: folder.appending(path: "Fixtures/\(name)"))
}

/// A flat map of JSON as a section of a configuration.
struct JSONSetting: Decodable {
    let setting: Setting

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        var map = SettingMap()
        for key in container.allKeys { map[key.stringValue] = try JSONSetting.value(key, container) }
        setting = .map(map)
    }

    private static func value(_ key: Key, _ container: KeyedDecodingContainer<Key>) throws -> Setting {
        if let boolean = try? container.decode(Bool.self, forKey: key) { return .boolean(boolean) }
        if let count = try? container.decode(Int.self, forKey: key) { return .integer(count) }
        if let number = try? container.decode(Double.self, forKey: key) { return .number(number) }
        if let numbers = try? container.decode([Int].self, forKey: key) {
            return .list(numbers.map(Setting.integer))
        }
        return .text(try container.decode(String.self, forKey: key))
    }

    private struct Key: CodingKey {
        let stringValue: String
        let intValue: Int? = nil
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}
