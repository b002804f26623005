/// All that one task measured: self-contained, canonical, the same bytes on whichever worker it ran.
public struct TaskResult: Hashable, Sendable {
    /// Names of the scalar metrics, in catalog order.
    public let columns: [String]
    /// One a measured epoch, epochs ascending.
    public let measurements: [Measurement]
    /// Where training met a number that is not finite; `nil` where it never did.
    ///
    /// Divergence is data, not a failure.
    public let divergedAtEpoch: Int?

    public init(columns: [String], measurements: [Measurement], divergedAtEpoch: Int? = nil) {
        for measurement in measurements {
            precondition(
                measurement.scalars.count == columns.count,
                "\(measurement.scalars.count) values for \(columns.count) columns at epoch \(measurement.epoch)"
            )
        }
        self.columns = columns
        self.measurements = measurements
        self.divergedAtEpoch = divergedAtEpoch
    }
}

/// The metrics of one task at one epoch.
public struct Measurement: Hashable, Sendable {
    /// Passes over the training data so far; 0 is before the first.
    public let epoch: Int
    /// Optimiser steps so far.
    public let step: Int
    /// Passes over the training data so far, with the part of one that is under way: what tables call the epoch.
    ///
    /// Tasks that are measured in steps may be in the middle of an epoch; then this tells their rows apart.
    public let passes: Double
    /// One value a column; `nil` where the metric does not apply (no noisy samples, say), `nan` where it is undefined.
    public let scalars: [Double?]
    /// Metrics with an index: per layer, per class, per radius.
    public let layers: [LayerValue]

    /// Where `passes` is `nil`, the epoch is over.
    public init(
        epoch: Int, step: Int, passes: Double? = nil, scalars: [Double?], layers: [LayerValue] = []
    ) {
        self.epoch = epoch
        self.passes = passes ?? Double(epoch)
        self.step = step
        self.scalars = scalars
        self.layers = layers
    }
}

/// One row of `layers.csv`.
public struct LayerValue: Hashable, Sendable {
    public let metric: String
    /// Counted from 1 at the first hidden layer; 0 for the input.
    public let layer: Int
    /// Class, radius or neuron, as the metric says; 0 where there is one value a layer.
    public let index: Int
    public let value: Double

    public init(metric: String, layer: Int, index: Int, value: Double) {
        self.metric = metric
        self.layer = layer
        self.index = index
        self.value = value
    }
}
