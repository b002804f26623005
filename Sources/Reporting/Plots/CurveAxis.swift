internal import Foundation
internal import Sweeps

/// The x axis of curves: where each value of a grid axis or each epoch stands.
struct CurveAxis {
    let title: String
    /// One a value, in pixels from the left.
    let positions: [Double]
    let ticks: [CellAxis.Tick]
    /// Index of the value that stands apart from those after it; `nil` where none does.
    let separateIndex: Int?
    let length: Int

    private static let inset = 12.0

    /// - Parameters:
    ///   - table: The results.
    ///   - axis: Index of the axis; `nil` for the epoch.
    ///   - length: Pixels.
    init(_ table: ResultTable, axis: Int?, length: Int) {
        guard let axis = axis.map({ table.axes[$0] }) else {
            self.init(epochs: table.epochs, length: length)
            return
        }
        self.init(title: AxisTitle.withUnit(axis.axis.path), values: axis.values, length: length)
    }

    /// The axis of epochs: logarithmic, with epoch 0 apart.
    init(epochs: [Double], length: Int) {
        self.length = length
        title = AxisTitle.withUnit(AxisTitle.epoch)
        let scale = EpochScale(epochs, length: Double(length))
        positions = epochs.map { scale.position(of: $0) }
        ticks = scale.ticks(isVertical: false)
        separateIndex = epochs.first == 0 ? 0 : nil
    }

    /// - Parameters:
    ///   - title: What stands below the axis.
    ///   - values: Ascending.
    ///   - length: Pixels.
    ///   - areNames: Whether values stand at equal distances even where they are numbers.
    init(title: String, values: [Setting], length: Int, areNames: Bool = false) {
        self.title = title
        self.length = length
        separateIndex = nil
        let room = Double(length) - 2 * CurveAxis.inset
        let numbers = areNames ? [] : values.compactMap(\.asNumber).filter(\.isFinite)
        guard numbers.count == values.count, let low = numbers.first, let high = numbers.last, low < high
        else {
            let step = room / Double(max(values.count, 1))
            let places = values.indices.map { CurveAxis.inset + (Double($0) + 0.5) * step }
            positions = places
            let widest =
                values.map { SVG.width(of: $0.labelText, size: PlotStyle.labelSize) + 9 }.max() ?? 1
            ticks = CellAxis.labelled(values, perLabel: max(1, Int((widest / step).rounded(.up))))
                .map { CellAxis.Tick(position: places[$0], text: values[$0].labelText) }
            return
        }
        let isLogarithmic = CurveAxis.growsByRatio(numbers)
        func place(_ value: Double) -> Double {
            let part =
                isLogarithmic
                ? (log(value) - log(low)) / (log(high) - log(low))
                : (value / 2 - low / 2) / (high / 2 - low / 2)
            return CurveAxis.inset + part * room
        }
        positions = numbers.map(place)
        let isFew = numbers.count <= (isLogarithmic ? 9 : 6)
        let round =
            isLogarithmic
            ? Ticks.logarithmic(from: low, to: high)
            : Ticks.linear(from: low, to: high, about: max(2, length / 60))
        let marked = isFew ? numbers : round
        let labels = isFew ? values.map(\.labelText) : Ticks.labels(marked)
        ticks = zip(marked, labels).map { CellAxis.Tick(position: place($0), text: $1) }
    }

    /// Whether steps grow with the values, as in 1, 2, 4, 8.
    private static func growsByRatio(_ numbers: [Double]) -> Bool {
        guard numbers.count >= 3, numbers[0] > 0, numbers[numbers.count - 1] / numbers[0] >= 8 else {
            return false
        }
        let last = numbers[numbers.count - 1] - numbers[numbers.count - 2]
        return last / (numbers[1] - numbers[0]) > 4
    }
}

/// The y axis of curves, shared by all panels.
struct ValueAxis {
    let ticks: [CellAxis.Tick]
    let isLogarithmic: Bool
    private let low: Double
    private let high: Double
    private let length: Double

    /// Pixels of the axis.
    var height: Int { Int(length) }

    /// An axis that holds all means and bands.
    ///
    /// - Parameters:
    ///   - points: Everything that is drawn.
    ///   - length: Pixels.
    ///   - mayBeLogarithmic: Whether values over more than two decades get a logarithmic scale.
    init(_ points: [CurveFigure.Point], length: Int, mayBeLogarithmic: Bool) {
        self.length = Double(length)
        let means = points.map(\.mean)
        let least = means.min() ?? 0
        let greatest = points.map(\.high).filter(\.isFinite).max() ?? 1
        if mayBeLogarithmic, least > 0, (means.max() ?? 1) / least > 100 {
            isLogarithmic = true
            low = least / 1.25
            high = greatest * 1.1
        } else {
            isLogarithmic = false
            // What is never negative has its zero at the bottom, unless all the curves are far from it.
            let lowest = points.map(\.low).filter(\.isFinite).min() ?? 0
            let span = max(greatest / 2 - lowest / 2, abs(greatest) * 0.01, 1e-300)
            low = least >= 0 && lowest / 2 < span * 2 ? min(0, least) : lowest - span * 0.1
            high = greatest + span * 0.1
        }
        let values =
            isLogarithmic
            ? Ticks.logarithmic(from: low, to: high) : Ticks.linear(from: low, to: high, about: 5)
        let (bottom, top, pixels, logs) = (low, high, Double(length), isLogarithmic)
        ticks = zip(values, Ticks.labels(values)).map { value, text in
            CellAxis.Tick(
                position: ValueAxis.place(value, bottom, top, isLogarithmic: logs) * pixels, text: text)
        }
    }

    /// Pixels from the bottom, within the axis.
    func position(of value: Double) -> Double {
        min(max(ValueAxis.place(value, low, high, isLogarithmic: isLogarithmic), 0), 1) * length
    }

    private static func place(_ value: Double, _ low: Double, _ high: Double, isLogarithmic: Bool) -> Double {
        isLogarithmic
            ? (log(max(value, low)) - log(low)) / (log(high) - log(low))
            : (value / 2 - low / 2) / (high / 2 - low / 2)
    }
}
