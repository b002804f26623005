#ifndef DESCENT_KERNELS_H
#define DESCENT_KERNELS_H

// Kernels on whole matrices, in three instruction sets and two precisions, chosen at run time.
//
// To add a topic: declare a table of functions in a header of its own (as kernel_table.h does), write the bodies once
// in a .inc file on top of vectors.inc, add one line to variants.inc, and include the header here.

#include <stddef.h>
#include <stdint.h>

#include "isa.h"

#define SCALAR float
#define MATRIX descent_matrix_f32
#define TABLE descent_kernels_f32
#include "kernel_table.h"
#undef SCALAR
#undef MATRIX
#undef TABLE

#define SCALAR double
#define MATRIX descent_matrix_f64
#define TABLE descent_kernels_f64
#include "kernel_table.h"
#undef SCALAR
#undef MATRIX
#undef TABLE

// The kernels of an instruction set, or NULL where this processor cannot run it.
const descent_kernels_f32 *_Nullable descent_kernels_f32_for(descent_isa isa);
const descent_kernels_f64 *_Nullable descent_kernels_f64_for(descent_isa isa);

#endif
