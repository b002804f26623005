import Foundation
import LinearAlgebra
import Networks
import Sweeps
import Testing

@Suite("Safetensors")
struct SafetensorsTests {
    private static func network<Scalar: Real>(_ widths: [Int] = [7, 6]) -> MLP<Scalar> {
        MLP(inputShape: ImageShape(channels: 1, height: 1, width: 5), widths: widths, classCount: 4)
    }

    private static func block<Scalar: Real>(_ widths: [Int] = [7, 6]) -> ParameterBlock<Scalar> {
        let network: MLP<Scalar> = network(widths)
        let block = ParameterBlock<Scalar>(network.layout)
        network.initialize(block, seed: 3)
        return block
    }

    @Test("a block comes back as it was, in both precisions")
    func roundTrip() throws {
        let (single, double) = (Self.block() as ParameterBlock<Float>, Self.block() as ParameterBlock<Double>)
        let (a, b) = (ParameterBlock<Float>(single.layout), ParameterBlock<Double>(double.layout))
        try Safetensors(decoding: Safetensors.encode(single)).load(into: a)
        try Safetensors(decoding: Safetensors.encode(double)).load(into: b)
        #expect(a.buffer.array == single.buffer.array)
        #expect(b.buffer.array == double.buffer.array)
    }

    @Test("the reference library's file is read, and written again byte for byte")
    func referenceFile() throws {
        let bytes = [UInt8](try Fixture.data("networks.safetensors"))
        let file = try Safetensors(decoding: bytes)
        let block: ParameterBlock<Double> = Self.block()
        try file.load(into: block)
        let reference = try PyTorchNetworks.load().cases[0]
        for window in block.layout.windows {
            let found = (0..<window.count).map { block.buffer.pointer[window.offset + $0] }
            #expect(found == reference.parameters[window.name])
        }
        #expect(file.metadata == ["format": "pt"])
        let isSame = Safetensors.encode(block) == bytes
        #expect(isSame)
    }

