/// Where a worker finds its coordinator.
public enum WorkerAddress: Hashable, Sendable, CustomStringConvertible {
    /// By `endpoint.json` in the run directory, read again whenever the coordinator has gone silent.
    case run(RunDirectory)
    /// Always at this endpoint.
    case endpoint(String)

    public var description: String {
        switch self {
        case .run(let directory): directory.endpoint
        case .endpoint(let endpoint): endpoint
        }
    }
}
