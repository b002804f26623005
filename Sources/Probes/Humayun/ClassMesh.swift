internal import Sweeps

/// A corner of a region with the logits there.
struct LogitCorner {
    let place: PartitionPicture.Place
    let logits: [Double]

    /// Where a function that is linear between this and another corner is zero.
    ///
    /// Always seen from the same end, so that the region on the other side of the edge gets the same bits.
    fileprivate func crossing(to other: LogitCorner, of function: (LogitCorner) -> Double) -> LogitCorner {
        let isOrdered = (place.x, place.y) < (other.place.x, other.place.y)
        let (from, to) = isOrdered ? (self, other) : (other, self)
        let (here, there) = (function(from), function(to))
        let share = here / (here - there)
        func between(_ one: Double, _ other: Double) -> Double { one + share * (other - one) }
        return LogitCorner(
            place: PartitionPicture.Place(
                x: between(from.place.x, to.place.x), y: between(from.place.y, to.place.y)),
            logits: zip(from.logits, to.logits).map(between))
    }
}

/// Cuts regions, on which logits are linear, into the cells where each class has the largest.
struct ClassMesh {
    /// Every corner once: those of the regions, then those that the cuts make.
    private(set) var corners: [LogitCorner]
    private(set) var cells: [PartitionPicture.Cell] = []
    private var regionCount = 0
    /// Corners that cuts have made, which the next region shares.
    private var numbers: [PartitionPicture.Place: Int] = [:]
    private let tolerance: Double

    /// - Parameters:
    ///   - corners: Of all regions, each once.
    ///   - tolerance: Within which two places that cuts of one region make are one.
    init(_ corners: [LogitCorner], tolerance: Double) {
        self.corners = corners
        self.tolerance = tolerance
    }

    /// Adds the cells of a region, given by the numbers of its corners.
    mutating func append(region: [Int]) {
        let classes = corners[region[0]].logits.indices
        var near = region
        let count = cells.count
        for label in classes {
            var part = region.map { corners[$0] }
            for other in classes where other != label && !part.isEmpty {
                part = ClassMesh.clip(part, keepsZero: label < other) { $0.logits[label] - $0.logits[other] }
            }
            var outline: [Int] = []
            for corner in part.map({ number(of: $0, among: &near) }) where !outline.contains(corner) {
                outline.append(corner)
            }
            if outline.count > 2 {
                cells.append(PartitionPicture.Cell(label: label, region: regionCount, corners: outline))
            }
        }
        if cells.count == count {
            // All parts are slivers within the tolerance: the region is one itself.
            let sums = classes.map { label in region.reduce(0) { $0 + corners[$1].logits[label] } }
            let label = sums.indices.max { sums[$0] < sums[$1] } ?? 0
            cells.append(PartitionPicture.Cell(label: label, region: regionCount, corners: region))
        }
        regionCount += 1
    }

    /// The number of a corner: that of one of the region's within the tolerance, else that of the very place, which
    /// a neighbouring region may have made.
    private mutating func number(of corner: LogitCorner, among near: inout [Int]) -> Int {
        let place = corner.place
        let known = near.first {
            let other = corners[$0].place
            return abs(other.x - place.x) <= tolerance && abs(other.y - place.y) <= tolerance
        }
        if let known { return known }
        let number = numbers[place] ?? corners.count
        if number == corners.count {
            corners.append(corner)
            numbers[place] = number
        }
        near.append(number)
        return number
    }

    /// The part of a convex polygon where a linear function is not negative (Sutherland and Hodgman, 1974).
    ///
    /// Where it is zero all over, the polygon is kept whole or not at all: ties belong to one class.
    private static func clip(
        _ polygon: [LogitCorner], keepsZero: Bool, where function: (LogitCorner) -> Double
    ) -> [LogitCorner] {
        if polygon.allSatisfy({ function($0) == 0 }) { return keepsZero ? polygon : [] }
        guard polygon.contains(where: { function($0) > 0 }) else { return [] }
        var kept: [LogitCorner] = []
        for (corner, next) in zip(polygon, polygon.dropFirst() + polygon.prefix(1)) {
            let (here, there) = (function(corner), function(next))
            if here >= 0 { kept.append(corner) }
            if here > 0 && there < 0 || here < 0 && there > 0 {
                kept.append(corner.crossing(to: next, of: function))
            }
        }
        return kept
    }
}
