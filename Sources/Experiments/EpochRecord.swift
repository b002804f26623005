internal import Probes
internal import Sweeps

/// What was measured at one moment, while the task still goes on: a probe may complete its reading at the end.
struct EpochRecord: Hashable, Sendable {
    let epoch: Int
    let step: Int
    /// Epochs, with the part of one that is under way.
    let passes: Double
    let metrics: [Double?]
    /// In the order of the task's probes.
    let readings: [ProbeReading]
}

extension [EpochRecord] {
    /// The measurements, once every probe has seen all its readings.
    func concluded(by probes: [any Probe]) -> [Measurement] {
        let concluded = probes.enumerated().map { index, probe in
            let readings = probe.conclude(map { $0.readings[index] })
            precondition(readings.count == count, "\(readings.count) readings for \(count) measurements")
            for reading in readings {
                precondition(
                    reading.scalars.count == probe.columns.count,
                    "\(reading.scalars.count) values of \(probe.columns.count) columns")
            }
            return readings
        }
        return enumerated().map { place, record in
            let readings = concluded.map { $0[place] }
            return Measurement(
                epoch: record.epoch, step: record.step, passes: record.passes,
                scalars: record.metrics + readings.flatMap(\.scalars), layers: readings.flatMap(\.layers))
        }
    }
}

extension [Double?] {
    /// NaN wherever there is a value.
    var undefined: [Double?] { map { $0 == nil ? nil : .nan } }
}
