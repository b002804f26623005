import LinearAlgebra
import Sweeps

/// Where a residual network normalises, and how it begins.
enum ResNetVariant: String, Hashable, Sendable, CaseIterable {
    /// Normalisation and ReLU before each convolution (He et al., 2016b); Nakkiran's.
    case preactivation
    /// After each convolution, and a ReLU after the sum (He et al., 2016a); Gamba's.
    case postactivation
    /// Post-activation whose residual branches begin at zero (Zhang et al., 2019); Gamba's default.
    case fixup
}

extension ImageNetwork {
    /// ResNet18 with k, 2k, 4k and 8k channels (methods.md §3.1, §4.1): four stages of two blocks.
    ///
    /// A stem of 3 × 3, strides 1, 2, 2, 2, no biases but the head's, 1 × 1 shortcuts without normalisation where the
    /// shape changes, and each channel's mean at the end.
    static func resnet18(
        inputShape: ImageShape, width: Int, classCount: Int, hasBatchNorm: Bool, variant: ResNetVariant,
        initialization: Initialization
    ) -> ImageNetwork {
        var builder = ImageNetworkBuilder(inputShape)
        let isPre = variant == .preactivation
        let stem = builder.convolution(
            "conv1", from: 0, outputs: width, hasBias: false, hidden: isPre || hasBatchNorm ? nil : "conv1")
        if !isPre, hasBatchNorm { _ = builder.normalization("bn1", from: stem, hidden: "bn1") }
        for stage in 0..<4 {
            for index in 0..<2 {
                let block = ResNetBlock(
                    name: "layer\(stage + 1).\(index)", channels: width << stage,
                    stride: stage > 0 && index == 0 ? 2 : 1, hasBatchNorm: hasBatchNorm,
                    isFixup: variant == .fixup)
                isPre ? block.appendPreactivation(&builder) : block.appendPostactivation(&builder)
            }
        }
        _ = builder.pool(.mean, from: builder.last)
        return ImageNetwork(
            builder, inputShape, head: "linear", classCount: classCount, initialization: initialization,
            isHeadZero: variant == .fixup)
    }
}

/// One residual block of two convolutions.
private struct ResNetBlock {
    let name: String
    let channels: Int
    let stride: Int
    let hasBatchNorm: Bool
    let isFixup: Bool

    /// x + conv2(relu(bn2(conv1(relu(bn1(x)))))), where the shortcut, if any, starts from relu(bn1(x)).
    func appendPreactivation(_ builder: inout ImageNetworkBuilder) {
        let x = builder.last
        let first = builder.normalization(norm("bn1"), from: x, hidden: "\(name).bn1")
        let inner = builder.convolution(
            "\(name).conv1", from: first, outputs: channels, stride: stride, hasBias: false)
        let second = builder.normalization(norm("bn2"), from: inner, hidden: "\(name).bn2")
        let skip = shortcut(x, from: first, &builder)
        _ = builder.convolution(
            "\(name).conv2", from: second, outputs: channels, hasBias: false, adding: skip)
    }

    /// relu(x + bn2(conv2(relu(bn1(conv1(x)))))), where the shortcut, if any, starts from x.
    func appendPostactivation(_ builder: inout ImageNetworkBuilder) {
        let x = builder.last
        let fanOut = Double(channels * 9)
        // Eight blocks: each adds its share of the variance.
        let inner = builder.convolution(
            "\(name).conv1", from: x, outputs: channels, stride: stride, hasBias: false,
            hidden: hasBatchNorm ? nil : "\(name).bn1",
            role: isFixup ? .normal(variance: 2 / fanOut / 8) : .weight)
        let first =
            hasBatchNorm
            ? builder.normalization(norm("bn1"), from: inner, hidden: "\(name).bn1") : inner
        let skip = shortcut(x, from: x, &builder)
        let outer = builder.convolution(
            "\(name).conv2", from: first, outputs: channels, hasBias: false,
            adding: hasBatchNorm ? nil : skip, hidden: hasBatchNorm ? nil : "\(name).bn2",
            role: isFixup ? .zero : .weight)
        if hasBatchNorm {
            _ = builder.normalization(norm("bn2"), from: outer, adding: skip, hidden: "\(name).bn2")
        }
    }

    private func norm(_ suffix: String) -> String? { hasBatchNorm ? "\(name).\(suffix)" : nil }

    /// The input itself where its shape stays; else a 1 × 1 convolution of `source`.
    private func shortcut(_ x: Int, from source: Int, _ builder: inout ImageNetworkBuilder) -> Int {
        if stride == 1, builder.tensors[x].channels == channels { return x }
        return builder.convolution(
            "\(name).shortcut", from: source, outputs: channels, size: 1, stride: stride, hasBias: false)
    }
}
