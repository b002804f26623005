internal import Basics
internal import Datasets
internal import LinearAlgebra
internal import Networks
internal import Probes
internal import Sweeps
internal import Training

/// One task under way in one precision: trains to the next measured epoch, measures, and goes on.
final class TaskRun<Scalar: Real> {
    let trainer: Trainer<Scalar>
    let plan: TaskPlan
    private let dataset: Dataset
    private let evaluator: Evaluator<Scalar>
    private let scratch = ProbeScratch()
    private let now: () -> Instant
    var records: [EpochRecord] = []
    /// What another task with the same training left.
    var recollection: Recollection?
    private var latest: [Double?] = Metrics().scalars
    private var times: TaskTimes
    /// Where training starts here: 0, or the step of a checkpoint.
    var startStep = 0

    /// Makes the network and everything it needs; the first parameters are drawn here.
    ///
    /// - Parameters:
    ///   - plan: What the configuration asks for.
    ///   - dataset: What it trains and tests on.
    ///   - times: Spent on the task before.
    ///   - now: The clock.
    /// - Throws: ``TaskError`` of class `invalidConfiguration` where network or batch cannot be.
    init(plan: TaskPlan, dataset: Dataset, times: TaskTimes, now: @escaping () -> Instant) throws(TaskError) {
        self.plan = plan
        self.dataset = dataset
        self.times = times
        self.now = now
        let network: any Network<Scalar> = try plan.makeNetwork(
            input: dataset.train.shape, classCount: dataset.classCount)
        let loss: any Loss<Scalar> = try plan.makeLoss()
        do {
            trainer = try Trainer(
                network: network, loss: loss, recipe: plan.recipe, samples: dataset.train, seed: plan.seed)
        } catch {
            throw .invalid(error.description)
        }
        evaluator = Evaluator(
            network: network, loss: loss, dataset: dataset,
            workspace: TaskRun.evaluationWorkspace(of: trainer),
            normalization: plan.measuresWithBatchStatistics ? .batch : .running, batchMax: plan.recipe.batch)
    }

    /// The trainer's own workspace, or a larger one where its batches would be too small to measure with.
    private static func evaluationWorkspace(of trainer: Trainer<Scalar>) -> Workspace<Scalar> {
        if trainer.workspace.batchMax >= Evaluator<Scalar>.batchMin { return trainer.workspace }
        return trainer.network.makeWorkspace(batchMax: Evaluator<Scalar>.batchMin, for: .joined)
    }

    /// Trains to the end and measures on the way.
    ///
    /// A run whose parameters stop being finite trains no further. It still has a row for every measured moment, so that
    /// heat maps show where it failed: from then on each metric that applies is NaN.
    ///
    /// - Throws: ``TaskError/cancelled`` at the end of the epoch in which it was cancelled.
    func run(
        offer: TaskRunner.CheckpointTaker, progress: (TaskRunner.Progress) -> Void, isCancelled: () -> Bool
    ) throws(TaskError) -> TaskResult {
        var divergedAtEpoch = trainer.hasDiverged ? 0 : nil
        let stepsPerEpoch = trainer.stepsPerEpoch
        let steps = plan.measuredSteps(stepsPerEpoch: stepsPerEpoch)
        for step in steps.dropFirst(records.count) {
            recall(toStep: step)
            while trainer.step < step, !trainer.hasDiverged {
                if isCancelled() { throw .cancelled }
                let epochEnd = (trainer.epoch + 1) * stepsPerEpoch
                timed(\.training) { trainer.run(toStep: min(step, epochEnd)) }
                // The epoch in which it happened, counted from 1.
                if trainer.hasDiverged {
                    divergedAtEpoch = (trainer.step + stepsPerEpoch - 1) / stepsPerEpoch
                }
                if trainer.step < step {
                    progress(currentProgress)
                    offerCheckpoint(to: offer)
                }
            }
            records.append(trainer.hasDiverged ? emptyRecord(atStep: step) : record())
            progress(currentProgress)
            offerCheckpoint(to: offer, isMeasured: true, isEnd: step == steps.last)
        }
        return TaskResult(
            columns: plan.columns.map(\.name), measurements: records.concluded(by: plan.probes),
            divergedAtEpoch: divergedAtEpoch)
    }
}

