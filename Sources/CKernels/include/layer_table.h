// The table of further activations and of batch normalisation. No include guard: kernels.h includes it once for each
// SCALAR.
//
// Letters and rules are those of kernel_table.h: U rows (one a unit), B columns (one an example).

_Pragma("clang assume_nonnull begin")

// Batch normalisation of each row: y = (z − mean) · inverse · scale + shift.
typedef struct {
    // [U] each; `inverse` is 1 / √(variance + ε).
    const SCALAR *mean;
    const SCALAR *inverse;
    const SCALAR *scale;
    const SCALAR *shift;
} NORMALIZATION;

typedef struct {
    // a += z.
    void (*_Nonnull add)(MATRIX z, MATRIX a);
    // a = z where z > 0, else z / 100; NaN stays NaN.
    void (*_Nonnull leaky_relu)(MATRIX z, MATRIX a);
    // dz = da where a > 0, else da / 100, with a the activation.
    void (*_Nonnull leaky_relu_backward)(MATRIX da, MATRIX a, MATRIX dz);
    // a = z · Φ(z), Φ the distribution function of the standard normal distribution: the exact GELU.
    void (*_Nonnull gelu)(MATRIX z, MATRIX a);
    // dz = da · (Φ(z) + z · φ(z)), with z the pre-activation.
    void (*_Nonnull gelu_backward)(MATRIX da, MATRIX z, MATRIX dz);
    // a = erf z to 2 ulp of 1; NaN stays NaN.
    void (*_Nonnull erf)(MATRIX z, MATRIX a);

    // mean [U] and biased variance [U] of each row; the sums have one order, whatever the instruction set.
    void (*_Nonnull moments)(MATRIX z, SCALAR *mean, SCALAR *variance);
    void (*_Nonnull normalize)(const NORMALIZATION *normalization, MATRIX z, MATRIX y);
    // From dy the gradients of scale and shift [U] (either may be NULL) and of z. Where the moments are those of z
    // itself, they depend on it, and dz says so; else they are constants.
    void (*_Nonnull normalize_backward)(
        const NORMALIZATION *normalization, int moments_depend, MATRIX dy, MATRIX z, SCALAR *_Nullable dscale,
        SCALAR *_Nullable dshift, MATRIX dz);
} TABLE;

_Pragma("clang assume_nonnull end")
