public import LinearAlgebra
public import Sweeps

/// Looks at a network between two epochs and reports numbers about it.
///
/// A probe only reads: it gets a snapshot, never the trainer, and draws its random numbers from streams of its own,
/// so adding or removing one cannot change another number.
///
/// To add a probe, write a type in `Sources/Probes/` and name it in ``Catalog/probes``. Its options, its columns, its
/// section in `descent catalog`, its share in `descent plan` and its contract tests follow from there.
public protocol Probe: Sendable {
    /// How sweeps name it, what it measures, and its options with units, ranges and defaults.
    static var entry: CatalogEntry { get }

    /// A probe with validated options (every option of ``entry`` is present).
    init(options: Setting)

    /// The scalar metrics it fills, in the order of ``ProbeReading/scalars``; the same for every model.
    var columns: [Column] { get }

    /// The metrics it reports per layer, class or radius.
    var layerMetrics: [LayerMetric] { get }

    /// What is drawn of it where the sweep file asks for nothing: curves and profiles.
    var figures: ReportSpec { get }

    /// Why the probe does not fit a task and what would; `nil` where it fits. Asked before anything runs.
    func problem(with subject: ProbeSubject) -> String?

    /// What would stay empty for a task that the probe fits.
    func gaps(for subject: ProbeSubject) -> [ProbeGap]

    /// What one measurement takes, predicted.
    func cost(for subject: ProbeSubject) -> Cost

    /// Measures a snapshot.
    ///
    /// - Returns: One value for each of ``columns``: `nil` where the metric does not apply (no noisy samples), `nan`
    ///   where it is undefined.
    func measure(_ snapshot: Snapshot<Float>) -> ProbeReading
    func measure(_ snapshot: Snapshot<Double>) -> ProbeReading

    /// Completes the readings of a whole task, one an epoch, with what only the end can tell.
    ///
    /// - Returns: As many readings, in the same order.
    func conclude(_ readings: [ProbeReading]) -> [ProbeReading]
}

extension Probe {
    public func problem(with subject: ProbeSubject) -> String? { nil }

    public func gaps(for subject: ProbeSubject) -> [ProbeGap] { [] }

    public var figures: ReportSpec { ReportSpec() }

    /// Most readings are complete when they are taken.
    public func conclude(_ readings: [ProbeReading]) -> [ProbeReading] { readings }
}

/// Metrics of a probe that mean nothing for a task and stay empty.
///
/// A map over a grid may need such a task beside others: a gap is said, and refused only where it is everywhere.
public struct ProbeGap: Hashable, Sendable {
    /// What stays empty, why, and what would fill it; no capital and no full stop.
    public let reason: String
    /// Whether the probe is of no use to a sweep all of whose tasks have this gap.
    public let isRefusedEverywhere: Bool

    init(_ reason: String, isRefusedEverywhere: Bool = false) {
        self.reason = reason
        self.isRefusedEverywhere = isRefusedEverywhere
    }
}

/// What a probe found at one epoch.
public struct ProbeReading: Hashable, Sendable {
    public let scalars: [Double?]
    public let layers: [LayerValue]
    /// What the probe wants to have again when the task ends; goes into checkpoints, never into a result.
    public let carried: [Double]

    public init(scalars: [Double?], layers: [LayerValue] = [], carried: [Double] = []) {
        self.scalars = scalars
        self.layers = layers
        self.carried = carried
    }
}
