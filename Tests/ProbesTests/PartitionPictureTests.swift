import Datasets
import LinearAlgebra
import Probes
import TestSupport
import Testing

@Suite("The picture of a partition")
struct PartitionPictureTests {
    static func area(_ corners: [PartitionPicture.Place]) -> Double {
        zip(corners, corners.dropFirst() + corners.prefix(1)).reduce(0) {
            $0 + ($1.0.x * $1.1.y - $1.1.x * $1.0.y) / 2
        }
    }

    @Test("covers its square once with regions and once with cells", arguments: seeds(5))
    func areas(seed: UInt64) throws {
        let subject = Subject<Double>(widths: [8, 6], seed: seed)
        let picture = try #require(PartitionPicture(subject.snapshot()))
        let square = 4 * picture.radius * picture.radius
        let regions = picture.regions.reduce(0) { $0 + Self.area($1) }
        let cells = picture.cells.reduce(0) { $0 + Self.area($1.corners) }
        #expect(abs(regions - square) < 1e-9 * square)
        #expect(abs(cells - square) < 1e-9 * square)
        #expect(picture.regions.count > 10)
    }

    /// The input at a place of a picture: the plane is found again from the samples' places and inputs.
    static func input(_ place: PartitionPicture.Place, _ picture: PartitionPicture, _ inputs: [[Double]])
        -> [Double]
    {
        let (a, b, c) = (picture.samples[0].place, picture.samples[1].place, picture.samples[2].place)
        let determinant = (b.x - a.x) * (c.y - a.y) - (c.x - a.x) * (b.y - a.y)
        let s = ((place.x - a.x) * (c.y - a.y) - (c.x - a.x) * (place.y - a.y)) / determinant
        let t = ((b.x - a.x) * (place.y - a.y) - (place.x - a.x) * (b.y - a.y)) / determinant
        return inputs[0].indices.map {
            inputs[0][$0] + s * (inputs[1][$0] - inputs[0][$0]) + t * (inputs[2][$0] - inputs[0][$0])
        }
    }

    @Test(
        "gives each cell the class of its middle, and has two classes alike on the boundary",
        arguments: seeds(3))
    func classes(seed: UInt64) throws {
        let subject = Subject<Double>(widths: [8, 6], seed: seed)
        let picture = try #require(PartitionPicture(subject.snapshot()))
        // The first sample of each of the first three classes that come up.
        var chosen: [Int] = []
        for index in 0..<24 where chosen.count < 3 {
            let label = subject.dataset.train.labelsAssigned[index]
            if !chosen.contains(where: { subject.dataset.train.labelsAssigned[$0] == label }) {
                chosen.append(index)
            }
        }
        #expect(picture.samples.map(\.label) == chosen.map { Int(subject.dataset.train.labelsAssigned[$0]) })
        let inputs = chosen.map { subject.input(subject.dataset.train, $0) }
        for cell in picture.cells where Self.area(cell.corners) > 1e-9 {
            let count = Double(cell.corners.count)
            let middle = PartitionPicture.Place(
                x: cell.corners.reduce(0) { $0 + $1.x / count },
                y: cell.corners.reduce(0) { $0 + $1.y / count })
            let logits = subject.reference(Self.input(middle, picture, inputs)).logits
            #expect(largest(logits) == cell.label)
        }
        for ends in picture.boundary {
            let middle = PartitionPicture.Place(
                x: (ends[0].x + ends[1].x) / 2, y: (ends[0].y + ends[1].y) / 2)
            let logits = subject.reference(Self.input(middle, picture, inputs)).logits.sorted()
            #expect(abs(logits[3] - logits[2]) < 1e-9)
        }
    }
}
