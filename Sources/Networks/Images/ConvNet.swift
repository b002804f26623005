import LinearAlgebra
import Sweeps

extension ImageNetwork {
    /// Nakkiran's five-layer ConvNet (methods.md §4.1), as Gamba uses it.
    ///
    /// Convolutions of 3 × 3 with w, 2w, 4w and 8w channels, each followed by batch normalisation where asked and ReLU;
    /// pools of 2 × 2 after the second to fourth; then the greatest of what is left of each channel, 4 × 4 for images of
    /// 32 × 32, 3 × 3 for 28 × 28 and 1 × 1 for 8 × 8; a linear head. Odd sizes lose their last row and column when
    /// pooled, as in PyTorch.
    ///
    /// - Precondition: Images are at least 8 pixels high and wide.
    static func convnet(
        inputShape: ImageShape, width: Int, classCount: Int, hasBatchNorm: Bool,
        initialization: Initialization
    ) -> ImageNetwork {
        precondition(
            min(inputShape.height, inputShape.width) >= 8, "\(inputShape) cannot be halved three times")
        var builder = ImageNetworkBuilder(inputShape)
        for stage in 0..<4 {
            builder.appendConvolution(
                stage, from: builder.last, outputs: width << stage, stride: 1, hasBatchNorm: hasBatchNorm)
            if stage > 0 { _ = builder.pool(.greatest(height: 2, width: 2), from: builder.last) }
        }
        let rest = builder.tensors[builder.last]
        _ = builder.pool(.greatest(height: rest.height, width: rest.width), from: builder.last)
        return ImageNetwork(
            builder, inputShape, head: "head", classCount: classCount, initialization: initialization)
    }

    /// Humayun's convolutional network of any depth (methods.md §3.1).
    ///
    /// Convolutions of 3 × 3 with c, c, 2c, 2c, 4c, 4c … channels, every second one with stride 2, each followed by batch
    /// normalisation where asked and ReLU; then each channel's mean, and a linear head.
    static func cnn(
        inputShape: ImageShape, width: Int, depth: Int, classCount: Int, hasBatchNorm: Bool,
        initialization: Initialization
    ) -> ImageNetwork {
        var builder = ImageNetworkBuilder(inputShape)
        for layer in 0..<depth {
            builder.appendConvolution(
                layer, from: builder.last, outputs: width << (layer / 2), stride: layer % 2 + 1,
                hasBatchNorm: hasBatchNorm)
        }
        _ = builder.pool(.mean, from: builder.last)
        return ImageNetwork(
            builder, inputShape, head: "head", classCount: classCount, initialization: initialization)
    }
}

extension ImageNetworkBuilder {
    /// Convolution, batch normalisation where asked, ReLU: one hidden layer.
    fileprivate mutating func appendConvolution(
        _ index: Int, from source: Int, outputs: Int, stride: Int, hasBatchNorm: Bool
    ) {
        let convolved = convolution(
            "convs.\(index)", from: source, outputs: outputs, stride: stride, hasBias: true,
            hidden: hasBatchNorm ? nil : "convs.\(index)")
        if hasBatchNorm { _ = normalization("norms.\(index)", from: convolved, hidden: "convs.\(index)") }
    }
}
