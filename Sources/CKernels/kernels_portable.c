#include <string.h>

#include "kernels.h"
#include "variants.h"

#define ISA portable
#define VECTOR_BYTES 16

#define BITS 32
#include "variants.inc"
#undef BITS

#define BITS 64
#include "variants.inc"
#undef BITS
