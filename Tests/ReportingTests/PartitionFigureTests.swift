import Foundation
import Reporting
import Testing

@Suite("The figure of a partition")
struct PartitionFigureTests {
    static let figure = PartitionFigure(
        radius: 1, regions: [[(-1, -1), (1, -1), (1, 1)], [(-1, -1), (1, 1), (-1, 1)]],
        cells: [
            (3, [(-1, -1), (1, -1), (1, 1)]), (3, [(-1, -1), (0, 0), (-1, 1)]),
            (7, [(0, 0), (1, 1), (-1, 1)]),
        ], boundary: [[(0, 0), (-1, 1)]], samples: [(3, (0.5, 0)), (7, (0, 0.5))])

    @Test("draws each region, cell, sample and stretch of the boundary, and a legend for its classes")
    func elements() {
        let svg = Self.figure.svg()
        func count(_ part: String) -> Int { svg.components(separatedBy: part).count - 1 }
        #expect(count("class=\"region\"") == 3)
        #expect(count("<polygon") == 5)
        #expect(count("class=\"boundary\"") == 2)
        #expect(count("<circle") == 2)
        #expect(svg.contains(">class 3<") && svg.contains(">class 7<") && !svg.contains(">class 0<"))
        #expect(svg.contains("2 linear regions"))
        #expect(svg.contains("prefers-color-scheme: dark"))
        #expect(svg == Self.figure.svg())
    }
}
