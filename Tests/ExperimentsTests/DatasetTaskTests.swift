import Experiments
import Sweeps
import Testing

@Suite("Tasks on made-up data")
struct DatasetTaskTests {
    /// Options of a small `synthetic` data set.
    static let synthetic: [(String, Setting)] = [
        (
            "dataset",
            [
                "name": "synthetic", "train": 60, "test": 40, "channels": 2, "height": 8, "width": 8,
                "classes": 3,
            ]
        )
    ]

    @Test("augmentation changes training and not what is measured before it")
    func augmentation() throws {
        let plain = try run(Self.synthetic)
        let augmented = try run(Self.synthetic + [("dataset.augmentation", "crop-flip")])
        #expect(augmented.measurements.first == plain.measurements.first)
        #expect(augmented.measurements.last != plain.measurements.last)
        #expect(augmented == (try run(Self.synthetic + [("dataset.augmentation", "crop-flip")])))
    }

    @Test("augmentation of images that it would push out of their frame can never run")
    func tooSmall() throws {
        let settings = try resolved(
            Self.synthetic + [("dataset.augmentation", "crop-flip"), ("dataset.width", 1)])
        let error = #expect(throws: TaskError.self) { try TaskCost.predict(settings.configuration) }
        #expect(error?.failure == .invalidConfiguration)
        #expect(error?.description.contains("dataset.augmentation: crop-flip") == true)
    }

    @Test("more classes than have samples are refused before any task runs, naming the key")
    func asymmetricNoise() throws {
        let settings = try resolved([
            ("dataset.train", 3),
            ("dataset.noise", ["kind": "asymmetric-classes", "classes": 10, "fraction": 0.5]),
            ("training.batch", 3),
        ])
        let error = #expect(throws: (any Error).self) {
            try Preflight.checkData(
                of: TrainingTask(
                    configuration: settings.configuration, environment: settings.environment,
                    axisValues: []))
        }
        #expect("\(error.map { "\($0)" } ?? "")".hasPrefix("dataset.noise: class ") == true)
    }
}
