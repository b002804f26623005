#ifndef DESCENT_IMAGE_SHAPES_H
#define DESCENT_IMAGE_SHAPES_H

// Shapes of images in blocks of 16 examples, the same in both precisions.

#include <stddef.h>

// Examples of a block: the innermost dimension, so that every channel count fills whole vectors.
#define DESCENT_BLOCK 16

// Tiles of 4 × 4 places that Winograd's kernels transform at a time.
#define DESCENT_WINOGRAD_TILES 4
// Elements between their frequencies beyond what one needs: 36 streams stay out of the same sets of the cache.
#define DESCENT_WINOGRAD_APART 80

// One block of images: [channels][height + 2][width + 2][16], where the border of one pixel is and stays zero.
typedef struct {
    ptrdiff_t channels;
    ptrdiff_t height;
    ptrdiff_t width;
} descent_image;

// One product of a convolution: sums over taps and input channels at a grid of places.
//
// The output of row r, column c and channel o stands o · output_plane + r · output_row + c · output_column after the
// first output; tap k of input channel i reads i · input_plane + r · input_row + c · input_column + offsets[k] after
// the first input. All distances are elements. A strided convolution takes large input steps, the gradient of one large
// output steps; no taps at all make an output of zeros.
typedef struct {
    ptrdiff_t inputs;
    ptrdiff_t outputs;
    ptrdiff_t rows;
    ptrdiff_t columns;
    ptrdiff_t input_plane;
    ptrdiff_t input_row;
    ptrdiff_t input_column;
    ptrdiff_t output_plane;
    ptrdiff_t output_row;
    ptrdiff_t output_column;
    ptrdiff_t taps;
    ptrdiff_t offsets[9];
} descent_convolution;

#endif
