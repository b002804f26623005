#ifndef DESCENT_KERNELS_H
#define DESCENT_KERNELS_H

#endif
