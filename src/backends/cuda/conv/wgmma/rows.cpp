#include <array>
#include <string>
#include <utility>

#include "backends/cuda/common/epilogue_upload.hpp"
#include "backends/cuda/conv/wgmma/forms.hpp"
#include "backends/cuda/conv/wgmma/plan.hpp"
#include "backends/cuda/conv/wgmma/tiles.hpp"
#include "backends/cuda/kernel_lists.hpp"
#include "backends/cuda/runtime/check.hpp"
#include "backends/cuda/runtime/device.hpp"
#include "backends/cuda/runtime/tensor_map.hpp"
#include "ops/conv.hpp"

namespace octet::cuda {

WgmmaTileLaunches wgmma_launches(const WgmmaForm& form) {
  return for_form<WgmmaTileLaunches>(form, []<WgmmaRule Rule, WgmmaZ Z, bool Unsigned, bool Plain>(
                                               BuiltForm<Rule, Z, Unsigned, Plain>) {
    return gemm_tiles<Rule, Z, Unsigned, Plain>();
  });
}

namespace {

// The descriptors of a problem's operands for the pointers of a run.
class MapMaker {
 public:
  MapMaker(const Problem& problem, const WgmmaConvParams& params, const WgmmaTile& tile)
      : g_(conv_geometry(problem)),
        window_(problem.as<Conv2d>()->window),
        tile_(tile),
        pixels_(static_cast<std::uint64_t>(params.pixels)),
        matrix_(params.matrix) {}

  WgmmaConvMaps encode(const RunArgs& args) const {
    WgmmaConvMaps maps{};
    maps.x = matrix_ ? encode_matrix(args.inputs[0], pixels_, unsigned_of<std::uint64_t>(g_.c),
                                     unsigned_of(tile_.m), unsigned_of(tile_.k))
                     : encode_taps(args.inputs[0]);
    maps.y = encode_outputs(args.outputs[0]);
    maps.y_bytes = reinterpret_cast<std::int8_t*>(args.outputs[0]);
    if (args.inputs.size() > 3 && args.inputs[3] != nullptr) {
      maps.z = encode_outputs(args.inputs[3]);
      maps.z_bytes = reinterpret_cast<const std::int8_t*>(args.inputs[3]);
    }
    return maps;
  }

 private:
  template <typename T = std::uint32_t>
  static T unsigned_of(int value) {
    return static_cast<T>(value);
  }
  CUtensorMap encode_taps(const void* x) const {
    const MapShape shape{unsigned_of<std::uint64_t>(g_.n), unsigned_of<std::uint64_t>(g_.h),
                         unsigned_of<std::uint64_t>(g_.w), unsigned_of<std::uint64_t>(g_.c)};
    return encode_im2col(x, shape, {-g_.pad_top, -g_.pad_left},
                         {static_cast<int>(window_.pad[2]) - (g_.r - 1) * g_.dilation_h,
                          static_cast<int>(window_.pad[3]) - (g_.s - 1) * g_.dilation_w},
                         {unsigned_of(g_.stride_h), unsigned_of(g_.stride_w)}, unsigned_of(tile_.k),
                         unsigned_of(tile_.m));
  }
  CUtensorMap encode_outputs(const void* y) const {
    return encode_matrix(y, pixels_, unsigned_of<std::uint64_t>(g_.k),
                         unsigned_of(tile_.m / tile_.groups), unsigned_of(tile_.n));
  }

  ConvGeometry g_;
  Window2d window_;
  WgmmaTile tile_;
  std::uint64_t pixels_;
  bool matrix_;
};

template <std::size_t kTile>
Verdict check_row(const Problem& problem, const Demands&) {
  if (!has_wgmma()) return Verdict::refuse("the GPU has no wgmma (compute capability 9.0)");
  if (const Verdict verdict = check_im2col_conv(problem); !verdict) return verdict;
  if (wgmma_launches(*wgmma_form(problem))[kTile] == nullptr)
    return Verdict::refuse("this epilogue is not compiled for this input type");
  return check_wgmma_tile(problem, kWgmmaTiles[kTile], device().multiprocessors);
}

template <std::size_t kTile>
double estimate_row(const Problem& problem) {
  return estimate_im2col_conv(problem, kWgmmaTiles[kTile], device().multiprocessors);
}

template <std::size_t kTile>
std::unique_ptr<Executable> prepare_row(const Problem& problem, const Demands&) {
  const WgmmaTile& tile = kWgmmaTiles[kTile];
  const WgmmaForm form = *wgmma_form(problem);
  const Filter filter = read_filter(problem);
  const Epilogue epilogue = conv_epilogue(problem, filter.sums());
  WgmmaConvParams params = wgmma_params(problem, epilogue, tile);
  const DeviceArray weights(pack_wgmma_filter(filter, tile.n, tile.k));
  const ChannelConstants constants =
      in_tile_order(channel_constants(epilogue, form.rule, params), tile.n);
  const DeviceArray scales(constants.m);
  const DeviceArray biases(constants.bias);
  params.filter = weights.as<std::int8_t>();
  params.m = scales.as<float>();
  params.bias = biases.as<std::int32_t>();
  const MapMaker maps(problem, params, tile);
  return make_launch(
      [=, launch = wgmma_launches(form)[kTile], multiprocessors = device().multiprocessors](
          const RunArgs& args, cudaStream_t stream) {
        launch(maps.encode(args), params, multiprocessors, stream);
        // `weights`, `scales` and `biases` live as long as this function: params points into them.
        static_cast<void>(weights), static_cast<void>(scales), static_cast<void>(biases);
        OCTET_CUDA_CHECK(cudaGetLastError());
      },
      0, {true, false, false, true});
}

template <std::size_t... kTile>
std::vector<Kernel> make_rows(std::index_sequence<kTile...>) {
  const auto name = [](const WgmmaTile& t) {
    return "conv_x8s8_nhwc_wgmma_im2col_sm90a_" + wgmma_tile_name(t);
  };
  return {Kernel{name(kWgmmaTiles[kTile]), check_row<kTile>, prepare_row<kTile>,
                 estimate_row<kTile>}...};
}

}  // namespace

std::span<const Kernel> conv2d_wgmma_rows() {
  static const std::vector<Kernel> rows = make_rows(std::make_index_sequence<kWgmmaTiles.size()>{});
  return rows;
}

}  // namespace octet::cuda
