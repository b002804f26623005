internal import Foundation

/// PNG and PDF files beside SVG plots, made by `rsvg-convert` where it is installed.
public enum RasterImages {
    /// A conversion that failed.
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    /// Where the converter is; `nil` where it is not installed.
    public static var converter: String? {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":")
        return folders.map { "\($0)/rsvg-convert" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// Writes `<name>.png` (twice the size of the drawing) and `<name>.pdf` beside an SVG file.
    ///
    /// - Parameters:
    ///   - svg: The path of the SVG file.
    ///   - converter: The path of `rsvg-convert`.
    /// - Throws: ``Failure`` when the converter cannot be started or reports an error.
    public static func convert(_ svg: String, converter: String) throws {
        let stem = svg.hasSuffix(".svg") ? String(svg.dropLast(4)) : svg
        for (format, options) in [("png", ["--zoom", "2"]), ("pdf", [])] {
            let target = "\(stem).\(format)"
            let process = Process()
            process.executableURL = URL(filePath: converter)
            process.arguments = ["--format", format] + options + ["--output", target + ".part", svg]
            process.standardError = FileHandle.nullDevice
            try process.run()
            process.waitUntilExit()
            guard process.terminationStatus == 0, rename(target + ".part", target) == 0 else {
                unlink(target + ".part")
                throw Failure(description: "rsvg-convert could not make \(target); the SVG is complete")
            }
        }
    }
}
