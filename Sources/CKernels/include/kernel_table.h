// The table of kernels of one precision. No include guard: kernels.h includes it once for each SCALAR.
//
// Letters of the shapes: B columns (one an example), U rows (one a unit), K classes, D inputs. Shapes are
// checked by the caller. An output may be its input (the very same window), but may not overlap it otherwise.

_Pragma("clang assume_nonnull begin")

// A row-major window of rows × columns; rows start `stride` elements apart.
typedef struct {
    SCALAR *data;
    ptrdiff_t rows;
    ptrdiff_t columns;
    ptrdiff_t stride;
} MATRIX;

typedef struct {
    // z [U × B] += bias [U], the same for every column.
    void (*_Nonnull add_bias)(MATRIX z, const SCALAR *bias);
    // a = max(z, 0); NaN stays NaN.
    void (*_Nonnull relu)(MATRIX z, MATRIX a);
    // z += bias and a = max(z, 0) in one pass; z and a may be the same window.
    void (*_Nonnull add_bias_relu)(MATRIX z, const SCALAR *bias, MATRIX a);
    // dz = da where a > 0, else 0, with a the activation.
    void (*_Nonnull relu_backward)(MATRIX da, MATRIX a, MATRIX dz);
    // a = tanh(z) to 4 ulp; exact limits at ±∞, NaN stays NaN.
    void (*_Nonnull tanh)(MATRIX z, MATRIX a);
    // dz = da · (1 − a²), with a the activation.
    void (*_Nonnull tanh_backward)(MATRIX da, MATRIX a, MATRIX dz);
    // a = eᶻ to 1.5 ulp; overflow gives ∞, underflow is gradual, NaN stays NaN.
    void (*_Nonnull exp)(MATRIX z, MATRIX a);
    // a = log z to 2.5 ulp for positive finite z that are not subnormal; NaN for NaN and ∞.
    void (*_Nonnull log)(MATRIX z, MATRIX a);

    // sums [U] = the sum of each row, in a fixed order that no instruction set changes.
    void (*_Nonnull row_sums)(MATRIX z, SCALAR *sums);
    // squares [B] = the sum of squares of each column.
    void (*_Nonnull column_squares)(MATRIX z, double *squares);
    // The sum of count elements.
    double (*_Nonnull sum)(const SCALAR *x, ptrdiff_t count);
    // The sum of the squares of count elements.
    double (*_Nonnull squares)(const SCALAR *x, ptrdiff_t count);
    // How many of count elements are NaN or infinite.
    ptrdiff_t (*_Nonnull count_nonfinite)(const SCALAR *x, ptrdiff_t count);

    // seen [count] gains the sign of each element: bit 0 for positive ones, 1 for negative ones, 2 for what is neither.
    void (*_Nonnull note_signs)(const SCALAR *x, ptrdiff_t count, uint8_t *seen);

    // losses [B] = log Σₖ exp z[k] − z[label], from logits [K × B].
    void (*_Nonnull cross_entropy)(MATRIX logits, const int32_t *labels, SCALAR *losses);
    // gradient [K × B] = scale · (softmax z − one-hot label).
    void (*_Nonnull cross_entropy_gradient)(
        MATRIX logits, const int32_t *labels, SCALAR scale, MATRIX gradient);
    // losses [B] = the mean over k of (z[k] − one-hot)².
    void (*_Nonnull mean_squares)(MATRIX logits, const int32_t *labels, SCALAR *losses);
    // gradient [K × B] = scale · 2/K · (z − one-hot).
    void (*_Nonnull mean_squares_gradient)(
        MATRIX logits, const int32_t *labels, SCALAR scale, MATRIX gradient);
    // classes [B] = the first row with the column's greatest value; NaN is the greatest, as in PyTorch.
    void (*_Nonnull argmax)(MATRIX logits, int32_t *classes);

    // out [D × B]: column b is the row indices[b] of samples [N × D].
    void (*_Nonnull gather)(const float *samples, const ptrdiff_t *indices, MATRIX out);
    // out [D × B]: column b is the image rows[indices[b]] of bytes [N × D], where D is `planes` planes of equal size
    // and a byte x of plane c becomes (float)(gains[c] · x + shifts[c]), computed in double without contraction.
    void (*_Nonnull gather_bytes)(
        const uint8_t *bytes, const ptrdiff_t *rows, const ptrdiff_t *indices, ptrdiff_t planes,
        const double *gains, const double *shifts, MATRIX out);
} TABLE;

_Pragma("clang assume_nonnull end")
