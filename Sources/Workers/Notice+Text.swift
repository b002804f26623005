internal import Messaging
internal import Sweeps

extension Worker.Notice: CustomStringConvertible {
    /// One sentence.
    public var description: String {
        switch self {
        case .welcomed(let incarnation): "the coordinator (start \(incarnation)) took this worker on"
        case .coordinatorSilent: "the coordinator is silent; connecting anew, training goes on"
        case .started(let assignment): "training \(assignment)"
        case .cancelled(let assignment): "stopped \(assignment), which is not its any more"
        case .acknowledged(let assignment, let disposition):
            "\(assignment) delivered, \(disposition.rawValue)"
        case .unreadable(let error): "the coordinator sent \(error)"
        case .ownPause(let pause): "this worker stood still for \(pause)"
        case .checkpointTooLarge(let assignment, let byteCount):
            "\(assignment): its checkpoint of \(byteCount) bytes is too large for the coordinator and stays here"
        case .checkpointRefused(let assignment):
            "\(assignment): the coordinator could not keep its checkpoint"
        case .checkpointLost(let assignment, let epoch):
            "\(assignment): the checkpoint after epoch \(epoch) is lost or damaged; going on without it"
        case .startsAnew(let assignment): "\(assignment): no checkpoint could be fetched"
        case .setAside(let assignment): "\(assignment) belongs to another sweep and stays in the outbox"
        }
    }
}
