public import Basics
internal import Synchronization

/// All tasks of a sweep, in order, made one by one as they are asked for.
///
/// First comes the product of all axes, the last one varying fastest, less the excluded cells; then the included
/// ones. Everything that could be wrong with any task is found when the grid is made, so that no task fails for its
/// settings after the sweep has started.
///
///     let grid = try Grid(spec, schema: schema)
///     grid.count                      // 576, without making a task
///     grid[0].configuration           // {"dataset":{"name":"digits", …
public struct Grid: RandomAccessCollection, Sendable {
    /// What the grid was made from.
    public let spec: SweepSpec
    let parts: [GridPart]
    let cells: Cells
    let included: [TrainingTask]
    let schema: Schema
    /// The parts that no axis touches, as far as they come first in every configuration; hashed once for all tasks.
    private let constantCount: Int
    private let constantPrefix: ContentHash.Prefix
    private let constantIsEmpty: Bool
    private let knownIDs = KnownIDs()

    /// The cells of the product that stand, by their number in it.
    enum Cells: Hashable, Sendable {
        case all(Int)
        case some([Int])

        var count: Int {
            switch self {
            case .all(let count): count
            case .some(let numbers): numbers.count
            }
        }

        subscript(position: Int) -> Int {
            switch self {
            case .all: position
            case .some(let numbers): numbers[position]
            }
        }
    }

    /// The most cells that a product may have.
    public static let countMax = 10_000_000

    /// Expands and validates a sweep.
    ///
    /// - Throws: Every problem of every cell at once, each with the key that it comes from.
    /// - Complexity: O(cells) comparisons, and one validation for each combination of values within one section.
    public init(_ spec: SweepSpec, schema: Schema) throws(InvalidSettings) {
        var builder = GridBuilder(spec, schema: schema)
        builder.build()
        guard builder.problems.isEmpty else { throw InvalidSettings(builder.problems) }
        self.spec = spec
        self.schema = schema
        parts = builder.parts
        constantCount = parts.prefix { $0.axes.isEmpty }.count
        let texts = parts.prefix(constantCount).compactMap { $0.resolved[0]?.text }.filter { !$0.isEmpty }
        constantPrefix = TaskID.prefix(ofCanonicalText: "{" + texts.joined(separator: ","))
        constantIsEmpty = texts.isEmpty
        cells = builder.cells
        included = builder.included.map(\.task)
    }

    public var axes: [Axis] { spec.axes }
    public var startIndex: Int { 0 }
    public var endIndex: Int { cells.count + included.count }

    /// The task at a place of the grid.
    ///
    /// - Complexity: One hash over the configuration, some kilobytes.
    public subscript(position: Int) -> TrainingTask {
        precondition(position >= 0 && position < endIndex, "task \(position) of \(endIndex)")
        if position >= cells.count { return included[position - cells.count] }
        let cell = cells[position]
        var configuration = SettingMap()
        var environment = SettingMap()
        var axisValues = [Setting](repeating: .null, count: axes.count)
        for part in parts {
            guard let resolved = part.resolved[part.combination(of: cell)] else {
                preconditionFailure("cell \(cell) was never validated")
            }
            configuration[part.key] = resolved.scientific
            environment[part.key] = resolved.environment
            for (axis, value) in zip(part.axes, resolved.axisValues) { axisValues[axis.index] = value }
        }
        return TrainingTask(
            id: id(at: position), configuration: .map(configuration),
            environment: .map(environment),
            axisValues: axisValues)
    }

    /// The id of the task at a place, without making the task.
    ///
    /// - Complexity: One hash over the parts of the configuration that vary and what comes after them.
    public func id(at position: Int) -> TaskID {
        precondition(position >= 0 && position < endIndex, "task \(position) of \(endIndex)")
        if position >= cells.count { return included[position - cells.count].id }
        let cell = cells[position]
        var text = ""
        var isFirst = constantIsEmpty
        for part in parts[constantCount...] {
            guard let resolved = part.resolved[part.combination(of: cell)] else {
                preconditionFailure("cell \(cell) was never validated")
            }
            guard resolved.scientific != nil else { continue }
            if !isFirst { text += "," }
            isFirst = false
            text += resolved.text
        }
        text += "}"
        return TaskID(constantPrefix, text)
    }

    /// The ids of all tasks, in order; made once, eight bytes each.
    public var ids: [TaskID] {
        knownIDs.ids.withLock { known in
            if let known { return known }
            let ids = indices.map { id(at: $0) }
            known = ids
            return ids
        }
    }

    /// What all copies of a grid have in common.
    private final class KnownIDs: Sendable {
        let ids = Mutex<[TaskID]?>(nil)
    }

    /// Tells whether a run directory holds this sweep: a hash over the axes and over all task ids in order.
    ///
    /// What is drawn and what a task may use are not in it.
    ///
    /// - Complexity: The id of every task.
    public var fingerprint: ContentHash {
        var text = axes.map(\.path).joined(separator: "\n") + "\n\n"
        text.reserveCapacity(text.utf8.count + count * 17)
        for id in ids { text += id.text + "\n" }
        return ContentHash(of: text)
    }
}

/// One key at the top of the file, resolved for every combination of the axis values that touch it.
///
/// Sections do not look at each other, so a grid of 64 widths and 20 seeds validates 64 + 20 settings, not 1280.
struct GridPart: Sendable {
    let part: Schema.Part
    /// The axes that touch this key, in the grid's order.
    let axes: [Digit]
    /// By combination; `nil` where no cell that stands has it.
    var resolved: [Resolved?]

    var key: String { part.key }

    /// How an axis contributes to the number of a cell and to the number of a combination.
    struct Digit: Sendable {
        let index: Int
        let count: Int
        /// Cells between two values of this axis.
        let stride: Int
        /// Combinations between two values of this axis.
        let combinationStride: Int
    }

    struct Resolved: Sendable {
        let scientific: Setting?
        let environment: Setting?
        /// `"key":` and the canonical text of the scientific setting.
        let text: String
        /// The same for the same text, counted from 0.
        let identity: Int
        /// The values of ``GridPart/axes`` here, as configurations write them.
        let axisValues: [Setting]
    }

    func combination(of cell: Int) -> Int {
        axes.reduce(0) { $0 + cell / $1.stride % $1.count * $1.combinationStride }
    }
}

extension TrainingTask {
    /// A task whose id is already known to be that of its configuration.
    init(id: TaskID, configuration: Setting, environment: Setting, axisValues: [Setting]) {
        self.id = id
        self.configuration = configuration
        self.environment = environment
        self.axisValues = axisValues
    }
}
