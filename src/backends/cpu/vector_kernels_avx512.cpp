// The inner loops for CPUs with AVX512-VNNI. Every header of others comes before the target region:
// inline functions compiled inside it could end up in code that runs on any CPU.
#include <immintrin.h>

#include <algorithm>
#include <cstring>

#include "backends/cpu/vector_kernels.hpp"

#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")
#include "backends/cpu/lanes_avx512.hpp"
#include "backends/cpu/make_vector_kernels.hpp"
#pragma GCC pop_options

namespace octet::cpu {

// Made by the compiler: nothing of the target region runs before the CPU was asked.
constinit const VectorKernels kAvx512Kernels = make_vector_kernels<LanesAvx512>();

}  // namespace octet::cpu
