/// Bytes somewhere in memory that become one tensor of a file.
package struct RawTensor {
    package let name: String
    /// The format's name of the element type, such as `F32`.
    package let elementType: String
    package let shape: [Int]
    /// Little-endian and row-major; must stay where they are until the file is made.
    package let bytes: UnsafeRawBufferPointer

    package init(name: String, elementType: String, shape: [Int], bytes: UnsafeRawBufferPointer) {
        self.name = name
        self.elementType = elementType
        self.shape = shape
        self.bytes = bytes
    }
}

extension Safetensors {
    /// The file of `tensors`, byte for byte as the reference library writes it.
    ///
    /// - Precondition: All tensors are of one type, or those of wider elements come first; names are unique.
    package static func encode(_ tensors: [RawTensor], metadata: [String: String]) -> [UInt8] {
        // The reference library sorts tensors of one type by the bytes of their names, wider types first.
        let sorted = tensors.sorted {
            let (a, b) = (elementSizes[$0.elementType] ?? 0, elementSizes[$1.elementType] ?? 0)
            return a == b ? $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) : a > b
        }
        var entries: [String] = []
        if !metadata.isEmpty {
            let texts = metadata.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\(quoted($0.value))" }
            entries.append("\"__metadata__\":{\(texts.joined(separator: ","))}")
        }
        var offset = 0
        for tensor in sorted {
            let end = offset + tensor.bytes.count
            let shape = tensor.shape.map(String.init).joined(separator: ",")
            entries.append(
                "\(quoted(tensor.name)):{\"dtype\":\"\(tensor.elementType)\",\"shape\":[\(shape)],"
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
        for tensor in sorted { file.append(contentsOf: tensor.bytes) }
        return file
    }

    /// The bytes of a tensor.
    ///
    /// - Throws: ``SafetensorsError`` where it is missing or of another type, or of another shape than a given one.
    package func bytes(
        of name: String, elementType: String, shape: [Int]? = nil
    ) throws(SafetensorsError) -> ArraySlice<UInt8> {
        guard let tensor = tensors.first(where: { $0.name == name }) else {
            throw .missing(name: name, expected: shape ?? [])
        }
        guard shape == nil || tensor.shape == shape else {
            throw .wrongShape(name: name, expected: shape ?? [], found: tensor.shape)
        }
        guard tensor.elementType == elementType else {
            throw .wrongType(name: name, expected: elementType, found: tensor.elementType)
        }
        return bytes[bytes.startIndex + tensor.range.lowerBound..<bytes.startIndex + tensor.range.upperBound]
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
