internal import LinearAlgebra
internal import Networks
internal import Probes
internal import Sweeps
internal import Training

/// Making checkpoints, and going on from them.
extension TaskRun {
    /// Offers a checkpoint where an epoch ends, unless training has not moved or is lost.
    func offerCheckpoint(to offer: TaskRunner.CheckpointTaker, isMeasured: Bool = false, isEnd: Bool = false)
    {
        let isEpochEnd = trainer.step % trainer.stepsPerEpoch == 0
        guard isEpochEnd, trainer.step > startStep, !trainer.hasDiverged else { return }
        let moment = CheckpointMoment(epoch: trainer.epoch, isMeasured: isMeasured, isEnd: isEnd)
        offer(moment) {
            let history = MeasuredHistory(subject: plan.subjectOfMeasurement, records: records)
            return trainer.checkpoint(of: plan.owner, attachment: history.encoded())
        }
    }

    /// Goes on from the first checkpoint that can be used, and learns what another task measured.
    func resume(_ resumption: TaskRunner.Resumption) {
        // Parameters that are not finite at the start are all there will be.
        if trainer.hasDiverged { return }
        for candidate in resumption.candidates {
            do {
                try resume(from: candidate)
                break
            } catch {
                resumption.refused(error.description)
            }
        }
        if let earlier = resumption.earlier { recollection = recollect(earlier, resumption.refused) }
    }

    /// Goes on from a checkpoint of this task, as if it had never been interrupted.
    ///
    /// - Throws: One sentence on why the checkpoint cannot be used; the run is then at its start as before.
    private func resume(from checkpoint: TaskCheckpoint) throws(CheckpointError) {
        let start = trainer.checkpoint(of: plan.owner, attachment: [])
        let attachment = try trainer.restore(checkpoint, of: plan.owner)
        let measured = plan.measuredSteps(stepsPerEpoch: trainer.stepsPerEpoch)
        guard let history = MeasuredHistory(encoded: attachment),
            history.subject == plan.subjectOfMeasurement,
            history.records.map(\.step) == measured.filter({ $0 <= trainer.step })
        else {
            _ = try trainer.restore(start, of: plan.owner)
            throw .damaged("its measurements are not those of this task")
        }
        records = history.records
        startStep = trainer.step
    }

    /// Reads what the other task measured, from its newest checkpoint that can be read.
    private func recollect(_ earlier: EarlierTraining, _ refused: @escaping (String) -> Void) -> Recollection?
    {
        let start = trainer.checkpoint(of: plan.owner, attachment: [])
        for epoch in earlier.epochs.reversed() {
            guard let checkpoint = earlier.load(epoch) else { continue }
            do {
                let attachment = try trainer.restore(checkpoint, of: plan.owner)
                _ = try trainer.restore(start, of: plan.owner)
                guard let history = MeasuredHistory(encoded: attachment) else { continue }
                return Recollection(
                    earlier: earlier, refused: refused, subject: plan.subjectOfMeasurement, history: history)
            } catch {
                refused(error.description)
            }
        }
        return nil
    }

    /// Goes to the newest state of the other task's training that is not behind this one nor after `step`.
    func recall(toStep step: Int) {
        guard let recollection, !trainer.hasDiverged else { return }
        let ahead = recollection.earlier.epochs.filter {
            $0 * trainer.stepsPerEpoch > trainer.step && $0 * trainer.stepsPerEpoch <= step
        }
        for epoch in ahead.reversed() {
            guard let checkpoint = recollection.earlier.load(epoch) else { continue }
            do {
                _ = try trainer.restore(checkpoint, of: plan.owner)
                return
            } catch {
                recollection.refused(error.description)
            }
        }
    }
}

/// What a task knows of another one with the same training.
struct Recollection {
    let earlier: EarlierTraining
    let refused: (String) -> Void
    /// What this task measures.
    let subject: MeasuredHistory.Subject
    /// What the other one measured.
    let history: MeasuredHistory

    /// The losses and errors that the other task measured at a step in the way of this one.
    func metrics(atStep step: Int) -> [Double?]? { history.metrics(atStep: step, as: subject) }

    /// What one of this task's probes read for the other task; `nil` where it has to look itself.
    func reading(ofProbe index: Int, atStep step: Int) -> ProbeReading? {
        history.reading(of: subject.probes[index], atStep: step)
    }
}
