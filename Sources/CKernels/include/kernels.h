#ifndef DESCENT_KERNELS_H
#define DESCENT_KERNELS_H

// Kernels on whole matrices, in three instruction sets and two precisions, chosen at run time.
//
// To add a topic: declare a table of functions in a header of its own (as kernel_table.h does), write the
// bodies once in a .inc file on top of vectors.inc, add one line to variants.inc, and include the header here.

#include <stddef.h>
#include <stdint.h>

#include "image_shapes.h"
#include "isa.h"

#define SCALAR float
#define MATRIX descent_matrix_f32
#define TABLE descent_kernels_f32
#include "kernel_table.h"
#undef SCALAR
#undef MATRIX
#undef TABLE

#define SCALAR float
#define TABLE descent_optimizers_f32
#define MOMENTUM_STEP descent_momentum_step_f32
#define MOMENT_STEP descent_moment_step_f32
#include "optimizer_table.h"
#undef SCALAR
#undef TABLE
#undef MOMENTUM_STEP
#undef MOMENT_STEP

#define SCALAR double
#define MATRIX descent_matrix_f64
#define TABLE descent_kernels_f64
#include "kernel_table.h"
#undef SCALAR
#undef MATRIX
#undef TABLE

#define SCALAR double
#define TABLE descent_optimizers_f64
#define MOMENTUM_STEP descent_momentum_step_f64
#define MOMENT_STEP descent_moment_step_f64
#include "optimizer_table.h"
#undef SCALAR
#undef TABLE
#undef MOMENTUM_STEP
#undef MOMENT_STEP

#define SCALAR float
#define TABLE descent_images_f32
#define EPILOGUE descent_epilogue_f32
#include "image_table.h"
#undef SCALAR
#undef TABLE
#undef EPILOGUE

#define SCALAR double
#define TABLE descent_images_f64
#define EPILOGUE descent_epilogue_f64
#include "image_table.h"
#undef SCALAR
#undef TABLE
#undef EPILOGUE

#define SCALAR float
#define MATRIX descent_matrix_f32
#define TABLE descent_layers_f32
#define NORMALIZATION descent_normalization_f32
#include "layer_table.h"
#undef SCALAR
#undef MATRIX
#undef TABLE
#undef NORMALIZATION

#define SCALAR double
#define MATRIX descent_matrix_f64
#define TABLE descent_layers_f64
#define NORMALIZATION descent_normalization_f64
#include "layer_table.h"
#undef SCALAR
#undef MATRIX
#undef TABLE
#undef NORMALIZATION

// The kernels of an instruction set, or NULL where this processor cannot run it.
const descent_kernels_f32 *_Nullable descent_kernels_f32_for(descent_isa isa);
const descent_kernels_f64 *_Nullable descent_kernels_f64_for(descent_isa isa);
const descent_optimizers_f32 *_Nullable descent_optimizers_f32_for(descent_isa isa);
const descent_optimizers_f64 *_Nullable descent_optimizers_f64_for(descent_isa isa);
const descent_images_f32 *_Nullable descent_images_f32_for(descent_isa isa);
const descent_images_f64 *_Nullable descent_images_f64_for(descent_isa isa);
const descent_layers_f32 *_Nullable descent_layers_f32_for(descent_isa isa);
const descent_layers_f64 *_Nullable descent_layers_f64_for(descent_isa isa);

#endif
