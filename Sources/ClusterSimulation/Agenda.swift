import Basics
import Coordination

/// What is going to happen, by time; what is due at the same time happens in the order in which it was entered.
struct Agenda<Happening: Sendable>: Sendable {
    private struct Entry: Comparable, Sendable {
        let time: Instant
        let order: Int
        let slot: Int

        static func < (a: Entry, b: Entry) -> Bool { (a.time, a.order) < (b.time, b.order) }
    }

    private var entries = MinHeap<Entry>()
    // Beside the heap, so that sifting moves three words and not a message.
    private var happenings: [Happening?] = []
    private var freeSlots: [Int] = []
    private var lastOrder = 0

    var nextTime: Instant? { entries.first?.time }

    mutating func add(_ happening: Happening, at time: Instant) {
        lastOrder += 1
        let slot = freeSlots.popLast() ?? happenings.count
        if slot == happenings.count { happenings.append(happening) } else { happenings[slot] = happening }
        entries.push(Entry(time: time, order: lastOrder, slot: slot))
    }

    mutating func next() -> (Instant, Happening)? {
        guard let entry = entries.pop(), let happening = happenings[entry.slot] else { return nil }
        happenings[entry.slot] = nil
        freeSlots.append(entry.slot)
        return (entry.time, happening)
    }
}
