#ifndef DESCENT_VARIANTS_H
#define DESCENT_VARIANTS_H

#include "kernels.h"

// The tables of each instruction set, for the choice in kernels.c.
extern const descent_kernels_f32 descent_kernels_f32_portable;
extern const descent_kernels_f32 descent_kernels_f32_avx2;
extern const descent_kernels_f32 descent_kernels_f32_avx512;
extern const descent_kernels_f64 descent_kernels_f64_portable;
extern const descent_kernels_f64 descent_kernels_f64_avx2;
extern const descent_kernels_f64 descent_kernels_f64_avx512;

extern const descent_optimizers_f32 descent_optimizers_f32_portable, descent_optimizers_f32_avx2,
    descent_optimizers_f32_avx512;
extern const descent_optimizers_f64 descent_optimizers_f64_portable, descent_optimizers_f64_avx2,
    descent_optimizers_f64_avx512;

extern const descent_images_f32 descent_images_f32_portable, descent_images_f32_avx2, descent_images_f32_avx512;
extern const descent_images_f64 descent_images_f64_portable, descent_images_f64_avx2, descent_images_f64_avx512;

extern const descent_layers_f32 descent_layers_f32_portable, descent_layers_f32_avx2, descent_layers_f32_avx512;
extern const descent_layers_f64 descent_layers_f64_portable, descent_layers_f64_avx2, descent_layers_f64_avx512;

// Picks the variant of a table: a statement list for a function that returns a pointer to it.
#if defined(__x86_64__)
#define DESCENT_RETURN_VARIANT(table, isa)                         \
    if ((isa) > descent_isa_best()) return NULL;                   \
    switch (isa) {                                                 \
    case DESCENT_ISA_PORTABLE: return &table##_portable;           \
    case DESCENT_ISA_AVX2: return &table##_avx2;                   \
    case DESCENT_ISA_AVX512: return &table##_avx512;               \
    }                                                              \
    return NULL
#else
#define DESCENT_RETURN_VARIANT(table, isa) return (isa) == DESCENT_ISA_PORTABLE ? &table##_portable : NULL
#endif

#endif
