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
        let tensors = block.layout.windows.map { window in
            let numbers = UnsafeRawBufferPointer(
                start: block.buffer.pointer + window.offset, count: window.count * MemoryLayout<Scalar>.stride
            )
            return RawTensor(
                name: window.name, elementType: elementType(Scalar.self), shape: window.shape, bytes: numbers)
        }
        return encode(tensors, metadata: metadata)
    }

    /// The format's name of a precision.
    package static func elementType<Scalar: Real>(_: Scalar.Type) -> String {
        Scalar.self == Double.self ? "F64" : "F32"
    }
}

#if _endian(big)
    #error("safetensors numbers are little-endian and are copied as they are")
#endif
