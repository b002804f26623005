internal import Basics
internal import ResultStore
internal import Sweeps

extension ChaosStorm {
    /// Early ends after which a coordinator is not believed to make progress.
    private static let earlyEndsMax = 100

    /// Kills whoever works on the run, and gives it the whole sweep.
    mutating func extend(at now: Instant, _ say: (String) -> Void) {
        say("the user kills the coordinator, and extends the run to the whole sweep")
        faultsBeforeExtension = nil
        isExtending = true
        killCoordinator(backAt: now)
        user.want(ChaosUser.Order(command: .extend, due: now, killAfter: wishes.killDelay()))
    }

    /// How the storm has ended; `nil` while it has not.
    ///
    /// A coordinator ends by itself also where all that it may not run is paused or cancelled. Then the user takes that
    /// back, in the store, and the run goes on.
    mutating func conclusion(
        at now: Instant, _ say: (String) -> Void
    ) throws -> ChildProcess.Ending? {
        guard let ending = lastEnding else { return nil }
        guard [.exited(0), .exited(ExitCode.tryAgain.rawValue)].contains(ending) else { return ending }
        guard faultsBeforeExtension == nil else {
            lastEnding = nil
            extend(at: now, say)
            return nil
        }
        guard user.isIdle, onlooker.isIdle else { return nil }
        let store = try SweepStore.open(at: options.directory.store, for: .reading)
        let counts = try store.counts()
        if ending == .exited(0), counts.done == counts.total { return ending }
        if counts.paused > 0 || counts.cancelled > 0 {
            if counts.paused > 0 { user.want(ChaosUser.Order(command: .unpause, due: now)) }
            if counts.cancelled > 0 { user.want(ChaosUser.Order(command: .retry, due: now)) }
            return nil
        }
        earlyEndCount += 1
        if earlyEndCount > ChaosStorm.earlyEndsMax { return ending }
        (lastEnding, coordinatorDue) = (nil, now)
        return nil
    }

    mutating func wishIfDue(at now: Instant, _ say: (String) -> Void) {
        guard nextWish.due <= now else { return }
        // Before a coordinator has listened the run is half made, and there is nothing to steer.
        isMade = isMade || EndpointFile(contentsOf: options.directory.endpoint) != nil
        guard isMade else { return }
        say("the user \(express(nextWish.wish, at: now))")
        let next = wishes.next()
        nextWish = (now + next.after, next.wish)
    }

    /// Has the commands given that a wish takes.
    ///
    /// - Returns: What the user does, for people.
    private mutating func express(_ wish: ChaosWish, at now: Instant) -> String {
        let tasks = isWhole ? options.tasks : options.part?.tasks ?? []
        switch wish {
        case .pause(let selection, let duration):
            let predicate = wishes.predicate(of: selection, among: tasks)
            let end = steer(.pause(where: predicate), then: .unpause, after: duration, at: now)
            return "pauses \(predicate ?? "all") \(end)"
        case .cancel(let selection, let duration):
            let predicate = wishes.predicate(of: selection, among: tasks)
            let end = steer(.cancel(where: predicate), then: .retry, after: duration, at: now)
            return "cancels \(predicate ?? "all") \(end)"
        case .drain(let all):
            let name = all ? Host.name : wishes.choice(of: options.workerNames) ?? Host.name
            user.want(ChaosUser.Order(command: .drain(name), due: now))
            return "drains \(name)"
        case .status: return look(.status, at: now)
        case .audit: return look(.audit, at: now)
        case .explain:
            guard let task = wishes.choice(of: tasks) else { return look(.status, at: now) }
            return look(.explain(task), at: now)
        }
    }

    /// Has a command given, which may be killed halfway, and after a while the one that takes it back.
    ///
    /// - Returns: For how long, and what befalls the command, for people.
    private mutating func steer(
        _ command: ChaosUserCommand, then release: ChaosUserCommand, after duration: Duration, at now: Instant
    ) -> String {
        let killAfter = wishes.killDelay()
        user.want(ChaosUser.Order(command: command, due: now, killAfter: killAfter))
        user.want(ChaosUser.Order(command: release, due: now + duration))
        let end = killAfter.map { "; the command is killed after \($0.forPeople)" } ?? ""
        return "for \(duration.forPeople)\(end)"
    }

    private mutating func look(_ command: ChaosUserCommand, at now: Instant) -> String {
        onlooker.want(ChaosUser.Order(command: command, due: now))
        return "asks for \(command.name)"
    }
}
