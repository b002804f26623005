import LinearAlgebra
import Networks
import TestSupport
import Testing

@Suite("Observers that take blocks")
struct BlockObserverTests {
    @Test(
        "see the same numbers in the same order, but for borders of zeros, and change no output",
        arguments: ContractCase.all)
    func blocks(of subject: ContractCase) throws {
        let rig = try Rig<Float>(subject)
        func look(takesBlocks: Bool) -> (signals: [[[Float]]], logits: [[Float]]) {
            func rows(_ window: Matrix<Float>) -> [[Float]] {
                (0..<window.rows).map { row in (0..<rig.batch).map { window[row, $0] } }
            }
            var signals: [[[Float]]] = []
            rig.forward(
                observer: LayerObserver(Set(LayerSignal.allCases), takesBlocks: takesBlocks) { _, _, window in
                    signals.append(rows(window).filter { row in row.contains { $0 != 0 } })
                })
            return (signals, rows(rig.workspace.logits))
        }
        let (arranged, blocks) = (look(takesBlocks: false), look(takesBlocks: true))
        let isSame = arranged.signals == blocks.signals && arranged.logits == blocks.logits
        #expect(isSame)
        #expect(arranged.signals.count == 2 * rig.network.hiddenLayers.count)
    }
}