extension TaskRun {
    /// Metrics and probes of the parameters as they are.
    func measure() -> Measurement {
        precondition(records.isEmpty, "a run that trains keeps its records until the end")
        return [record()].concluded(by: plan.probes)[0]
    }

    /// Losses and errors of the parameters as they are, for the time that they take.
    func measureMetrics() { latest = evaluator.measure(trainer.parameters).scalars }

    /// One reading of a probe, for the time that it takes.
    func rehearse(_ probe: any Probe) { _ = probe.read(snapshot) }

    var snapshot: Snapshot<Scalar> {
        Snapshot(
            network: trainer.network, parameters: trainer.parameters, dataset: dataset, loss: trainer.loss,
            seed: plan.seed, step: trainer.step, scratch: scratch)
    }

    /// Metrics and probes of the parameters as they are, before the probes know the end.
    private func record() -> EpochRecord {
        let (step, snapshot) = (trainer.step, snapshot)
        latest =
            recollection?.metrics(atStep: step)
            ?? timed(\.metrics) { evaluator.measure(trainer.parameters).scalars }
        let readings = plan.probes.indices.map { index in
            recollection?.reading(ofProbe: index, atStep: step)
                ?? timed(\.probes) { plan.probes[index].read(snapshot) }
        }
        return EpochRecord(
            epoch: trainer.epoch, step: step, passes: passes(atStep: step), metrics: latest,
            readings: readings)
    }

    /// Epochs, with the part of one that is under way.
    private func passes(atStep step: Int) -> Double { Double(step) / Double(trainer.stepsPerEpoch) }

    /// The row of a step that a diverged run never reached: NaN for each metric that applies to the task.
    private func emptyRecord(atStep step: Int) -> EpochRecord {
        let (epoch, passes) = (step / trainer.stepsPerEpoch, passes(atStep: step))
        // Parameters that are not finite before the first epoch leave no row to learn from what applies.
        guard let first = records.first else {
            return EpochRecord(
                epoch: epoch, step: step, passes: passes, metrics: Metrics.columns.map { _ in .nan },
                readings: plan.probes.map { ProbeReading(scalars: $0.columns.map { _ in .nan }) })
        }
        return EpochRecord(
            epoch: epoch, step: step, passes: passes, metrics: first.metrics.undefined,
            readings: first.readings.map { ProbeReading(scalars: $0.scalars.undefined) })
    }

    private var currentProgress: TaskRunner.Progress {
        let stepsPerEpoch = trainer.stepsPerEpoch
        let stepCount = plan.stepCount(stepsPerEpoch: stepsPerEpoch)
        let errors = Metrics.errors(in: latest)
        return TaskRunner.Progress(
            epoch: trainer.epoch, epochCount: (stepCount + stepsPerEpoch - 1) / stepsPerEpoch,
            errorTrain: errors.train, errorTest: errors.test, times: times)
    }

    /// Runs `body` and adds the time it took to one of the times.
    private func timed<Value>(_ part: WritableKeyPath<TaskTimes, Duration>, _ body: () -> Value) -> Value {
        let start = now()
        defer { times[keyPath: part] += now() - start }
        return body()
    }
}

extension TaskRun {
    /// The parameters as they are, as the bytes of a safetensors file.
    var storedWeights: [UInt8] { Safetensors.encode(trainer.parameters) }

    /// Takes the parameters from the bytes of a safetensors file.
    ///
    /// - Parameter weights: A file with PyTorch's names and shapes.
    /// - Throws: ``TaskError`` of class `invalidConfiguration` for a file that is damaged or of another network.
    func load(_ weights: [UInt8]) throws(TaskError) {
        do {
            try Safetensors(decoding: weights).load(into: trainer.parameters)
        } catch {
            throw .invalid(error.description)
        }
    }
}

extension Probe {
    /// Measures a snapshot of whichever precision.
    fileprivate func read<Scalar: Real>(_ snapshot: Snapshot<Scalar>) -> ProbeReading {
        switch snapshot {
        case let snapshot as Snapshot<Float>: measure(snapshot)
        case let snapshot as Snapshot<Double>: measure(snapshot)
        default: preconditionFailure("no probe measures in \(Scalar.self)")
        }
    }
}
