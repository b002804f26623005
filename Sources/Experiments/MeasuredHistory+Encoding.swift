internal import Basics
internal import Probes
internal import Sweeps

/// A history as bytes.
///
/// Not the form of a result: probes have not concluded yet, and what they carry is there as well.
extension MeasuredHistory {
    func encoded() -> [UInt8] {
        var writer = ByteWriter()
        writer.append(subject.metrics)
        writer.append(UInt32(subject.probes.count))
        for probe in subject.probes { writer.append(probe) }
        writer.append(UInt32(records.count))
        for record in records {
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

    /// A history read from its bytes; `nil` for anything else.
    init?(encoded bytes: [UInt8]) {
        var reader = ByteReader(bytes)
        guard let metrics = reader.readText(), let probes = reader.readMany({ $0.readText() }) else {
            return nil
        }
        let records = reader.readMany { reader -> EpochRecord? in
            guard let epoch = reader.read(Int64.self), let step = reader.read(Int64.self),
                let passes = reader.readDouble(), let metrics = reader.readOptionals(),
                let readings = reader.readMany({ $0.readReading() }), readings.count == probes.count
            else { return nil }
            return EpochRecord(
                epoch: Int(epoch), step: Int(step), passes: passes, metrics: metrics, readings: readings)
        }
        guard let records, reader.isAtEnd else { return nil }
        self.init(subject: Subject(metrics: metrics, probes: probes), records: records)
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
