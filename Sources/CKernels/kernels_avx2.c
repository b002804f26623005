#include <string.h>

#include "kernels.h"
#include "variants.h"

#if defined(__x86_64__)

#include <immintrin.h>

// All headers are included above: whatever is declared below is compiled for this instruction set.
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)

#define ISA avx2
#define VECTOR_BYTES 32

#define BITS 32
#include "variants.inc"
#undef BITS

#define BITS 64
#include "variants.inc"
#undef BITS

#pragma clang attribute pop

#endif
