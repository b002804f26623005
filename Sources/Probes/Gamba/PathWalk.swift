internal import LinearAlgebra
internal import Networks
internal import Sweeps

/// Walks all paths from all points and integrates on the way, so that every volume comes from one pass.
final class PathWalk<Scalar: Real> {
    let reader: SharpnessReader<Scalar>
    private let path: any AugmentationPath
    private let pathCount: Int
    private let previousStorage: Buffer<Scalar>
    /// [D × B]: the scaled images of the anchor before.
    private let previous: Matrix<Scalar>
    private let squares: Buffer<Double>

    init(_ reader: SharpnessReader<Scalar>, path: any AugmentationPath, pathCount: Int) {
        self.reader = reader
        self.path = path
        self.pathCount = pathCount
        let inputs = reader.inputs
        previousStorage = Buffer(count: inputs.rows * inputs.columns)
        previous = Matrix(previousStorage.pointer, rows: inputs.rows, columns: inputs.columns)
        squares = Buffer(count: inputs.columns)
    }

    /// The integrals up to 1, 2 … A anchors, [volume][point].
    func integrals(_ snapshot: Snapshot<Scalar>) -> [[Sharpness]] {
        let none = [Sharpness](repeating: Sharpness(), count: reader.points.count)
        var integrals = [[Sharpness]](repeating: none, count: path.anchorCount)
        var start = 0
        while start < reader.points.count {
            let batch = min(SharpnessReader<Scalar>.batchMax, reader.points.count - start)
            let origin = read(snapshot, anchor: 0, path: 0, from: start, batch: batch)
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
        placeOrigin(from: start, batch: batch)
        for anchor in 1..<self.path.anchorCount {
            let found = read(snapshot, anchor: anchor, path: path, from: start, batch: batch)
            let distances = distancesToPrevious(batch: batch)
            for column in 0..<batch {
                let distance = distances[column]
                sums[column].add(before[column], scaledBy: distance / 2)
                sums[column].add(found[column], scaledBy: distance / 2)
                lengths[column] += distance
                // A path that has not left its point yet, because what it erases is zero, has the point's value.
                let (sum, length) =
                    lengths[column] > 0 ? (sums[column], lengths[column]) : (origin[column], 1)
                integrals[anchor][start + column].add(sum, scaledBy: 1 / (length * Double(pathCount)))
            }
            before = found
        }
    }

    private func read(
        _ snapshot: Snapshot<Scalar>, anchor: Int, path: Int, from start: Int, batch: Int
    ) -> [Sharpness] {
        let count = reader.inputs.rows
        for column in 0..<batch {
            self.path.place(
                anchor, path: path, point: start + column, into: reader.images.pointer + column * count)
        }
        var found = [Sharpness](repeating: Sharpness(), count: batch)
        found.withUnsafeMutableBufferPointer { found in
            guard let first = found.baseAddress else { return }
            reader.read(snapshot, from: start, batch: batch, into: first)
        }
        return found
    }

    /// Makes the points themselves the anchor before.
    private func placeOrigin(from start: Int, batch: Int) {
        let count = reader.inputs.rows
        for column in 0..<batch {
            path.place(
                0, path: 0, point: start + column, into: reader.images.pointer + column * count)
        }
        reader.scaleImages(batch: batch, into: previous)
    }

    /// ‖x_{j+1} − x_j‖₂ of each column; the images just read become the anchor before.
    private func distancesToPrevious(batch: Int) -> [Double] {
        let difference = previous.firstColumns(batch)
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
