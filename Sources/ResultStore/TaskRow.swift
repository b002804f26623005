import Basics
import Foundation
import Sweeps

/// The part of a task's row that never changes, with a checksum over it: SQLite keeps none of its own.
struct TaskRow {
    let ordinal: Int
    let id: String
    let configuration: String
    let environment: String
    let axisValues: String

    init(_ task: TrainingTask, ordinal: Int) {
        self.init(
            ordinal: ordinal, id: task.id.text, configuration: task.configuration.canonicalText,
            environment: task.environment.canonicalText,
            axisValues: Setting.list(task.axisValues).canonicalText)
    }

    init(ordinal: Int, id: String, configuration: String, environment: String, axisValues: String) {
        self.ordinal = ordinal
        self.id = id
        self.configuration = configuration
        self.environment = environment
        self.axisValues = axisValues
    }

    /// Eight bytes over everything here; no text of ours holds a bare newline.
    var checksum: Data {
        let text = [String(ordinal), id, configuration, environment, axisValues].joined(separator: "\n")
        return Data(ContentHash(of: text).bytes.prefix(8))
    }

    /// The task; `nil` where a text is no setting, or the configuration is that of another task.
    var task: TrainingTask? {
        guard let configuration = Setting(json: configuration), let environment = Setting(json: environment),
            let axisValues = Setting(json: axisValues)?.asList
        else { return nil }
        let task = TrainingTask(
            configuration: configuration, environment: environment, axisValues: axisValues)
        return task.id.text == id ? task : nil
    }
}
