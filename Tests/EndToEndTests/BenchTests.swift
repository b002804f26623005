import Foundation
import Testing

@Suite("descent bench")
struct BenchTests {
    private func table(_ arguments: [String]) throws -> [[String]] {
        let scratch = try Scratch()
        let ending = try BuiltCommand.run(["bench"] + arguments, in: scratch.folder)
        #expect(ending.exitCode == 0, "\(ending.story)")
        return ending.output.split(separator: "\n").map { line in
            line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
    }

    @Test(
        "train prints a line for a training step and one for a Jacobian of every family",
        arguments: ["mlp", "convnet", "cnn", "resnet18"])
    func train(family: String) throws {
        let rows = try table([
            "train", "--model", family, "--width", "1,2", "--batch", "4", "--input", "1x16x16", "--threads",
            "1",
            "--seconds", "0.01",
        ])
        #expect(rows.first == ["kind", "model", "width", "batch", "threads", "ms_median", "gflops"])
        #expect(rows.dropFirst().map { $0[0] } == ["train_step", "jacobian", "train_step", "jacobian"])
        #expect(
            rows.dropFirst().map { $0[1..<5].joined(separator: " ") }.suffix(2).first == "\(family) 2 4 1")
        for row in rows.dropFirst() {
            let areNumbers = (Double(row[5]) ?? 0) > 0 && (Double(row[6]) ?? 0) > 0
            #expect(areNumbers, "\(row)")
        }
    }

    @Test("probes prints a line for every probe that fits the network")
    func probes() throws {
        let rows = try table([
            "probes", "--model", "mlp", "--width", "4", "--batch", "10", "--input", "1x8x8", "--samples",
            "200",
            "--epochs", "2",
        ])
        #expect(rows.first == ["probe", "model", "width", "batch", "threads", "ms_median", "share"])
        let names = rows.dropFirst().map { $0[0] }
        #expect(
            names.contains("jacobian-norm") && names.contains("local-complexity")
                && names.contains("flatness"))
        #expect(Set(names).count == names.count)
    }
}
