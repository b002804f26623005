/// A model or loss that cannot be made from what a sweep file says.
public struct NetworkError: Error, Hashable, CustomStringConvertible {
    public let cause: Cause

    /// What is wrong; each case names the key inside the `model` section, or `loss`.
    public enum Cause: Hashable, Sendable {
        case unknown(String, String, choices: [String])
        case notBuilt(String, String)
        case wrongType(String, String, expected: String)
        case outOfRange(String, String, range: String)
        /// Sound by itself, but not with the rest of the section; the text says why, and what to do.
        case impossible(String, String, String)
    }

    init(_ cause: Cause) { self.cause = cause }

    public var description: String {
        switch cause {
        case .unknown(let key, let value, let choices):
            "\(path(key)): there is no '\(value)'; choose one of \(choices.joined(separator: ", "))"
        case .notBuilt(let key, let value):
            "\(path(key)): '\(value)' is planned but not built yet; see `descent catalog` for what is"
        case .wrongType(let key, let value, let expected):
            "\(path(key)): \(value) should be \(expected)"
        case .outOfRange(let key, let value, let range):
            "\(path(key)): \(value) is outside \(range)"
        case .impossible(let key, let value, let reason):
            "\(path(key)): \(value) cannot be: \(reason)"
        }
    }

    private func path(_ key: String) -> String { key == "loss" ? "training.loss" : "model.\(key)" }
}
