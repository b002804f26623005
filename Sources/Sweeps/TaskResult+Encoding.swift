public import Basics

extension TaskResult {
    private static let magic: [UInt8] = Array("DRES".utf8)
    /// Of results measured at the ends of epochs.
    private static let formatVersion: UInt16 = 1
    /// Of results measured within epochs: every measurement tells its passes.
    private static let formatVersionWithPasses: UInt16 = 2

    private var isMeasuredWithinEpochs: Bool { measurements.contains { $0.passes != Double($0.epoch) } }

    /// The canonical bytes: what travels, what is stored, and what ``contentHash`` is taken over.
    public func encoded() -> [UInt8] {
        var writer = ByteWriter()
        writer.append(TaskResult.magic)
        let hasPasses = isMeasuredWithinEpochs
        writer.append(hasPasses ? TaskResult.formatVersionWithPasses : TaskResult.formatVersion)
        writer.append(Int64(divergedAtEpoch ?? -1))
        writer.append(UInt32(columns.count))
        for column in columns { writer.append(column) }
        writer.append(UInt32(measurements.count))
        for measurement in measurements {
            writer.append(Int64(measurement.epoch))
            writer.append(Int64(measurement.step))
            if hasPasses { writer.append(measurement.passes) }
            for scalar in measurement.scalars {
                writer.append(scalar == nil ? UInt8(0) : 1)
                writer.append(scalar ?? 0)
            }
            writer.append(UInt32(measurement.layers.count))
            for value in measurement.layers {
                writer.append(value.metric)
                writer.append(Int32(value.layer))
                writer.append(Int32(value.index))
                writer.append(value.value)
            }
        }
        return writer.bytes
    }

    public var contentHash: ContentHash { ContentHash(of: encoded()) }

    /// A result read from its canonical bytes; `nil` for anything else, however it is damaged.
    public init?(encoded bytes: [UInt8]) {
        var reader = ByteReader(bytes)
        guard reader.read(count: 4).map(Array.init) == TaskResult.magic,
            let version = reader.read(UInt16.self),
            [TaskResult.formatVersion, TaskResult.formatVersionWithPasses].contains(version),
            let diverged = reader.read(Int64.self), diverged >= -1,
            let columns = TaskResult.readMany(&reader, bytesEach: 4, { $0.readText() }),
            let measurements = TaskResult.readMany(
                &reader, bytesEach: 20,
                {
                    TaskResult.readMeasurement(
                        &$0, columnCount: columns.count,
                        hasPasses: version == TaskResult.formatVersionWithPasses)
                }),
            reader.isAtEnd
        else { return nil }
        self.init(
            columns: columns, measurements: measurements, divergedAtEpoch: diverged < 0 ? nil : Int(diverged))
        // One result has one encoding.
        if isMeasuredWithinEpochs != (version == TaskResult.formatVersionWithPasses) { return nil }
    }

    /// Reads a count and then as many elements, refusing a count that the remaining bytes cannot hold.
    private static func readMany<Element>(
        _ reader: inout ByteReader, bytesEach: Int, _ read: (inout ByteReader) -> Element?
    ) -> [Element]? {
        guard let count = reader.read(UInt32.self), Int(count) * bytesEach <= reader.remainingCount else {
            return nil
        }
        var elements: [Element] = []
        elements.reserveCapacity(Int(count))
        for _ in 0..<count {
            guard let element = read(&reader) else { return nil }
            elements.append(element)
        }
        return elements
    }

    private static func readMeasurement(
        _ reader: inout ByteReader, columnCount: Int, hasPasses: Bool
    ) -> Measurement? {
        guard let epoch = reader.read(Int64.self), epoch >= 0,
            let step = reader.read(Int64.self), step >= 0,
            let passes = hasPasses ? reader.readDouble() : Double(epoch),
            passes >= Double(epoch), passes < Double(epoch) + 1 || !hasPasses,
            columnCount * 9 <= reader.remainingCount
        else { return nil }
        var scalars: [Double?] = []
        for _ in 0..<columnCount {
            guard let isThere = reader.read(UInt8.self), isThere <= 1, let value = reader.readDouble() else {
                return nil
            }
            // One result has one encoding: a missing value's bits are zero.
            if isThere == 0, value.bitPattern != 0 { return nil }
            scalars.append(isThere == 1 ? value : nil)
        }
        guard let layers = readMany(&reader, bytesEach: 20, { readLayerValue(&$0) }) else { return nil }
        return Measurement(
            epoch: Int(epoch), step: Int(step), passes: passes, scalars: scalars, layers: layers)
    }

    private static func readLayerValue(_ reader: inout ByteReader) -> LayerValue? {
        guard let metric = reader.readText(), let layer = reader.read(Int32.self),
            let index = reader.read(Int32.self), let value = reader.readDouble()
        else { return nil }
        return LayerValue(metric: metric, layer: Int(layer), index: Int(index), value: value)
    }
}
