internal import Foundation
internal import Sweeps

/// Small multiples: one panel for each combination of the values of the axes that a plot does not use.
struct Facets {
    /// One panel: an index for each facet axis, and what it is called.
    struct Panel {
        let coordinates: [Int]
        let title: String
    }

    /// Indices of the table's axes that tell panels apart.
    let axes: [Int]
    let panels: [Panel]
    /// How many panels stand side by side.
    let columnCount: Int
    /// What is left out: `4 of 64 values of width`; empty where nothing is.
    let omissions: [String]

    /// - Parameters:
    ///   - table: The results.
    ///   - used: Indices of the axes that the plot itself shows.
    ///   - panelsMax: Beyond it the axes with most values are thinned out, their last value kept.
    init(_ table: ResultTable, without used: [Int], panelsMax: Int) {
        axes = table.axes.indices.filter { !used.contains($0) }
        var chosen = axes.map { Array(table.axes[$0].values.indices) }
        while chosen.reduce(1, { $0 * $1.count }) > panelsMax,
            let longest = chosen.indices.max(by: { chosen[$0].count < chosen[$1].count }),
            chosen[longest].count > 1
        {
            let others = chosen.indices.filter { $0 != longest }.reduce(1) { $0 * chosen[$1].count }
            let count = max(1, min(chosen[longest].count - 1, panelsMax / others))
            chosen[longest] = Facets.thinned(table.axes[axes[longest]].values, to: count)
        }
        omissions = zip(axes, chosen).compactMap { axis, kept in
            let all = table.axes[axis].values.count
            return kept.count == all
                ? nil : "\(kept.count) of \(all) values of \(AxisTitle.text(table.axes[axis].axis.path))"
        }
        var combinations: [[Int]] = [[]]
        for kept in chosen { combinations = combinations.flatMap { prefix in kept.map { prefix + [$0] } } }
        let axes = axes
        panels = combinations.map { coordinates in
            // An axis with one value says nothing about a panel.
            let parts = zip(axes, coordinates).filter { table.axes[$0.0].values.count > 1 }
            return Panel(
                coordinates: coordinates,
                title: parts.map { table.axes[$0].label(of: $1) }.joined(separator: ", "))
        }
        let lengths = chosen.map(\.count).filter { $0 > 1 }
        columnCount = Facets.columnCount(panels.count, lengths: lengths)
    }

    /// A grid of panels has the values of its last axis side by side; a single row is broken where it gets
    /// long.
    private static func columnCount(_ count: Int, lengths: [Int]) -> Int {
        if lengths.count > 1, let last = lengths.last, last <= 5 { return last }
        return count <= 3 ? max(count, 1) : count == 4 ? 2 : count <= 9 ? 3 : 4
    }

    /// So many of the values: numbers by halving from the largest, others evenly, the last one always.
    static func thinned(_ values: [Setting], to count: Int) -> [Int] {
        let last = values.count - 1
        let numbers = values.compactMap(\.asNumber)
        var chosen: Set<Int> = [last]
        if numbers.count == values.count, let low = numbers.first, low > 0,
            numbers[last] / low > Double(count)
        {
            var target = numbers[last]
            while chosen.count < count, target > low {
                target /= 2
                let nearest = numbers.indices.min { abs(numbers[$0] - target) < abs(numbers[$1] - target) }
                if let nearest { chosen.insert(nearest) }
            }
        }
        var part = 0
        while chosen.count < count, part < count {
            chosen.insert(last * part / max(count - 1, 1))
            part += 1
        }
        return chosen.sorted()
    }
}
