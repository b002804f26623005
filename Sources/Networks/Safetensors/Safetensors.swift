/// A file of named tensors in the safetensors format, which PyTorch and others read as it is.
///
/// Eight bytes of length, a JSON header that gives each tensor's type, shape and place, then the numbers,
/// little-endian and without gaps (huggingface/safetensors, format of version 0.3 on). A value of this type has been
/// checked: every tensor's bytes are there, whole and nobody else's.
public struct Safetensors: Sendable {
    /// All tensors, in the order of their bytes.
    public let tensors: [Tensor]
    /// Free texts; PyTorch's own writer puts `format: pt`.
    public let metadata: [String: String]
    /// The numbers of all tensors.
    let bytes: ArraySlice<UInt8>

    /// One tensor's entry in the header.
    public struct Tensor: Hashable, Sendable {
        public let name: String
        /// The format's name of the element type, such as `F32`.
        public let elementType: String
        public let shape: [Int]
        /// Where its numbers are, in bytes counted from the header's end.
        public let range: Range<Int>
    }

    /// Bytes of one element of each type that the format knows.
    static let elementSizes: [String: Int] = [
        "BOOL": 1, "U8": 1, "I8": 1, "F8_E5M2": 1, "F8_E4M3": 1, "I16": 2, "U16": 2, "F16": 2, "BF16": 2,
        "I32": 4, "U32": 4, "F32": 4, "I64": 8, "U64": 8, "F64": 8,
    ]

    /// The reference library refuses longer headers.
    private static let headerBytesMax = 100_000_000

    /// Reads and checks the whole of a file.
    ///
    /// - Throws: ``SafetensorsError/damaged(_:)`` for whatever is not a safetensors file to the last byte.
    public init(decoding file: [UInt8]) throws(SafetensorsError) {
        guard file.count >= 8 else {
            throw .damaged("it has \(file.count) bytes, fewer than its length takes")
        }
        let length = file[0..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard length <= Self.headerBytesMax, length <= file.count - 8 else {
            throw .damaged("a header of \(length) bytes does not fit into \(file.count) bytes")
        }
        let header = file[8..<8 + Int(length)]
        guard header.first == UInt8(ascii: "{") else { throw .damaged("the header does not start with '{'") }
        let bytes = file[header.endIndex...]
        var tensors: [Tensor] = []
        var metadata: [String: String] = [:]
        var names: Set<String> = []
        var scanner = JSONScanner(header)
        try scanner.object { (scanner, name) throws(SafetensorsError) in
            guard names.insert(name).inserted else { throw scanner.damaged("'\(name)' comes twice") }
            if name == "__metadata__" {
                try scanner.object { (scanner, key) throws(SafetensorsError) in
                    metadata[key] = try scanner.text()
                }
            } else {
                tensors.append(try Self.tensor(name, &scanner))
            }
        }
        try scanner.expectEnd()
        tensors.sort {
            ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
        }
        try Self.requireContiguous(tensors, count: bytes.count)
        self.tensors = tensors
        self.metadata = metadata
        self.bytes = bytes
    }

    /// Reads one entry: type, shape and offsets, in any order.
    private static func tensor(
        _ name: String, _ scanner: inout JSONScanner
    ) throws(SafetensorsError) -> Tensor {
        var elementType: String?
        var shape: [Int]?
        var offsets: [Int]?
        try scanner.object { (scanner, key) throws(SafetensorsError) in
            switch key {
            case "dtype" where elementType == nil: elementType = try scanner.text()
            case "shape" where shape == nil: shape = try scanner.sizes()
            case "data_offsets" where offsets == nil: offsets = try scanner.sizes()
            default: throw scanner.damaged("'\(name)' has an unknown or repeated key '\(key)'")
            }
        }
        guard let elementType, let shape, let offsets else {
            throw scanner.damaged("'\(name)' lacks its type, shape or offsets")
        }
        guard let elementSize = elementSizes[elementType] else {
            throw scanner.damaged("'\(name)' has the unknown type '\(elementType)'")
        }
        guard offsets.count == 2, offsets[0] <= offsets[1] else {
            throw scanner.damaged("'\(name)' has no range of bytes")
        }
        guard product(shape + [elementSize]) == offsets[1] - offsets[0] else {
            throw scanner.damaged("'\(name)' of shape \(shape) does not fill its bytes")
        }
        return Tensor(name: name, elementType: elementType, shape: shape, range: offsets[0]..<offsets[1])
    }

    /// The product of sizes; `nil` where it overflows.
    private static func product(_ sizes: [Int]) -> Int? {
        sizes.reduce(1) { (product: Int?, size) in
            guard let (value, overflow) = product?.multipliedReportingOverflow(by: size) else { return nil }
            return overflow ? nil : value
        }
    }

    private static func requireContiguous(_ tensors: [Tensor], count: Int) throws(SafetensorsError) {
        var end = 0
        for tensor in tensors {
            guard tensor.range.lowerBound == end else {
                throw .damaged("'\(tensor.name)' does not start where the tensor before it ends")
            }
            end = tensor.range.upperBound
        }
        guard end == count else { throw .damaged("the tensors take \(end) bytes, the file has \(count)") }
    }
}
