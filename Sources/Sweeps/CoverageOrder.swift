/// In which order the tasks of a grid are best run: the whole picture first, coarsely, then its details.
///
/// Along every axis the two ends come first, then the middle, then the quarters, and so on (the order of van der
/// Corput, 1935, by bisection). A task is as coarse as the finest of its places, so that after a few per cent of the
/// work a heatmap shows its shape. Seeds repeat what a cell says already: the second comes when every cell has its
/// first. Among equally coarse tasks the dearest go first, which leaves the cheap ones of the last and largest level to
/// the end, where a long task begun last would keep everybody waiting.
public enum CoverageOrder {
    /// How fine each of `count` places along an axis is: 0 for the ends, 1 for the middle, 2 for the quarters.
    public static func levels(_ count: Int) -> [UInt8] {
        var levels = [UInt8](repeating: 0, count: count)
        var intervals = count > 2 ? [(low: 0, high: count - 1)] : []
        var level: UInt8 = 1
        while !intervals.isEmpty {
            var halves: [(low: Int, high: Int)] = []
            for (low, high) in intervals {
                let middle = (low + high) / 2
                levels[middle] = level
                if middle - low > 1 { halves.append((low, middle)) }
                if high - middle > 1 { halves.append((middle, high)) }
            }
            intervals = halves
            level += 1
        }
        return levels
    }

    /// The places of the grid's tasks in the order in which to run them.
    ///
    /// - Parameters:
    ///   - grid: The sweep.
    ///   - cost: The predicted cost of the task at each place, in any unit; `nil` where all are alike.
    /// - Returns: Every place of the grid once.
    /// - Complexity: O(n log n), without making a task.
    public static func order(of grid: Grid, cost: ((Int) -> Float)? = nil) -> [Int] {
        let levels = taskLevels(of: grid)
        // Level, then falling cost, then the order of the grid: one number to compare.
        let keys = levels.indices.map { place -> UInt64 in
            let cost = max(0, cost?(place) ?? 0)
            return UInt64(levels[place]) << 32 | UInt64(~cost.bitPattern)
        }
        return keys.indices.sorted { (keys[$0], $0) < (keys[$1], $1) }
    }

    /// How fine the task at each place is.
    static func taskLevels(of grid: Grid) -> [UInt8] {
        let isSeed = grid.axes.map(\.isSeed)
        let axisLevels = grid.axes.map { levels($0.values.count) }
        let cellLevelMax = zip(axisLevels, isSeed).reduce(UInt8(0)) { finest, axis in
            axis.1 ? finest : max(finest, axis.0.max() ?? 0)
        }
        // The first seed is part of the first picture; any other waits for all cells.
        let shifted = zip(axisLevels, isSeed).map { levels, isSeed in
            isSeed
                ? levels.indices.map { $0 == 0 ? 0 : cellLevelMax + 1 + levels[$0] } : levels
        }
        return grid.indices.map { place in
            guard let values = grid.axisPlaces(of: place) else { return 0 }
            var finest: UInt8 = 0
            for (axis, value) in values.enumerated() { finest = max(finest, shifted[axis][value]) }
            return finest
        }
    }
}

extension Axis {
    /// Whether the axis only repeats: the same network with other random numbers costs the same.
    var isSeed: Bool { path == "seed" || path.hasSuffix("-seed") }
}

extension Grid {
    /// A number that the tasks of one cell share whatever their seeds; `nil` for an included task.
    public func cellWithoutSeed(_ place: Int) -> Int? {
        guard place < cells.count else { return nil }
        var cell = cells[place]
        var stride = 1
        for axis in spec.axes.reversed() {
            if axis.isSeed { cell -= cell / stride % axis.values.count * stride }
            stride *= axis.values.count
        }
        return cell
    }

    /// Which value of each axis the task at a place has, by its number; `nil` for an included task.
    func axisPlaces(of place: Int) -> [Int]? {
        guard place < cells.count else { return nil }
        var rest = cells[place]
        var places = [Int](repeating: 0, count: axes.count)
        for axis in axes.indices.reversed() {
            places[axis] = rest % axes[axis].values.count
            rest /= axes[axis].values.count
        }
        return places
    }

    /// The values of the axes at a place, without making the task.
    public func axisValues(at place: Int) -> [Setting] {
        guard place < cells.count else { return included[place - cells.count].axisValues }
        let cell = cells[place]
        var values = [Setting](repeating: .null, count: spec.axes.count)
        for part in parts {
            guard let resolved = part.resolved[part.combination(of: cell)] else { continue }
            for (axis, value) in zip(part.axes, resolved.axisValues) { values[axis.index] = value }
        }
        return values
    }
}
