import Foundation
import Testing

@Suite("Documents")
struct DocumentTests {
    @Test("every link to a file in a Markdown document resolves")
    func linksResolve() throws {
        var linkCount = 0
        for file in try SourceTree.files(in: "", ending: [".md"]) where !file.path.hasPrefix("runs/") {
            let folder = SourceTree.root.appending(path: file.path).deletingLastPathComponent()
            for (index, line) in file.lines.enumerated() {
                for match in line.matches(of: /\]\(([^)#\s]+)(?:#[^)]*)?\)/) {
                    let target = String(match.output.1)
                    if target.contains("://") || target.hasPrefix("mailto:") { continue }
                    linkCount += 1
                    let exists = FileManager.default.fileExists(atPath: folder.appending(path: target).path)
                    #expect(exists, "\(file):\(index + 1): nothing at \(target)")
                }
            }
        }
        #expect(linkCount > 10, "the search found only \(linkCount) links")
    }

    @Test("every golden file is used by a test")
    func goldensAreUsed() throws {
        let tests = try SourceTree.swiftTests().map { $0.lines.joined(separator: "\n") }.joined(
            separator: "\n")
        let folder = SourceTree.root.appending(path: "Tests/Goldens")
        let goldens = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
        #expect(!goldens.isEmpty, "Tests/Goldens is empty")
        for golden in goldens {
            let url = folder.appending(path: golden)
            if try url.resourceValues(forKeys: [.isDirectoryKey]).isDirectory == true { continue }
            let stem = url.deletingPathExtension().lastPathComponent
            let isNamed = tests.contains(url.lastPathComponent) || tests.contains("\"\(stem)\"")
            #expect(isNamed, "Tests/Goldens/\(golden) is used by no test")
        }
    }

    @Test("the import table of docs/architecture.md names every module")
    func everyModuleIsInTheTable() throws {
        let table = try String(
            contentsOf: SourceTree.root.appending(path: "docs/architecture.md"), encoding: .utf8)
        let modules = try FileManager.default.contentsOfDirectory(
            atPath: SourceTree.root.appending(path: "Sources").path)
        for module in modules {
            let isThere = table.contains("| \(module) |")
            #expect(isThere, "docs/architecture.md has no row for \(module)")
        }
    }
}
