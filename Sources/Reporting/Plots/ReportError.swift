internal import Sweeps

/// A plot that a sweep cannot give.
public enum ReportError: Error, Hashable, CustomStringConvertible {
    case unknownAxis(String, known: [String])
    case sameAxis(String)
    case unknownMetric(String, known: [String])
    /// A metric that no result has per layer.
    case unknownLayerMetric(String, known: [String])
    /// No result has a picture of linear regions.
    case noPartition
    /// An epoch of which no result has a picture.
    case noPartitionAtEpoch(Double, known: [Double])
    /// A value that no task has on an axis.
    case unknownValue(String, axis: String, known: [String])
    /// Values on several axes that no task has all of.
    case noTask([String])

    public var description: String {
        switch self {
        case .unknownAxis(let path, let known):
            "report: the sweep has no axis '\(path)'" + ReportError.choices(of: path, among: known)
        case .sameAxis(let path): "report: a plot needs two different axes, not '\(path)' twice"
        case .unknownMetric(let name, let known):
            "report: no metric is called '\(name)'" + ReportError.choices(of: name, among: known)
        case .unknownLayerMetric(let name, let known):
            "report: no metric of layers.csv is called '\(name)'"
                + ReportError.choices(of: name, among: known)
        case .noPartition:
            "report.partitions: no result has a picture of linear regions; measure the probe 'partition'"
        case .noPartitionAtEpoch(let epoch, let known):
            "report.partitions: no picture was kept at epoch \(epoch.epochText), only at "
                + known.map(\.epochText).joined(separator: ", ")
                + "; the probe 'partition' keeps more with 'pictures'"
        case .unknownValue(let value, let axis, let known):
            "report: no task has \(value) on the axis '\(axis)', only \(known.joined(separator: ", "))"
        case .noTask(let chosen): "report: no task has \(chosen.joined(separator: " and "))"
        }
    }

    private static func choices(of word: String, among known: [String]) -> String {
        let nearest = Spelling.nearest(to: word, among: known).map { "; did you mean '\($0)'?" } ?? ""
        return known.isEmpty
            ? nearest : nearest + (nearest.isEmpty ? "; " : " ") + "known: \(known.joined(separator: ", "))"
    }
}
