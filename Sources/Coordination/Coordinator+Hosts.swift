import Basics
import Messaging
import Sweeps

/// Hosts on which tasks fail that others can do.
///
/// A suspect host is set aside while another host is here that is none: its workers stay connected and get no tasks.
/// Nothing starves: where all are suspect, or nobody else is left, all are used as if nothing had been.
extension Coordinator {
    /// Whether the worker at a place gets no tasks because of its host.
    func isSetAside(_ place: Int) -> Bool {
        guard !hosts.isEmpty, let host = workers[place].description?.host else { return false }
        return hosts.record(of: host)?.isSetAside ?? false
    }

    /// Decides anew which hosts are set aside, if anything has happened that could change it.
    mutating func reviewHosts() {
        guard !hosts.isEmpty, hostsReviewed != (workers.changeCount, hosts.changeCount) else { return }
        hostsReviewed = (workers.changeCount, hosts.changeCount)
        let isOneSound = workers.places.contains { place in
            guard isServing(place), let host = workers[place].description?.host else { return false }
            return !(hosts.record(of: host).map(hosts.isSuspect) ?? false)
        }
        for (number, record) in hosts.records.enumerated() {
            let isSuspect = hosts.isSuspect(record)
            if record.isSetAside != (isSuspect && isOneSound) {
                hosts.setAside(number, isSuspect && isOneSound)
                if record.isSetAside { welcomeBack(record.name) }
            }
            if isSuspect, isOneSound, !record.isAnnounced {
                hosts.announce(number, true)
                effects.append(.log(.hostSetAside(record.name, record.evidence.map(\.failureClass))))
            } else if !isSuspect, record.isAnnounced {
                hosts.announce(number, false)
                effects.append(.log(.hostTrusted(record.name)))
            }
        }
    }

    private mutating func welcomeBack(_ host: String) {
        for place in workers.places where workers[place].description?.host == host { noteReady(place) }
    }

    /// Whether a worker is here that will take more tasks.
    func isServing(_ place: Int) -> Bool {
        guard let session = workers[place].session, !workers[place].isDismissed else { return false }
        return session.capacity > 0
    }

    /// Whether a waiting task may go to a worker: not where it has failed, if it can be tried elsewhere.
    func mayTry(_ index: Int, at place: Int) -> Bool {
        guard let host = workers[place].description?.host, hosts.hasFailed(index, on: host) else {
            return true
        }
        return !canBeTriedElsewhere(index)
    }

    /// Whether a worker is here, on a host where the task has not failed, that could do it.
    ///
    /// - Complexity: Linear in the workers; asked only about tasks that have failed.
    func canBeTriedElsewhere(_ index: Int) -> Bool {
        let trials = hosts.trials(of: index)
        return workers.places.contains { place in
            guard isServing(place), let host = workers[place].description?.host,
                !trials.contains(where: { $0.host == host }), !isSetAside(place)
            else { return false }
            if case .none = room(for: tasks[index], at: place) { return false }
            return true
        }
    }

    /// Whether a task has failed often enough to be given up.
    ///
    /// One host's word is not enough while another can be asked, and that of a host set aside does not count; but
    /// twice the limit is enough in any case.
    func isSpent(_ index: Int) -> Bool {
        let count = tasks[index].failureCount
        guard count >= limits.failuresPerTaskMax else { return false }
        if limits.mutation == .believeOneHost { return true }
        guard count < 2 * limits.failuresPerTaskMax, canBeTriedElsewhere(index) else { return true }
        let trials = hosts.trials(of: index)
        let excused = trials.reduce(0) { sum, trial in
            sum + (hosts.record(of: trial.host)?.isSetAside ?? false ? trial.count : 0)
        }
        return trials.count != 1 && count - excused >= limits.failuresPerTaskMax
    }

    /// A worker did not come back: this speaks against its host where it was training.
    mutating func noteLoss(_ place: Int, at time: Instant) {
        guard let host = workers[place].description?.host,
            let held = workers[place].holding.first(where: { $0.sentSequence != nil })
        else { return }
        hosts.noteLoss(of: held.taskIndex, on: host, at: time, within: limits.lease)
    }

    /// A process that has just started gives its host a new chance; one that replaces a crashed process does not.
    mutating func noteProcess(_ hello: Hello, isNew: Bool) {
        guard isNew, !hello.holdings.ended.contains(where: { $0.contentHash == nil }) else { return }
        hosts.clear(hello.worker.host)
    }
}
