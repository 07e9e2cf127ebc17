// The tiles that are built of one form.
#pragma once

#include <array>
#include <iterator>
#include <utility>

#include "backends/cuda/conv/images/forms.hpp"
#include "backends/cuda/conv/images/images.cuh"

namespace octet::cuda {

template <WgmmaRule Rule, WgmmaZ Z, bool Plain>
ImagesLaunch images_form(int tile) {
  constexpr auto kLaunches = []<int... kTile>(std::integer_sequence<int, kTile...>) {
    return std::array<ImagesLaunch, sizeof...(kTile)>{
        launch_images_conv<ImagesConv<kTile, Rule, Z, Plain>>...};
  }
  (std::make_integer_sequence<int, std::size(kImagesTiles)>{});
  return kLaunches[static_cast<std::size_t>(tile)];
}

}  // namespace octet::cuda
