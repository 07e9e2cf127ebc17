// The shapes that are built of one form.
#pragma once

#include <iterator>

#include "backends/cuda/conv/halo/halo.cuh"

namespace octet::cuda {

template <WgmmaRule Rule, WgmmaZ Z, bool Unsigned, bool Plain>
HaloLaunch halo_form(int shape, ChannelRuns runs) {
  static_assert(std::size(kHaloShapes) == 2);
  const auto of_shape = [&]<ChannelRuns kRuns>() {
    return shape == 0 ? launch_halo_conv<HaloConv<0, kRuns, Rule, Z, Unsigned, Plain>>
                      : launch_halo_conv<HaloConv<1, kRuns, Rule, Z, Unsigned, Plain>>;
  };
  return runs == ChannelRuns::all ? of_shape.template operator()<ChannelRuns::all>()
                                  : of_shape.template operator()<ChannelRuns::planes_of_32>();
}

}  // namespace octet::cuda
