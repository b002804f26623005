internal import Datasets
internal import LinearAlgebra
internal import Networks
internal import Probes
internal import Sweeps
internal import Training

extension TaskPlan {
    /// The section `dataset` of the configuration.
    private var datasetSection: Setting { configuration["dataset"] ?? .null }

    /// Reads, draws, scales and labels the data.
    func loadDataset(_ environment: Setting) throws(TaskError) -> Dataset {
        do {
            return try Datasets.Catalog.load(datasetSection, environment: environment, seed: seed)
        } catch {
            throw TaskError(error)
        }
    }

    func makeNetwork<Scalar: Real>(
        input: ImageShape, classCount: Int
    ) throws(TaskError) -> any Network<Scalar> {
        try TaskPlan.makeNetwork(configuration["model"] ?? .null, input: input, classCount: classCount)
    }

    func makeLoss<Scalar: Real>() throws(TaskError) -> any Loss<Scalar> {
        try TaskPlan.makeLoss(configuration["training.loss"]?.asText ?? "cross-entropy")
    }

    static func makeNetwork<Scalar: Real>(
        _ model: Setting, input: ImageShape, classCount: Int
    ) throws(TaskError) -> any Network<Scalar> {
        do {
            return try Networks.Catalog.makeNetwork(model: model, inputShape: input, classCount: classCount)
        } catch {
            throw .invalid(error.description)
        }
    }

    static func makeLoss<Scalar: Real>(_ name: String) throws(TaskError) -> any Loss<Scalar> {
        do {
            return try Networks.Catalog.makeLoss(named: name)
        } catch {
            throw .invalid(error.description)
        }
    }

    /// The shape of one input, known without opening a file.
    func inputShape() throws(TaskError) -> ImageShape { try datasetFacts().shape }

    private func datasetFacts() throws(TaskError) -> DatasetFacts {
        let facts: DatasetFacts?
        do {
            facts = try Datasets.Catalog.facts(of: datasetSection)
        } catch {
            throw TaskError(error)
        }
        guard let facts else {
            let name = datasetSection["name"]?.asText ?? ""
            throw .invalid("dataset.name is '\(name)', of which nothing is known; see `descent catalog`")
        }
        return facts
    }

    /// Bytes of the data: a byte a pixel for the whole set, for each drawn sample two labels and its place, and
    /// an augmented batch.
    func dataBytes(_ subject: ProbeSubject) throws(TaskError) -> Double {
        let facts = try datasetFacts()
        let whole = (facts.trainCount + (facts.testCount ?? 0)) * subject.inputCount
        let augmented = recipe.cropsAndFlips ? recipe.batch * subject.inputCount : 0
        return Double(whole + augmented + (subject.trainCount + subject.testCount) * 16)
    }

    /// What costs depend on, without opening a file.
    ///
    /// - Throws: ``TaskError`` for a request that can never be met: too many samples, a batch larger than the data, a
    ///   probe that does not fit the inputs.
    func subject() throws(TaskError) -> ProbeSubject {
        let facts = try datasetFacts()
        let drawn: (train: Int, test: Int)
        do {
            drawn = try facts.drawn(by: datasetSection)
        } catch {
            throw TaskError(error)
        }
        let network: any Network<Float> = try makeNetwork(input: facts.shape, classCount: facts.classCount)
        let subject = ProbeSubject(
            network, trainCount: drawn.train, testCount: drawn.test, configuration: configuration)
        do {
            try recipe.check(sampleCount: drawn.train, batchMin: network.batchMin)
        } catch {
            throw .invalid(error.description)
        }
        if recipe.cropsAndFlips, let problem = CropFlip.problem(with: facts.shape) {
            throw .invalid(TrainingError.augmentation(problem).description)
        }
        for probe in probes {
            if let problem = probe.problem(with: subject) {
                throw .invalid("measure.probes.\(type(of: probe).entry.name): \(problem)")
            }
        }
        return subject
    }
}

extension TaskError {
    /// The failure that a data set's error stands for: what no machine has, or what this one lacks.
    init(_ error: DatasetError) {
        switch error {
        case .missing, .damaged: self = .failed(.inputOutput, message: error.description)
        case .impossible: self = .invalid(error.description)
        }
    }
}
