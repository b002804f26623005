internal import Sweeps

/// A plot that a sweep cannot give.
public enum ReportError: Error, Hashable, CustomStringConvertible {
    case unknownAxis(String, known: [String])
    case sameAxis(String)
    case unknownMetric(String, known: [String])
    /// A metric that no result has per layer.
    case unknownLayerMetric(String, known: [String])

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
        }
    }

    private static func choices(of word: String, among known: [String]) -> String {
        let nearest = Spelling.nearest(to: word, among: known).map { "; did you mean '\($0)'?" } ?? ""
        return known.isEmpty
            ? nearest : nearest + (nearest.isEmpty ? "; " : " ") + "known: \(known.joined(separator: ", "))"
    }
}
