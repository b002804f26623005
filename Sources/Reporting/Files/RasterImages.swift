internal import Foundation

/// PNG and PDF files beside SVG plots, made by `rsvg-convert` where it is installed.
public enum RasterImages {
    /// A conversion that failed; the SVG is complete.
    public struct Failure: Error, Hashable, CustomStringConvertible {
        public let description: String
    }

    /// Where the converter is; `nil` where it is not installed.
    public static var converter: String? {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
        return folders.map { "\($0)/rsvg-convert" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// What to tell a user without the converter.
    public static let missingNote =
        "no PNG and PDF files: rsvg-convert is not installed (Debian: apt-get install librsvg2-bin)"

    /// Writes `<name>.png` (twice the size of the drawing) and `<name>.pdf` beside an SVG file.
    ///
    /// - Parameters:
    ///   - svg: The path of the SVG file.
    ///   - converter: The path of `rsvg-convert`.
    /// - Throws: ``Failure`` when the converter cannot be started or reports an error.
    public static func convert(_ svg: String, converter: String) throws(Failure) {
        let stem = svg.hasSuffix(".svg") ? String(svg.dropLast(4)) : svg
        for (format, options) in [("png", ["--zoom", "2"]), ("pdf", [])] {
            let target = "\(stem).\(format)"
            let partial = "\(target).\(getpid()).part"
            do {
                try run(converter, ["--format", format] + options + ["--output", partial, "--", svg])
            } catch {
                unlink(partial)
                throw Failure(description: "\(target) could not be made: \(error.description)")
            }
            if rename(partial, target) != 0 {
                let reason = String(cString: strerror(errno))
                unlink(partial)
                throw Failure(description: "\(target) could not be written: \(reason)")
            }
        }
    }

    private static func run(_ program: String, _ arguments: [String]) throws(Failure) {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        let complaints = Pipe()
        process.standardError = complaints
        do {
            try process.run()
        } catch {
            throw Failure(description: "\(program) could not be started: \(error.localizedDescription)")
        }
        // Read to the end before waiting: a full pipe would stop the converter for ever.
        let output = complaints.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        if process.terminationStatus != 0 {
            let text =
                String(decoding: output, as: UTF8.self).split(separator: "\n").first ?? "no reason given"
            throw Failure(description: "\(program) ended with status \(process.terminationStatus): \(text)")
        }
    }
}
