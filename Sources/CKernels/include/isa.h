#ifndef DESCENT_ISA_H
#define DESCENT_ISA_H

// The instruction sets that every kernel is compiled for, narrowest first.
//
// One binary carries all variants and the caller picks one table of kernels when the process starts.
typedef enum {
    // 16-byte vectors without fused multiply-add: SSE2 on x86-64, NEON on ARM.
    DESCENT_ISA_PORTABLE = 0,
    // AVX2 and FMA.
    DESCENT_ISA_AVX2 = 1,
    // AVX-512 F, BW, DQ and VL.
    DESCENT_ISA_AVX512 = 2,
} descent_isa;

// The widest variant that this processor and its operating system can run.
descent_isa descent_isa_best(void);

#endif
