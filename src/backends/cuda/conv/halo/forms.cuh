// The shapes that are built of one form.
#pragma once

#include <iterator>
#include <utility>

#include "backends/cuda/conv/halo/halo.cuh"

namespace octet::cuda {

template <WgmmaRule Rule, WgmmaZ Z, bool Unsigned, bool Plain>
HaloLaunch halo_form(int shape, ChannelRuns runs) {
  const auto of_first = [&]<ChannelRuns kRuns, int... kShape>(
      std::integer_sequence<int, kShape...>) {
    HaloLaunch launch = nullptr;
    static_cast<void>(
        ((kShape == shape &&
          (launch = launch_halo_conv<HaloConv<kShape, kRuns, Rule, Z, Unsigned, Plain>>, true)) ||
         ...));
    return launch;
  };
  constexpr std::make_integer_sequence<int, std::size(kHaloShapes)> kAll{};
  constexpr std::make_integer_sequence<int, kHaloPlaneShapes> kOfPlanes{};
  return runs == ChannelRuns::all
             ? of_first.template operator()<ChannelRuns::all>(kAll)
             : of_first.template operator()<ChannelRuns::planes_of_32>(kOfPlanes);
}

}  // namespace octet::cuda
