import Foundation

/// A temporary folder that goes when the test does.
final class Scratch {
    let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(
            path: "descent end-to-end \(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// Writes a file below the folder and returns its place.
    @discardableResult
    func write(_ text: String, to name: String) throws -> URL {
        let url = folder.appending(path: name)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
        return url
    }

    /// The bytes of the three result files that must never differ, by name.
    func results(of run: String) throws -> [String: Data] {
        var files: [String: Data] = [:]
        for name in ["measurements.csv", "layers.csv", "summary.csv"] {
            files[name] = try Data(contentsOf: folder.appending(path: "\(run)/results/\(name)"))
        }
        return files
    }

    /// The lines of a CSV file of a run, header first.
    func lines(of name: String, in run: String) throws -> [String] {
        let text = try String(contentsOf: folder.appending(path: "\(run)/results/\(name)"), encoding: .utf8)
        return text.split(whereSeparator: \.isNewline).map(String.init)
    }

    func exists(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: folder.appending(path: name).path)
    }
}

/// Sweeps small enough for a test and real in every part.
enum SmallSweep {
    /// 3 widths × 2 rates × 2 seeds = 12 tasks of about `epochs` × 30 µs.
    static func yaml(name: String = "small", epochs: Int = 20) -> String {
        """
        name: \(name)
        dataset:
          name: digits
          train: 300
          test: 400
          scaling: standard
          noise: {kind: exact-other, rate: 0.2}
        model: {family: mlp, width: 4, depth: 1, activation: relu, init: {scheme: kaiming-normal}}
        optimizer: {name: adam, learning-rate: 0.005}
        training: {loss: cross-entropy, batch: 100, epochs: \(epochs)}
        measure:
          at: logarithmic
          probes:
            - jacobian-norm: {points: 100}
            - local-complexity: {radii: [0.05, 0.5], directions: 10, points: 50}
        grid:
          model.width: [2, 8, 32]
          dataset.noise.rate: [0, 0.2]
          seed: [0, 1]
        """
    }
}

/// Waits until `condition` holds; false when it has not after five minutes: a busy machine takes its time.
func eventually(_ condition: () throws -> Bool) rethrows -> Bool {
    let deadline = ContinuousClock.now + .seconds(300)
    while ContinuousClock.now < deadline {
        if try condition() { return true }
        usleep(5_000)
    }
    return try condition()
}
