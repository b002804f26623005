internal import CKernels

extension ImageKernels<Float> {
    /// - Precondition: This processor can run `instructionSet`.
    public init(_ instructionSet: InstructionSet) {
        guard let table = descent_images_f32_for(instructionSet.code)?.pointee else {
            preconditionFailure("this processor cannot run \(instructionSet)")
        }
        clearBorder = { table.clear_border($0.code, $1) }
        gather = { table.gather($0.code, $1, $2, $3, $4, $5, $6, $7) }
        pack = { table.pack($0.code, $1, $2, $3, $4) }
        unpack = { table.unpack($0.code, $1, $2, $3, $4) }
        packWeights = { product, weights, packed in
            withUnsafePointer(to: product.code) { code in
                table.pack_weights(
                    code, weights, product.outputStride, product.inputStride, product.places, packed)
            }
        }
        convolve = { product, input, packed, epilogue, output in
            let code = descent_epilogue_f32(
                bias: epilogue.bias, addend: epilogue.addend, mask: epilogue.mask,
                rectify: epilogue.rectifies ? 1 : 0)
            withUnsafePointer(to: product.code) { table.convolve($0, input, packed, code, output) }
        }
        weightGradient = { product, input, outputGradient, gradient in
            withUnsafePointer(to: product.code) { table.weight_gradient($0, input, outputGradient, gradient) }
        }
        winogradPack = { product, weights, packed in
            withUnsafePointer(to: product.code) { code in
                table.winograd_pack(
                    code, weights, product.outputStride, product.inputStride, product.places, packed)
            }
        }
        winogradConvolve = { product, input, packed, epilogue, scratch, output in
            let code = descent_epilogue_f32(
                bias: epilogue.bias, addend: epilogue.addend, mask: epilogue.mask,
                rectify: epilogue.rectifies ? 1 : 0)
            withUnsafePointer(to: product.code) {
                table.winograd_convolve($0, input, packed, code, scratch, output)
            }
        }
        winogradWeightGradient = { product, input, outputGradient, scratch, gradient in
            withUnsafePointer(to: product.code) {
                table.winograd_weight_gradient($0, input, outputGradient, scratch, gradient)
            }
        }
        channelSums = { table.channel_sums($0.code, $1, $2, $3) }
        channelSquares = { table.channel_squares($0.code, $1, $2, $3, $4) }
        channelProducts = { table.channel_products($0.code, $1, $2, $3, $4, $5) }
        normalize = { table.normalize($0.code, $1, $2, $3, $4, $5, $6 ? 1 : 0, $7) }
        normalizeBackward = {
            table.normalize_backward($0.code, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        }
        maxPool = { table.max_pool($0.code, $1, $2, $3, $4) }
        maxPoolBackward = { table.max_pool_backward($0.code, $1, $2, $3, $4, $5, $6 ? 1 : 0, $7) }
        averagePool = { table.average_pool($0.code, $1, $2) }
        averagePoolBackward = { table.average_pool_backward($0.code, $1, $2, $3) }
    }
}

extension Float: ImageArithmetic {
    public static let images = ImageKernels<Float>(Kernels.instructionSet)
}
