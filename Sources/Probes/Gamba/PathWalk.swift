internal import LinearAlgebra
internal import Networks
internal import Sweeps

/// Walks all paths from all points and integrates on the way, so that every volume comes from one pass.
final class PathWalk<Scalar: Real> {
    let reader: SharpnessReader<Scalar>
    private let path: any AugmentationPath
    private let pathCount: Int
    /// [B × D]: the latest anchors of a batch, not scaled.
    private let anchors: Buffer<Double>
    /// [D × B]: the scaled images of the anchor before.
    private let previous: SamplePoints<Scalar>
    private let squares: Buffer<Double>

    init(_ reader: SharpnessReader<Scalar>, path: any AugmentationPath, pathCount: Int) {
        self.reader = reader
        self.path = path
        self.pathCount = pathCount
        let (inputCount, batchMax) = (reader.inputs.rows, reader.inputs.columns)
        anchors = Buffer(count: inputCount * batchMax)
        previous = SamplePoints(inputCount: inputCount, count: batchMax)
        squares = Buffer(count: batchMax)
    }

    /// The integrals up to 1, 2 … A anchors, [volume][point].
    func integrals(_ snapshot: Snapshot<Scalar>) -> [[Sharpness]] {
        let none = [Sharpness](repeating: Sharpness(), count: reader.points.count)
        var integrals = [[Sharpness]](repeating: none, count: path.anchorCount)
        var start = 0
        while start < reader.points.count {
            let batch = min(SharpnessReader<Scalar>.batchMax, reader.points.count - start)
            reader.placePoints(from: start, batch: batch)
            let origin = read(snapshot, from: start, batch: batch)
            for column in 0..<batch { integrals[0][start + column] = origin[column] }
            for path in 0..<pathCount {
                walk(snapshot, path, origin: origin, from: start, batch: batch, into: &integrals)
            }
            start += batch
        }
        return integrals
    }

    /// Adds one path's share to the integrals of a batch of points.
    private func walk(
        _ snapshot: Snapshot<Scalar>, _ path: Int, origin: [Sharpness], from start: Int, batch: Int,
        into integrals: inout [[Sharpness]]
    ) {
        var sums = [Sharpness](repeating: Sharpness(), count: batch)
        var lengths = [Double](repeating: 0, count: batch)
        var before = origin
        takeOrigin(from: start, batch: batch)
        for anchor in 1..<self.path.anchorCount {
            // An anchor where the one before is adds nothing to sums and lengths.
            if self.path.moves(to: anchor, path: path) {
                advance(to: anchor, path: path, from: start, batch: batch)
                let found = read(snapshot, from: start, batch: batch)
                let distances = distancesToPrevious(batch: batch)
                for column in 0..<batch {
                    sums[column].add(before[column], scaledBy: distances[column] / 2)
                    sums[column].add(found[column], scaledBy: distances[column] / 2)
                    lengths[column] += distances[column]
                }
                before = found
            }
            for column in 0..<batch {
                // A path that has not left its point yet, because what it erases is zero, has the point's value.
                let (sum, length) =
                    lengths[column] > 0 ? (sums[column], lengths[column]) : (origin[column], 1)
                integrals[anchor][start + column].add(sum, scaledBy: 1 / (length * Double(pathCount)))
            }
        }
    }

    private func read(_ snapshot: Snapshot<Scalar>, from start: Int, batch: Int) -> [Sharpness] {
        var found = [Sharpness](repeating: Sharpness(), count: batch)
        found.withUnsafeMutableBufferPointer { found in
            guard let first = found.baseAddress else { return }
            reader.read(snapshot, from: start, batch: batch, into: first)
        }
        return found
    }

    /// Makes the points themselves the latest anchors, and the ones before.
    private func takeOrigin(from start: Int, batch: Int) {
        reader.placePoints(from: start, batch: batch)
        reader.scale(reader.images, batch: batch, into: previous.inputs)
        let (images, count) = (reader.images, reader.images.rows)
        for pixel in 0..<count {
            let row = images.pointer + pixel * images.stride
            for column in 0..<batch { anchors.pointer[column * count + pixel] = Double(row[column]) }
        }
    }

    /// Makes the next anchors of a batch, and places them before the reader.
    private func advance(to anchor: Int, path: Int, from start: Int, batch: Int) {
        let (images, count) = (reader.images, reader.images.rows)
        for column in 0..<batch {
            self.path.advance(
                anchors.pointer + column * count, to: anchor, path: path, point: start + column)
        }
        for pixel in 0..<count {
            let row = images.pointer + pixel * images.stride
            for column in 0..<batch { row[column] = Scalar(anchors.pointer[column * count + pixel]) }
        }
    }

    /// ‖x_{j+1} − x_j‖₂ of each column; the images just read become the anchor before.
    private func distancesToPrevious(batch: Int) -> [Double] {
        let difference = previous.inputs.firstColumns(batch)
        difference.subtract(reader.inputs)
        Scalar.columnSquares(difference, into: squares.pointer)
        difference.copy(from: reader.inputs.firstColumns(batch))
        return (0..<batch).map { squares.pointer[$0].squareRoot() }
    }
}

extension Sharpness {
    fileprivate mutating func add(_ other: Sharpness, scaledBy factor: Double) {
        accuracy += factor * other.accuracy
        loss += factor * other.loss
        jacobian += factor * other.jacobian
        hessian += factor * other.hessian
    }
}
