import Basics
import Messaging
import Sweeps

/// Every worker that is connected or suspected, in numbered places.
///
/// Places are reused, so whatever remembers one must also remember the worker's name or stamp.
struct WorkerBook: Sendable {
    struct Record: Sendable {
        let name: String
        /// Different for each use of a place.
        let stamp: UInt64
        /// `nil` until a worker that the store remembers has introduced itself.
        var description: WorkerDescription?
        /// `nil` while the worker is a suspect.
        var session: Session?
        /// The newest socket of the worker's present process.
        var connection = 0
        var holding: [HeldTask] = []
        /// When the worker becomes a suspect, or when a suspect is given up; on the lease clock.
        var deadline: Instant
        var resultCount = 0
        /// How often another process took the name since the last result.
        var takeoverCount = 0
        var isQueuedAsReady = false
        /// The user wants it to leave after what it trains.
        var isDismissed = false
        /// When its allocation ends; `nil` where it may stay.
        var leavesAt: Instant?
        /// It is idle for want of time: seconds that the least of the waiting tasks would need there.
        var secondsLacking: Double?
        var speed = MeasuredSpeed()

        func holdingIndex(of taskIndex: Int) -> Int? { holding.firstIndex { $0.taskIndex == taskIndex } }
    }

    struct Session: Sendable {
        let id: SessionID
        /// How many assignments the worker wants to hold, at most ``Coordinator/Limits/capacityMax``.
        var capacity: Int
        /// Whether the worker reads TASKS.
        var takesSeveral = false
        var sequenceSent: UInt64 = 0
        var sequenceSeen: UInt64 = 0
        var unreadableCount = 0
        /// A piece of a checkpoint is being read for it.
        var isReading = false
    }

    struct HeldTask: Sendable {
        let taskIndex: Int
        let attempt: UInt32
        /// The sequence number of its TASK in the worker's session; `nil` until the attempt number is durable, 0 when
        /// the worker itself has named it in a HELLO.
        var sentSequence: UInt64?
        /// How many heartbeats in a row have left it out.
        var missedCount = 0
        var progress: TaskProgress?
    }

    private struct Timer: Comparable, Sendable {
        let deadline: Instant
        let place: Int
        let stamp: UInt64

        static func < (a: Timer, b: Timer) -> Bool {
            (a.deadline, a.stamp) < (b.deadline, b.stamp)
        }
    }

    /// By place; free places keep their last record, without what it held.
    private var records: [Record] = []
    private var usedPlaces: [Bool] = []
    private var freePlaces: [Int] = []
    private var placeByName: [String: Int] = [:]
    private var placeBySession: [SessionID: Int] = [:]
    private var timers = MinHeap<Timer>()
    private var lastStamp: UInt64 = 0
    /// Changes whenever somebody comes, goes, is dismissed, or begins or ceases to take tasks.
    private(set) var changeCount = 0

    /// Connected workers and suspects.
    var count: Int { placeByName.count }
    var connectedCount: Int { placeBySession.count }

    func place(named name: String) -> Int? { placeByName[name] }
    func place(of session: SessionID) -> Int? { placeBySession[session] }

    /// Whether a place that was noted earlier still has a worker.
    func isInUse(_ place: Int) -> Bool { usedPlaces[place] }

    /// All places in use, by order of arrival in them.
    var places: [Int] { usedPlaces.indices.filter { usedPlaces[$0] } }

    /// The worker at a place in use; lent out, for a record is too large to be copied for one of its fields.
    subscript(place: Int) -> Record {
        _read {
            precondition(usedPlaces[place], "no worker at place \(place)")
            yield records[place]
        }
        _modify {
            precondition(usedPlaces[place], "no worker at place \(place)")
            yield &records[place]
        }
    }

    /// A place for a worker that has none.
    mutating func add(_ name: String, deadline: Instant) -> Int {
        lastStamp += 1
        let record = Record(name: name, stamp: lastStamp, deadline: deadline)
        let place = freePlaces.popLast() ?? records.count
        if place == records.count {
            records.append(record)
            usedPlaces.append(true)
        } else {
            records[place] = record
            usedPlaces[place] = true
        }
        placeByName[name] = place
        timers.push(Timer(deadline: deadline, place: place, stamp: lastStamp))
        return place
    }

    mutating func remove(_ place: Int) {
        disconnect(place)
        placeByName[self[place].name] = nil
        records[place].holding = []
        usedPlaces[place] = false
        freePlaces.append(place)
    }

    mutating func connect(_ place: Int, _ session: Session) {
        disconnect(place)
        changeCount += 1
        self[place].session = session
        placeBySession[session.id] = place
    }

    mutating func disconnect(_ place: Int) {
        guard let session = self[place].session else { return }
        placeBySession[session.id] = nil
        self[place].session = nil
        changeCount += 1
    }

    /// How many assignments a connected worker wants to hold.
    mutating func setCapacity(_ place: Int, _ capacity: Int) {
        if (self[place].session?.capacity ?? 0 > 0) != (capacity > 0) { changeCount += 1 }
        self[place].session?.capacity = capacity
    }

    /// Gives a worker no more tasks.
    mutating func dismiss(_ place: Int) {
        self[place].isDismissed = true
        changeCount += 1
    }

    /// A worker whose deadline has passed; the caller must give it a later one or remove it.
    ///
    /// Deadlines only ever move to later times, so each worker needs one timer, corrected when it goes off.
    mutating func takeExpired(at time: Instant) -> Int? {
        while let timer = timers.first, timer.deadline <= time {
            _ = timers.pop()
            guard usedPlaces[timer.place], records[timer.place].stamp == timer.stamp else { continue }
            let deadline = records[timer.place].deadline
            guard deadline <= time else {
                timers.push(Timer(deadline: deadline, place: timer.place, stamp: timer.stamp))
                continue
            }
            return timer.place
        }
        return nil
    }

    /// Gives a worker that ``takeExpired(at:)`` returned its next deadline.
    mutating func rearm(_ place: Int, deadline: Instant) {
        self[place].deadline = deadline
        timers.push(Timer(deadline: deadline, place: place, stamp: self[place].stamp))
    }
}
