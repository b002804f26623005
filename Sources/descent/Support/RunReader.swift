import Experiments
import ResultStore
import Runtime
import Sweeps

/// A run directory opened for reading, also while a coordinator works on it.
struct RunReader {
    private let opened: OpenedRun

    init(_ path: String) throws {
        opened = try OpenedRun.open(RunDirectory(path), schema: Vocabulary.schema, for: .reading)
    }

    /// What makes the files of the run.
    func collector() throws -> Collector { try RunReader.collector(of: opened) }

    static func collector(of opened: OpenedRun) throws -> Collector {
        guard let configuration = opened.grid.first?.configuration else {
            return try Collector(opened, columns: [], layerMetrics: [], figures: ReportSpec())
        }
        return try Collector(
            opened, columns: Vocabulary.columns(of: configuration),
            layerMetrics: Vocabulary.layerMetrics(of: configuration),
            figures: Vocabulary.figures(of: configuration))
    }

    /// A task of the run by its id, with the axes and the name of the sweep.
    ///
    /// - Throws: ``UnknownTask`` for an id that the run does not have.
    func task(_ text: String) throws -> (task: TrainingTask, axes: [Axis], name: String) {
        guard let id = TaskID(text), let task = try opened.store.task(id) else {
            throw UnknownTask(id: text, run: opened.directory.path)
        }
        return (task, opened.grid.axes, opened.grid.spec.name)
    }
}

/// An id that names no task of a run.
struct UnknownTask: Error, CustomStringConvertible {
    let id: String
    let run: String

    var description: String {
        "\(run): holds no task '\(id)'; the first column of results/measurements.csv has the ids"
    }
}
