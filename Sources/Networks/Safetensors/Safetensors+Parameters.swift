public import LinearAlgebra

extension Safetensors {
    /// Copies every tensor into its window of `block`, which is left as it was where something does not fit.
    ///
    /// Single precision goes into double exactly; the other way is refused.
    ///
    /// - Throws: ``SafetensorsError`` that names the first tensor that is missing, unknown, or of another shape or
    ///   type.
    public func load<Scalar: Real>(into block: ParameterBlock<Scalar>) throws(SafetensorsError) {
        let found = Dictionary(uniqueKeysWithValues: tensors.map { ($0.name, $0) })
        let wanted = Set(block.layout.windows.map(\.name))
        var pairs: [(ParameterWindow, Tensor)] = []
        for window in block.layout.windows {
            guard let tensor = found[window.name] else {
                throw .missing(name: window.name, expected: window.shape)
            }
            guard tensor.shape == window.shape else {
                throw .wrongShape(name: window.name, expected: window.shape, found: tensor.shape)
            }
            guard
                tensor.elementType == Self.elementType(Scalar.self)
                    || tensor.elementType == "F32" && Scalar.self == Double.self
            else {
                throw .wrongType(
                    name: window.name, expected: Self.elementType(Scalar.self), found: tensor.elementType)
            }
            pairs.append((window, tensor))
        }
        if let tensor = tensors.first(where: { !wanted.contains($0.name) }) {
            throw .unexpected(name: tensor.name, found: tensor.shape)
        }
        bytes.withUnsafeBytes { raw in
            for (window, tensor) in pairs {
                let source = UnsafeRawBufferPointer(rebasing: raw[tensor.range])
                let destination = block.buffer.pointer + window.offset
                if tensor.elementType == Self.elementType(Scalar.self) {
                    UnsafeMutableRawBufferPointer(
                        start: destination, count: window.count * MemoryLayout<Scalar>.stride
                    ).copyMemory(from: source)
                } else {
                    for index in 0..<window.count {
                        destination[index] = Scalar(
                            source.loadUnaligned(fromByteOffset: index * 4, as: Float.self))
                    }
                }
            }
        }
    }

    /// The file of all tensors of `block`, byte for byte as the reference library writes it.
    public static func encode<Scalar: Real>(
        _ block: ParameterBlock<Scalar>, metadata: [String: String] = ["format": "pt"]
    ) -> [UInt8] {
        let elementSize = MemoryLayout<Scalar>.stride
        // The reference library sorts tensors of one type by the bytes of their names.
        let windows = block.layout.windows.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        var entries: [String] = []
        if !metadata.isEmpty {
            let texts = metadata.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\(quoted($0.value))" }
            entries.append("\"__metadata__\":{\(texts.joined(separator: ","))}")
        }
        var offset = 0
        for window in windows {
            let end = offset + window.count * elementSize
            let shape = window.shape.map(String.init).joined(separator: ",")
            entries.append(
                "\(quoted(window.name)):{\"dtype\":\"\(elementType(Scalar.self))\",\"shape\":[\(shape)],"
                    + "\"data_offsets\":[\(offset),\(end)]}")
            offset = end
        }
        var header = Array("{\(entries.joined(separator: ","))}".utf8)
        // Spaces up to a multiple of 8 bytes, so that the numbers are aligned in a mapped file.
        header.append(contentsOf: repeatElement(0x20, count: (8 - header.count % 8) % 8))
        var file: [UInt8] = []
        file.reserveCapacity(8 + header.count + offset)
        withUnsafeBytes(of: UInt64(header.count).littleEndian) { file.append(contentsOf: $0) }
        file.append(contentsOf: header)
        for window in windows {
            let numbers = UnsafeRawBufferPointer(
                start: block.buffer.pointer + window.offset, count: window.count * elementSize)
            file.append(contentsOf: numbers)
        }
        return file
    }

    /// The format's name of a precision.
    private static func elementType<Scalar: Real>(_: Scalar.Type) -> String {
        Scalar.self == Double.self ? "F64" : "F32"
    }

    private static func quoted(_ text: String) -> String {
        let escaped = text.unicodeScalars.map { scalar -> String in
            switch scalar {
            case "\"": "\\\""
            case "\\": "\\\\"
            case "\u{0}"..<" ":
                "\\u" + String(repeating: "0", count: scalar.value < 16 ? 3 : 2)
                    + String(scalar.value, radix: 16)
            default: String(scalar)
            }
        }
        return "\"\(escaped.joined())\""
    }
}

#if _endian(big)
    #error("safetensors numbers are little-endian and are copied as they are")
#endif
