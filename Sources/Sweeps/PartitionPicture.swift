/// The linear regions and the classes of a square in input space: what Humayun's figure 1 draws.
///
/// A mesh of convex cells that share their corners, so that what lies on both sides of an edge is known exactly: no
/// edge, region or boundary is told twice.
public struct PartitionPicture: Hashable, Sendable {
    /// A place in the square, in units of the scaled input from its middle; y upwards.
    public struct Place: Hashable, Sendable {
        public let x: Double
        public let y: Double

        public init(x: Double, y: Double) {
            self.x = x
            self.y = y
        }
    }

    /// A convex part of a linear region in which one class has the largest logit.
    public struct Cell: Hashable, Sendable {
        public let label: Int
        /// The linear region that it is part of, counted from 0.
        public let region: Int
        /// Numbers of its corners, in turn; at least three.
        public let corners: [Int]

        public init(label: Int, region: Int, corners: [Int]) {
            self.label = label
            self.region = region
            self.corners = corners
        }
    }

    /// One of the three training samples that span the plane.
    public struct Sample: Hashable, Sendable {
        /// The assigned label.
        public let label: Int
        public let place: Place

        public init(label: Int, place: Place) {
            self.label = label
            self.place = place
        }
    }

    /// A stretch between two corners, with what it parts.
    public struct Edge: Hashable, Sendable {
        public let start: Place
        public let end: Place
        /// Whether it lies between two linear regions.
        public let isRegionBorder: Bool
        /// Whether the class changes across it: the decision boundary.
        public let isClassBorder: Bool
    }

    /// Half the side of the square.
    public let radius: Double
    public let samples: [Sample]
    /// Every corner once.
    public let corners: [Place]
    /// They cover the square once; none where the picture was too large to keep.
    public let cells: [Cell]

    /// - Precondition: Cells name corners that there are.
    public init(radius: Double, samples: [Sample], corners: [Place], cells: [Cell]) {
        let isSound = cells.allSatisfy { cell in cell.corners.allSatisfy(corners.indices.contains) }
        precondition(isSound, "a cell names a corner beyond the \(corners.count) that there are")
        self.radius = radius
        self.samples = samples
        self.corners = corners
        self.cells = cells
    }

    public var regionCount: Int { (cells.map(\.region).max() ?? -1) + 1 }

    /// The samples that the square holds: all, unless it shows only what lies between them.
    public var samplesInside: [Sample] { samples.filter { max(abs($0.place.x), abs($0.place.y)) <= radius } }

    /// The corners of a cell, in turn.
    public func outline(of cell: Cell) -> [Place] { cell.corners.map { corners[$0] } }

    /// The same square and samples without any cell: what is kept of a picture that is too large.
    public var withoutCells: PartitionPicture {
        PartitionPicture(radius: radius, samples: samples, corners: [], cells: [])
    }
}

extension PartitionPicture {
    /// A pair of corners, whichever way it is gone.
    private struct Ends: Hashable {
        let low: Int
        let high: Int

        init(_ one: Int, _ other: Int) { (low, high) = (min(one, other), max(one, other)) }
    }

    /// Every edge inside the square once, in the order in which cells name them.
    public var edges: [Edge] {
        var places: [Ends: Int] = [:]
        var found: [(ends: Ends, cell: Cell, other: Cell?)] = []
        for cell in cells {
            for (corner, next) in zip(cell.corners, cell.corners.dropFirst() + cell.corners.prefix(1)) {
                let ends = Ends(corner, next)
                if let place = places[ends] {
                    found[place].other = cell
                } else {
                    places[ends] = found.count
                    found.append((ends, cell, nil))
                }
            }
        }
        return found.compactMap { ends, cell, other in
            let (start, end) = (corners[ends.low], corners[ends.high])
            // With a cell on one side only, an edge is part of the frame; or another cell has a further corner on it,
            // up to rounding, and then only regions can be parted there.
            if other == nil, isOnFrame(start, end) { return nil }
            return Edge(
                start: start, end: end, isRegionBorder: other?.region != cell.region,
                isClassBorder: other.map { $0.label != cell.label } ?? false)
        }
    }

    private func isOnFrame(_ start: Place, _ end: Place) -> Bool {
        let near = radius * (1 - 1e-9)
        return [start.x, -start.x, start.y, -start.y].indices.contains { side in
            func reach(_ place: Place) -> Double { [place.x, -place.x, place.y, -place.y][side] }
            return reach(start) >= near && reach(end) >= near
        }
    }
}
