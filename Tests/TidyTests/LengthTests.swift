import Foundation
import Testing

@Suite("Lengths of files and functions")
struct LengthTests {
    static let fileLinesMax = 500
    static let functionLinesMax = 70

    @Test("no source or test file is longer than 500 lines")
    func fileLengths() throws {
        let files = try SourceTree.swiftSources() + SourceTree.swiftTests()
        #expect(files.count > 100, "the walk found only \(files.count) files")
        for file in files where !file.path.hasSuffix("+Embedded.swift") {
            let count = file.lines.count - 1
            #expect(count <= Self.fileLinesMax, "\(file): \(count) lines; split it by its reasons to change")
        }
    }

    @Test("no function is longer than 70 lines")
    func functionLengths() throws {
        var functionCount = 0
        for file in try SourceTree.swiftSources() + SourceTree.swiftTests() {
            for (start, length) in FunctionFinder.functions(in: file.lines) {
                functionCount += 1
                #expect(length <= Self.functionLinesMax, "\(file):\(start): \(length) lines; name its parts")
            }
        }
        #expect(functionCount > 500, "the search found only \(functionCount) functions")
    }
}

/// Finds functions by their first line and the closing brace at the same indentation, which the formatter ensures.
enum FunctionFinder {
    static func functions(in lines: [String]) -> [(start: Int, length: Int)] {
        var found: [(Int, Int)] = []
        for (index, line) in lines.enumerated() where isFunctionStart(line) {
            let indentation = line.prefix { $0 == " " }
            let opensAndCloses = line.contains("{") && line.hasSuffix("}")
            if opensAndCloses { continue }
            // A requirement of a protocol has no body: what encloses it ends first.
            let end = lines[(index + 1)...].firstIndex { candidate in
                candidate.prefix { $0 == " " }.count <= indentation.count
                    && candidate.hasPrefix(indentation + "}")
                    || !candidate.isEmpty && candidate.prefix { $0 == " " }.count < indentation.count
            }
            if let end, lines[end].hasPrefix(indentation + "}") { found.append((index + 1, end - index + 1)) }
        }
        return found
    }

    private static func isFunctionStart(_ line: String) -> Bool {
        var words = line.split { " (<".contains($0) }[...]
        let modifiers: Set<Substring> = [
            "public", "package", "private", "fileprivate", "internal", "static", "mutating", "nonmutating",
            "override", "final", "borrowing", "consuming", "convenience", "required", "nonisolated",
        ]
        while let word = words.first, modifiers.contains(word) || word.hasPrefix("@") {
            words = words.dropFirst()
        }
        guard let word = words.first else { return false }
        return word == "func" || word == "init" || word == "init?" || word == "subscript"
    }
}
