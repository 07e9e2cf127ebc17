// One row per instruction set from a check and a preparation that do not depend on it.
#pragma once

#include <string>

#include "backends/cpu/vector_kernels.hpp"
#include "base/format.hpp"
#include "kernels/kernel.hpp"

namespace octet::cpu {

// Verdict check(const Problem&)
template <Isa isa, auto kCheck>
Verdict check_with(const Problem& problem, const Demands&) {
  if (!has(isa)) return Verdict::refuse(concat("this CPU has no ", to_string(isa)));
  return kCheck(problem);
}

// std::unique_ptr<Executable> prepare(const Problem&, const VectorKernels&, int threads)
template <Isa isa, auto kPrepare>
std::unique_ptr<Executable> prepare_with(const Problem& problem, const Demands& demands) {
  return kPrepare(problem, vector_kernels(isa), demands.threads);
}

// For a preparation that is a constructor.
template <typename T>
std::unique_ptr<Executable> construct(const Problem& problem, const VectorKernels& kernels,
                                      int threads) {
  return std::make_unique<T>(problem, kernels, threads);
}

template <auto kCheck, auto kPrepare>
std::vector<Kernel> vector_rows(const std::string& name) {
  return {{name + "_avx512vnni", check_with<Isa::avx512_vnni, kCheck>,
           prepare_with<Isa::avx512_vnni, kPrepare>},
          {name + "_avx2", check_with<Isa::avx2, kCheck>, prepare_with<Isa::avx2, kPrepare>}};
}

}  // namespace octet::cpu
