internal import Basics
internal import Probes
internal import Sweeps

/// Records as bytes: what a checkpoint keeps of the measurements so far.
///
/// Not the form of a result: probes have not concluded yet, and what they carry is there as well.
extension [EpochRecord] {
    func encoded() -> [UInt8] {
        var writer = ByteWriter()
        writer.append(UInt32(count))
        for record in self {
            writer.append(Int64(record.epoch))
            writer.append(Int64(record.step))
            writer.append(record.passes)
            writer.append(record.metrics)
            writer.append(UInt32(record.readings.count))
            for reading in record.readings {
                writer.append(reading.scalars)
                writer.append(UInt32(reading.layers.count))
                for value in reading.layers {
                    writer.append(value.metric)
                    writer.append(Int64(value.layer))
                    writer.append(Int64(value.index))
                    writer.append(value.value)
                }
                writer.append(UInt32(reading.carried.count))
                for number in reading.carried { writer.append(number) }
            }
        }
        return writer.bytes
    }

    /// Records read from their bytes; `nil` for anything else, and for records of other metrics or probes.
    init?(encoded bytes: [UInt8], metricCount: Int, probes: [any Probe]) {
        var reader = ByteReader(bytes)
        let records = reader.readMany { reader -> EpochRecord? in
            guard let epoch = reader.read(Int64.self), let step = reader.read(Int64.self),
                let passes = reader.readDouble(), let metrics = reader.readOptionals(),
                let readings = reader.readMany({ $0.readReading() })
            else { return nil }
            return EpochRecord(
                epoch: Int(epoch), step: Int(step), passes: passes, metrics: metrics, readings: readings)
        }
        guard let records, reader.isAtEnd else { return nil }
        for record in records {
            let counts = record.readings.map(\.scalars.count)
            guard record.metrics.count == metricCount, counts == probes.map(\.columns.count) else {
                return nil
            }
        }
        self = records
    }
}

extension ByteWriter {
    fileprivate mutating func append(_ values: [Double?]) {
        append(UInt32(values.count))
        for value in values {
            append(value == nil ? UInt8(0) : 1)
            append(value ?? 0)
        }
    }
}

extension ByteReader {
    /// A count and as many elements; nothing is allocated before its bytes are known to be there.
    fileprivate mutating func readMany<Element>(_ read: (inout ByteReader) -> Element?) -> [Element]? {
        guard let count = self.read(UInt32.self), Int(count) <= remainingCount else { return nil }
        var elements: [Element] = []
        for _ in 0..<count {
            guard let element = read(&self) else { return nil }
            elements.append(element)
        }
        return elements
    }

    fileprivate mutating func readOptionals() -> [Double?]? {
        readMany { reader -> Double?? in
            guard let isThere = reader.read(UInt8.self), isThere <= 1, let value = reader.readDouble() else {
                return nil
            }
            return .some(isThere == 1 ? value : nil)
        }
    }

    fileprivate mutating func readReading() -> ProbeReading? {
        guard let scalars = readOptionals(),
            let layers = readMany({ reader -> LayerValue? in
                guard let metric = reader.readText(), let layer = reader.read(Int64.self),
                    let index = reader.read(Int64.self), let value = reader.readDouble()
                else { return nil }
                return LayerValue(metric: metric, layer: Int(layer), index: Int(index), value: value)
            }), let carried = readMany({ $0.readDouble() })
        else { return nil }
        return ProbeReading(scalars: scalars, layers: layers, carried: carried)
    }
}
