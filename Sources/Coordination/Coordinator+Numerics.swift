import Messaging
import Sweeps

extension Coordinator {
    /// Compares what a worker computes with to what the sweep is computed with.
    ///
    /// The first worker of a sweep decides, and after a restart the results that the store holds.
    ///
    /// - Returns: Why the worker cannot serve this sweep; `nil` where it can.
    mutating func judgeNumerics(of worker: WorkerDescription) -> Refusal? {
        let profile = worker.numericProfile.text
        guard let first = numericProfile else {
            numericProfile = profile
            return nil
        }
        guard profile != first else { return nil }
        switch limits.numerics {
        case .any:
            // Once for a worker, not for each of its sockets.
            let isKnown = workers.place(named: worker.name).map { workers[$0].description == worker } ?? false
            if !isKnown {
                effects.append(
                    .log(.mixedNumerics(worker: worker.name, profile: profile, first: first)))
            }
            return nil
        case .strict:
            return Refusal(
                .numerics,
                "\(worker.name) computes with \(profile), this sweep is on \(first), and its file says "
                    + "'numerics: strict': pin both alike with DESCENT_ISA and OPENBLAS_CORETYPE")
        }
    }
}
