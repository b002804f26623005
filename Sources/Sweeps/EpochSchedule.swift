/// The epochs at which a task is measured; epoch 0, before training, and the last are always among them.
///
/// A task whose length is given in optimiser steps is measured at steps instead: wherever "epoch" stands here.
public enum EpochSchedule: Hashable, Sendable {
    /// n × 10^m for n in 1…9 (Kubo, arXiv 2601.08316): 1, 2, … 9, 10, 20, … 90, 100, 200 …
    case logarithmic
    /// Every one below 30, every tenth below 150, every hundredth below 1,000, every thousandth below 10,000, and every
    /// ⌈last/150⌉-th (the code behind Humayun, arXiv 2310.12977, in steps).
    case piecewise
    /// Every so many epochs, counted from 0.
    case every(Int)
    /// These epochs, ascending.
    case listed([Int])

    /// A schedule as sweep files write it: `logarithmic`, `piecewise`, `{every: N}` or a list; `nil` for anything else.
    public init?(_ setting: Setting) {
        switch setting {
        case .text("logarithmic"): self = .logarithmic
        case .text("piecewise"): self = .piecewise
        case .map(let map):
            guard map.keys == ["every"], let step = map["every"]?.asWholeNumber, step >= 1 else { return nil }
            self = .every(step)
        case .list(let settings):
            let epochs = settings.compactMap(\.asWholeNumber)
            guard epochs.count == settings.count, !epochs.isEmpty, epochs.allSatisfy({ $0 >= 0 }) else {
                return nil
            }
            self = .listed(Set(epochs).sorted())
        default: return nil
        }
    }

    /// The one way in which configurations write this schedule.
    public var setting: Setting {
        switch self {
        case .logarithmic: "logarithmic"
        case .piecewise: "piecewise"
        case .every(let step): ["every": .integer(step)]
        case .listed(let epochs): .list(epochs.map(Setting.integer))
        }
    }

    /// The epochs to measure of a training that ends with epoch `last`: ascending, from 0 to `last`, each once.
    ///
    /// - Precondition: `last` is not negative.
    public func epochs(through last: Int) -> [Int] {
        precondition(last >= 0, "a training cannot end with epoch \(last)")
        var epochs = [0]
        switch self {
        case .logarithmic:
            var power = 1
            while power < last {
                epochs += (1...9).map { $0 * power }.filter { $0 < last }
                let (next, overflow) = power.multipliedReportingOverflow(by: 10)
                guard !overflow, next <= Int.max / 9 else { break }
                power = next
            }
        case .piecewise:
            var found: Set<Int> = []
            for (end, step) in [(30, 1), (150, 10), (1000, 100), (10_000, 1000), (last, (last + 149) / 150)] {
                found.formUnion(stride(from: step, to: min(end, last), by: max(step, 1)))
            }
            epochs += found.sorted()
        case .every(let step): epochs += stride(from: step, to: last, by: step)
        case .listed(let listed): epochs += listed.filter { 0 < $0 && $0 < last }
        }
        return last == 0 ? epochs : epochs + [last]
    }
}
