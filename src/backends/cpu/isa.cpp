#include "backends/cpu/isa.hpp"

namespace octet::cpu {

std::string_view to_string(Isa isa) noexcept { return isa == Isa::avx2 ? "avx2" : "avx512vnni"; }

bool has(Isa isa) noexcept {
  // The compiler's detection also asks the system (XGETBV) whether it saves the wide registers.
  if (isa == Isa::avx2) return __builtin_cpu_supports("avx2") != 0;
  return __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
         __builtin_cpu_supports("avx512vl") != 0 && __builtin_cpu_supports("avx512dq") != 0 &&
         __builtin_cpu_supports("avx512vnni") != 0;
}

}  // namespace octet::cpu
