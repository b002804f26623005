import Foundation

/// Prints one JSON document with sorted keys: the stable form of what a command says.
///
/// Numbers that JSON lacks are the texts `nan`, `inf` and `-inf`.
func printJSON(_ value: some Encodable) throws { try printJSON(value, [.prettyPrinted]) }

/// Prints one JSON document in one line.
func printJSONLine(_ value: some Encodable) throws { try printJSON(value, []) }

private func printJSON(_ value: some Encodable, _ formatting: JSONEncoder.OutputFormatting) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = formatting.union([.sortedKeys, .withoutEscapingSlashes])
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
        positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    print(String(decoding: try encoder.encode(value), as: UTF8.self))
}
