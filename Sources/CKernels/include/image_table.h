// The table of kernels on images of one precision. No include guard: kernels.h includes it once for each SCALAR.
//
// Every kernel works on one block of 16 examples (see image_shapes.h). Lanes that hold no example (all from `lanes`
// on) may hold any finite number in activations and zero in gradients; no sum over examples counts them.
// Convolutions fuse multiplications and additions where the instruction set can, so that their bits depend on it;
// everything else here gives the same bits everywhere.

_Pragma("clang assume_nonnull begin")

// What happens to the sums of a convolution before they are stored; all but `rectify` have the outputs' places.
typedef struct {
    // [outputs], the start of each sum.
    const SCALAR *_Nullable bias;
    // Added to the sums; may be the output itself.
    const SCALAR *_Nullable addend;
    // Where it is not positive, the output is zero.
    const SCALAR *_Nullable mask;
    // Negative outputs become zero.
    int rectify;
} EPILOGUE;

typedef struct {
    // The border of `image` ← zeros.
    void (*_Nonnull clear_border)(descent_image shape, SCALAR *image);
    // The interior of `image` ← the images rows[indices[0]], rows[indices[1]] … of `bytes`, each channel's bytes x as
    // gain · x + shift, the same bits as gather_bytes; lanes beyond repeat the last image.
    void (*_Nonnull gather)(
        descent_image shape, const uint8_t *bytes, const ptrdiff_t *rows, const ptrdiff_t *indices, ptrdiff_t lanes,
        const double *gains, const double *shifts, SCALAR *image);
    // The interior of `image` ← columns [C·H·W × lanes], rows `stride` apart; zeros in the lanes beyond.
    void (*_Nonnull pack)(descent_image shape, const SCALAR *columns, ptrdiff_t stride, ptrdiff_t lanes, SCALAR *image);
    // columns [C·H·W × lanes] ← the interior of `image`.
    void (*_Nonnull unpack)(descent_image shape, const SCALAR *image, SCALAR *columns, ptrdiff_t stride, ptrdiff_t lanes);

    // packed [outputs/4][inputs][taps][4] ← weights, whose element for output o, input i and tap k stands at
    // o · output_stride + i · input_stride + places[k]; the last group holds what is left of the outputs.
    void (*_Nonnull pack_weights)(
        const descent_convolution *shape, const SCALAR *weights, ptrdiff_t output_stride, ptrdiff_t input_stride,
        const ptrdiff_t *places, SCALAR *packed);
    void (*_Nonnull convolve)(
        const descent_convolution *shape, const SCALAR *input, const SCALAR *packed, EPILOGUE epilogue, SCALAR *output);
    // gradient [outputs × inputs × taps] += the sum over places and lanes of output gradient times input.
    void (*_Nonnull weight_gradient)(
        const descent_convolution *shape, const SCALAR *input, const SCALAR *output_gradient, SCALAR *gradient);

    // The same three for 3 × 3 taps in reading order, at neighbouring places, by Winograd's F(4 × 4, 3 × 3): fewer
    // multiplications, and errors some ten times as large.
    //
    // packed [36][outputs/8][inputs][8], the outputs rounded up and each frequency APART; for the size of the scratch space
    // see Convolution.
    void (*_Nonnull winograd_pack)(
        const descent_convolution *shape, const SCALAR *weights, ptrdiff_t output_stride, ptrdiff_t input_stride,
        const ptrdiff_t *places, SCALAR *packed);
    void (*_Nonnull winograd_convolve)(
        const descent_convolution *shape, const SCALAR *input, const SCALAR *packed, EPILOGUE epilogue,
        SCALAR *scratch, SCALAR *output);
    void (*_Nonnull winograd_weight_gradient)(
        const descent_convolution *shape, const SCALAR *input, const SCALAR *output_gradient, SCALAR *scratch,
        SCALAR *gradient);

    // sums [C] += each channel's sum over places and the first lanes.
    void (*_Nonnull channel_sums)(descent_image shape, const SCALAR *x, ptrdiff_t lanes, double *sums);
    // sums [C] += each channel's sum of (x − centre)².
    void (*_Nonnull channel_squares)(
        descent_image shape, const SCALAR *x, const SCALAR *centre, ptrdiff_t lanes, double *sums);
    // sums [C] += each channel's sum of g · (x − centre).
    void (*_Nonnull channel_products)(
        descent_image shape, const SCALAR *g, const SCALAR *x, const SCALAR *centre, ptrdiff_t lanes, double *sums);
    // y ← (x − centre) · scale + shift, plus the addend, rectified where asked; without a centre y starts as x.
    void (*_Nonnull normalize)(
        descent_image shape, const SCALAR *x, const SCALAR *_Nullable centre, const SCALAR *scale, const SCALAR *shift,
        const SCALAR *_Nullable addend, int rectify, SCALAR *y);
    // dx ← scale · g + slope · (x − centre) + shift in the first lanes, plus the addend, zero where the mask is not
    // positive; without a centre dx starts as g.
    void (*_Nonnull normalize_backward)(
        descent_image shape, const SCALAR *g, const SCALAR *x, const SCALAR *_Nullable centre, const SCALAR *scale,
        const SCALAR *slope, const SCALAR *shift, ptrdiff_t lanes, const SCALAR *_Nullable addend,
        const SCALAR *_Nullable mask, SCALAR *dx);

    // y [C][H/height][W/width] ← the greatest of each window.
    void (*_Nonnull max_pool)(descent_image shape, const SCALAR *x, ptrdiff_t height, ptrdiff_t width, SCALAR *y);
    // dx ← dy at the first greatest of each window, else zero; where asked, only at positive x (ReLU before pooling).
    void (*_Nonnull max_pool_backward)(
        descent_image shape, const SCALAR *x, const SCALAR *y, const SCALAR *dy, ptrdiff_t height, ptrdiff_t width,
        int only_positive, SCALAR *dx);
    // y [C][1][1] ← each channel's mean over places.
    void (*_Nonnull average_pool)(descent_image shape, const SCALAR *x, SCALAR *y);
    // dx ← dy / places, zero where the mask is not positive.
    void (*_Nonnull average_pool_backward)(
        descent_image shape, const SCALAR *dy, const SCALAR *_Nullable mask, SCALAR *dx);
} TABLE;

_Pragma("clang assume_nonnull end")
