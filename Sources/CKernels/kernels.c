#include "kernels.h"
#include "variants.h"

descent_isa descent_isa_best(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    const int avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    const int avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
        && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
    return avx2 && avx512 ? DESCENT_ISA_AVX512 : avx2 ? DESCENT_ISA_AVX2 : DESCENT_ISA_PORTABLE;
#else
    return DESCENT_ISA_PORTABLE;
#endif
}

const descent_kernels_f32 *descent_kernels_f32_for(descent_isa isa) {
    DESCENT_RETURN_VARIANT(descent_kernels_f32, isa);
}

const descent_kernels_f64 *descent_kernels_f64_for(descent_isa isa) {
    DESCENT_RETURN_VARIANT(descent_kernels_f64, isa);
}

const descent_optimizers_f32 *descent_optimizers_f32_for(descent_isa isa) {
    DESCENT_RETURN_VARIANT(descent_optimizers_f32, isa);
}

const descent_optimizers_f64 *descent_optimizers_f64_for(descent_isa isa) {
    DESCENT_RETURN_VARIANT(descent_optimizers_f64, isa);
}

const descent_images_f32 *descent_images_f32_for(descent_isa isa) {
    DESCENT_RETURN_VARIANT(descent_images_f32, isa);
}

const descent_images_f64 *descent_images_f64_for(descent_isa isa) {
    DESCENT_RETURN_VARIANT(descent_images_f64, isa);
}

const descent_layers_f32 *descent_layers_f32_for(descent_isa isa) {
    DESCENT_RETURN_VARIANT(descent_layers_f32, isa);
}

const descent_layers_f64 *descent_layers_f64_for(descent_isa isa) {
    DESCENT_RETURN_VARIANT(descent_layers_f64, isa);
}