    @Test("single precision loads into double exactly; the other way is refused by name")
    func precisions() throws {
        let single: ParameterBlock<Float> = Self.block()
        let double = ParameterBlock<Double>(single.layout)
        try Safetensors(decoding: Safetensors.encode(single)).load(into: double)
        #expect(double.buffer.array == single.buffer.array.map(Double.init))
        let file = try Safetensors(decoding: Safetensors.encode(double))
        #expect(throws: SafetensorsError.wrongType(name: "layers.0.weight", expected: "F32", found: "F64")) {
            try file.load(into: single)
        }
    }

    @Test("a checkpoint of another model names the tensor that does not fit, and changes nothing")
    func otherModel() throws {
        let file = try Safetensors(decoding: Safetensors.encode(Self.block([7, 6]) as ParameterBlock<Float>))
        func expect(_ error: SafetensorsError, widths: [Int]) {
            let block: ParameterBlock<Float> = Self.block(widths)
            let before = block.buffer.array
            #expect(throws: error) { try file.load(into: block) }
            #expect(block.buffer.array == before)
        }
        expect(.wrongShape(name: "layers.1.weight", expected: [3, 7], found: [6, 7]), widths: [7, 3])
        expect(.missing(name: "layers.3.weight", expected: [4, 4]), widths: [7, 6, 4])
        expect(.wrongShape(name: "layers.1.weight", expected: [4, 7], found: [6, 7]), widths: [7])
        let shallow = Self.block([7, 6]) as ParameterBlock<Float>
        var layout = shallow.layout
        layout.append("extra", shape: [2])
        let more = try Safetensors(decoding: Safetensors.encode(ParameterBlock<Float>(layout)))
        #expect(throws: SafetensorsError.unexpected(name: "extra", found: [2])) {
            try more.load(into: shallow)
        }
    }

    @Test("no truncation of a file is taken for a file")
    func truncations() {
        let bytes = Safetensors.encode(Self.block() as ParameterBlock<Float>)
        for count in 0..<bytes.count {
            #expect(throws: SafetensorsError.self) { try Safetensors(decoding: Array(bytes[..<count])) }
        }
        #expect(throws: SafetensorsError.self) { try Safetensors(decoding: bytes + [0]) }
    }

    @Test("no flipped bit of the header traps, and none goes unnoticed in names, types, shapes and offsets")
    func bitFlips() throws {
        let block: ParameterBlock<Float> = Self.block()
        let bytes = Safetensors.encode(block)
        let start = bytes.count - block.count * 4
        let metadata = try #require(String(bytes: bytes[8..<start], encoding: .utf8)?.range(of: "}"))
            .upperBound
        let metadataCount = String(bytes: bytes[8..<start], encoding: .utf8)?.prefix(upTo: metadata).utf8
            .count
        for index in 0..<start {
            for bit in 0..<8 {
                var damaged = bytes
                damaged[index] ^= 1 << UInt8(bit)
                let isLoaded = (try? Safetensors(decoding: damaged).load(into: block)) != nil
                // Only free texts and the padding's white space may change without harm.
                let isHarmless = (8..<8 + (metadataCount ?? 0)).contains(index) || bytes[index] == 0x20
                #expect(!isLoaded || isHarmless, "bit \(bit) of byte \(index)")
            }
        }
    }

    @Test(
        "a damaged header is refused with a reason",
        arguments: [
            ("", "start with"),
            ("[]", "start with"),
            ("{", "'\"' is missing"),
            ("{} {}", "last brace"),
            (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, "take 4 bytes"),
            (#"{"a":{"dtype":"F32","shape":[0],"data_offsets":[4,4]}}"#, "does not start where"),
            (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#, "does not fill"),
            (#"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}"#, "does not fill"),
            (#"{"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,0]}}"#, "out of range"),
            (#"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,0]}}"#, "size is missing"),
            (#"{"a":{"dtype":"F33","shape":[0],"data_offsets":[0,0]}}"#, "unknown type"),
            (#"{"a":{"dtype":"F32","shape":[0],"data_offsets":[4,0]}}"#, "no range"),
            (#"{"a":{"dtype":"F32","shape":[0]}}"#, "lacks"),
            (#"{"a":{"dtype":"F32","dtype":"F32","shape":[0],"data_offsets":[0,0]}}"#, "repeated key"),
            (
                #"{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"#
                    + #""a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}"#, "comes twice"
            ),
            (#"{"\ud800":{}}"#, "missing"),
            (#"{"\q":{}}"#, "unknown escape"),
            (#"{"a"#, "not closed"),
        ])
    func damagedHeaders(header: String, reason: String) {
        let bytes = Array(header.utf8)
        let length = withUnsafeBytes(of: UInt64(bytes.count).littleEndian) { Array($0) }
        let error = #expect(throws: SafetensorsError.self) { try Safetensors(decoding: length + bytes) }
        #expect(error?.description.contains(reason) == true, "\(error?.description ?? "no error")")
    }

    @Test("a header longer than the file, or than any file, is refused before it is read")
    func longHeaders() {
        for length in [3, 1 << 40, UInt64.max] {
            let bytes = withUnsafeBytes(of: length.littleEndian) { Array($0) } + Array("{}".utf8)
            #expect(throws: SafetensorsError.self) { try Safetensors(decoding: bytes) }
        }
    }

    @Test("names and texts with quotes, control characters and accents survive")
    func escapes() throws {
        var layout = ParameterLayout()
        layout.append("a\"b\\c\n\u{1}é", shape: [])
        let metadata = ["k\t": "v \u{1F600}"]
        let bytes = Safetensors.encode(ParameterBlock<Float>(layout), metadata: metadata)
        let file = try Safetensors(decoding: bytes)
        #expect(file.tensors.map(\.name) == layout.windows.map(\.name))
        #expect(file.metadata == metadata)
    }

    @Test("numbers start at a multiple of 8 bytes")
    func alignment() {
        for width in 1...12 {
            let block: ParameterBlock<Float> = Self.block([width])
            #expect((Safetensors.encode(block).count - block.count * 4) % 8 == 0)
        }
    }
}
