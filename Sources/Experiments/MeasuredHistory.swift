internal import Probes
internal import Sweeps

/// The measurements of a task so far, with what they are measurements of: what a checkpoint keeps beside the trainer's
/// state.
struct MeasuredHistory: Hashable, Sendable {
    let subject: Subject
    var records: [EpochRecord]

    /// Says how numbers were measured: equal where the numbers would be.
    struct Subject: Hashable, Sendable {
        /// The settings of losses and errors.
        let metrics: String
        /// Each probe with its options, in the order of its readings.
        let probes: [String]
    }

    /// Losses and errors at a step; `nil` where they are not known, or were measured otherwise.
    func metrics(atStep step: Int, as wanted: Subject) -> [Double?]? {
        subject.metrics == wanted.metrics ? record(atStep: step)?.metrics : nil
    }

    /// What a probe read at a step; `nil` where it did not look.
    func reading(of probe: String, atStep step: Int) -> ProbeReading? {
        guard let place = subject.probes.firstIndex(of: probe) else { return nil }
        return record(atStep: step)?.readings[place]
    }

    private func record(atStep step: Int) -> EpochRecord? { records.first { $0.step == step } }
}

extension TaskPlan {
    /// What the measurements of this task are measurements of.
    var subjectOfMeasurement: MeasuredHistory.Subject {
        var metrics = configuration["measure"] ?? .null
        let options = metrics["probes"]
        metrics["probes"] = nil
        metrics["at"] = nil
        return MeasuredHistory.Subject(
            metrics: metrics.canonicalText,
            probes: probes.map { probe in
                let name = type(of: probe).entry.name
                return name + " " + (options?[name] ?? .null).canonicalText
            })
    }
}
