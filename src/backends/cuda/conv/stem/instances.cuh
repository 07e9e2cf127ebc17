// The compiled geometries of one epilogue.
#pragma once

#include "backends/cuda/conv/stem/stem.cuh"

namespace octet::cuda {

template <typename G>
StemKernel stem_kernel_of() {
  return {launch_stem<G>, {G::kBoxPixels, G::kOutputRows, G::kOutputColumns}};
}

template <StemInput Input, bool Unsigned, WgmmaRule Rule, bool Lines>
StemKernel stem_instance(int filter_rows, bool pool) {
  if (filter_rows == 7)
    return pool ? stem_kernel_of<Stem<7, true, Input, Unsigned, Rule, Lines>>()
                : stem_kernel_of<Stem<7, false, Input, Unsigned, Rule, Lines>>();
  return pool ? stem_kernel_of<Stem<3, true, Input, Unsigned, Rule, Lines>>()
              : stem_kernel_of<Stem<3, false, Input, Unsigned, Rule, Lines>>();
}

}  // namespace octet::cuda
