import Foundation

/// The files in `Tests/Fixtures`, which a script there made.
enum Fixture {
    static func data(_ name: String, file: String = #filePath) throws -> Data {
        let tests = URL(fileURLWithPath: file).deletingLastPathComponent().deletingLastPathComponent()
        return try Data(contentsOf: tests.appendingPathComponent("Fixtures/\(name)"))
    }
}

/// What `Tests/Fixtures/make_networks.py` wrote: small MLPs as PyTorch computes them in double precision.
struct PyTorchNetworks: Decodable {
    let cases: [Case]

    struct Case: Decodable {
        let activation: String
        let loss: String
        let sizes: [Int]
        let parameters: [String: [Double]]
        let shapes: [String: [Int]]
        /// [B × D] and [B × K]: one example a row.
        let inputs: [Double]
        let labels: [Int32]
        let logits: [Double]
        let losses: [Double]
        let meanLoss: Double
        let gradients: [String: [Double]]
        let inputGradient: [Double]
    }

    static func load() throws -> PyTorchNetworks {
        try JSONDecoder().decode(PyTorchNetworks.self, from: Fixture.data("networks.json"))
    }
}
