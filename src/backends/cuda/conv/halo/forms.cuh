// The shapes that are built of one form.
#pragma once

#include <iterator>

#include "backends/cuda/conv/halo/halo.cuh"

namespace octet::cuda {

template <WgmmaRule Rule, WgmmaZ Z, bool Unsigned, bool Plain>
HaloLaunch halo_form(int shape) {
  static_assert(std::size(kHaloShapes) == 2);
  return shape == 0 ? launch_halo_conv<HaloConv<0, Rule, Z, Unsigned, Plain>>
                    : launch_halo_conv<HaloConv<1, Rule, Z, Unsigned, Plain>>;
}

}  // namespace octet::cuda
