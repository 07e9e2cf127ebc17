#include "backends/cuda/conv/wgmma/maps.hpp"

#include "backends/cuda/runtime/tensor_map.hpp"

namespace octet::cuda {
namespace {

template <typename T = std::uint32_t>
T unsigned_of(int value) {
  return static_cast<T>(value);
}

}  // namespace

WgmmaMaps::WgmmaMaps(const Problem& problem, const WgmmaConvParams& params, const WgmmaTile& tile)
    : g_(conv_geometry(problem)),
      window_(problem.as<Conv2d>()->window),
      tile_(tile),
      pixels_(static_cast<std::uint64_t>(params.pixels)),
      matrix_(params.matrix) {}

WgmmaConvMaps WgmmaMaps::encode(const std::byte* x, const std::byte* z, std::byte* y) const {
  WgmmaConvMaps maps{};
  maps.x = matrix_ ? encode_matrix(x, pixels_, unsigned_of<std::uint64_t>(g_.c),
                                   unsigned_of(tile_.m), unsigned_of(tile_.k))
                   : encode_taps(x);
  maps.y = encode_outputs(y);
  maps.y_bytes = reinterpret_cast<std::int8_t*>(y);
  if (z != nullptr) {
    maps.z = encode_outputs(z);
    maps.z_bytes = reinterpret_cast<const std::int8_t*>(z);
  }
  return maps;
}

CUtensorMap WgmmaMaps::encode_taps(const void* x) const {
  const MapShape shape{unsigned_of<std::uint64_t>(g_.n), unsigned_of<std::uint64_t>(g_.h),
                       unsigned_of<std::uint64_t>(g_.w), unsigned_of<std::uint64_t>(g_.c)};
  return encode_im2col(x, shape, {-g_.pad_top, -g_.pad_left},
                       {static_cast<int>(window_.pad[2]) - (g_.r - 1) * g_.dilation_h,
                        static_cast<int>(window_.pad[3]) - (g_.s - 1) * g_.dilation_w},
                       {unsigned_of(g_.stride_h), unsigned_of(g_.stride_w)}, unsigned_of(tile_.k),
                       unsigned_of(tile_.m));
}

CUtensorMap WgmmaMaps::encode_outputs(const void* y) const {
  return encode_matrix(y, pixels_, unsigned_of<std::uint64_t>(g_.k),
                       unsigned_of(tile_.m / tile_.groups), unsigned_of(tile_.n));
}

}  // namespace octet::cuda
