// The table of optimiser steps of one precision. No include guard: kernels.h includes it once for each SCALAR.
//
// One call is one step over a whole block of parameters. Only additions, multiplications, divisions and square roots,
// each rounded by itself (nothing is contracted into fused multiply-adds): every instruction set gives the same bits.

_Pragma("clang assume_nonnull begin")

// The scalars of one step of stochastic gradient descent with momentum, as PyTorch defines it.
typedef struct {
    SCALAR learning_rate;
    SCALAR momentum;
    // Weight decay as L2: times the parameter it joins the gradient.
    SCALAR l2;
} MOMENTUM_STEP;

// The scalars of one step of Adam or AdamW, as PyTorch defines them.
typedef struct {
    // 1 − β₁.
    SCALAR first_gain;
    // β₂.
    SCALAR second_decay;
    // 1 − β₂.
    SCALAR second_gain;
    // Learning rate / (1 − β₁ᵗ).
    SCALAR step_size;
    // 1 / √(1 − β₂ᵗ).
    SCALAR root_scale;
    SCALAR epsilon;
    // Weight decay as L2: times the parameter it joins the gradient (Adam; 0 for AdamW).
    SCALAR l2;
    // What each parameter is multiplied by first: 1 − learning rate × weight decay (AdamW; 1 for Adam).
    SCALAR shrink;
} MOMENT_STEP;

typedef struct {
    // v = momentum · v + (g + l2 · p); p -= learning rate · v. Without a velocity v is g + l2 · p.
    void (*_Nonnull momentum)(
        const MOMENTUM_STEP *step, ptrdiff_t count, const SCALAR *gradient, SCALAR *_Nullable velocity,
        SCALAR *parameter);
    // With g the gradient + l2 · p: m += (g − m)(1 − β₁); v = β₂ v + (1 − β₂) g²;
    // p = shrink · p − step size · m / (√v · root scale + ε).
    void (*_Nonnull moments)(
        const MOMENT_STEP *step, ptrdiff_t count, const SCALAR *gradient, SCALAR *first, SCALAR *second,
        SCALAR *parameter);
} TABLE;

_Pragma("clang assume_nonnull end")
