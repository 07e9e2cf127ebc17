#include <utility>

#include "backends/cuda/common/epilogue_upload.hpp"
#include "backends/cuda/conv/geometry.hpp"
#include "backends/cuda/conv/pair/plan.hpp"
#include "backends/cuda/conv/wgmma/plan.hpp"
#include "backends/cuda/kernel_lists.hpp"
#include "backends/cuda/runtime/check.hpp"
#include "backends/cuda/runtime/device.hpp"
#include "backends/cuda/runtime/tensor_map.hpp"

namespace octet::cuda {

// Defined by the pair_*.cu files, one instance each.
template <WgmmaZ kZ>
PairLaunch pair_of(int tile);

PairLaunch pair_launch(int tile, bool has_z) {
  return has_z ? pair_of<WgmmaZ::twice>(tile) : pair_of<WgmmaZ::none>(tile);
}

namespace {

// One of the two convolutions on the device: how it is finished, and what `params` points into.
struct PairSide {
  WgmmaConvParams params;
  DeviceArray scales, biases;
};

// Its constants in tiles of `tile_channels`, padded to `all_channels`.
PairSide make_side(const Problem& conv, const Filter& filter, int tile_channels, int all_channels) {
  const Epilogue epilogue = conv_epilogue(conv, filter.sums());
  PairSide side{wgmma_params(conv, epilogue, {64, tile_channels, 64, 1, 1}), {}, {}};
  const ChannelConstants constants =
      channel_constants(epilogue, WgmmaRule::scaled_bias, side.params);
  const ChannelConstants ordered = in_tile_order(in_blocks(constants, all_channels), tile_channels);
  side.scales = DeviceArray(ordered.m);
  side.biases = DeviceArray(ordered.bias);
  side.params.m = side.scales.as<float>();
  side.params.bias = side.biases.as<std::int32_t>();
  return side;
}

// The maps as matrices of pixels and channels.
struct PairShape {
  std::uint64_t pixels, x, y, r;
};

PairShape shape_of(const PairChain& chain) {
  const ConvGeometry first = conv_geometry(chain.first), second = conv_geometry(chain.second);
  const auto size = [](int value) { return static_cast<std::uint64_t>(value); };
  return {size(first.n) * size(first.oh) * size(first.ow), size(first.c), size(first.k),
          size(second.k)};
}

PairMaps encode(const PairShape& shape, const PairTile& tile, const RunArgs& args) {
  const auto matrix = [&](const void* base, std::uint64_t channels, int box_channels) {
    return encode_matrix(base, shape.pixels, channels, 64,
                         static_cast<std::uint32_t>(box_channels));
  };
  PairMaps maps{};
  maps.x = matrix(args.inputs[0], shape.x, tile.depth);
  if (args.inputs.size() > 1) maps.z = matrix(args.inputs[1], shape.y, tile.turn);
  maps.y = matrix(args.outputs[0], shape.y, tile.turn);
  maps.r = matrix(args.outputs[1], shape.r, pair_out_channels(tile));
  return maps;
}

template <int kTile>
Verdict check_row(const Problem& problem, const Demands&) {
  if (!has_wgmma()) return Verdict::refuse("the GPU has no wgmma (compute capability 9.0)");
  return check_pair(problem, kPairTiles[kTile], device().multiprocessors);
}

double estimate_row(const Problem& problem) {
  return estimate_pair(problem, device().multiprocessors);
}

template <int kTile>
std::unique_ptr<Executable> prepare_row(const Problem& problem, const Demands&) {
  constexpr PairTile kOf = kPairTiles[kTile];
  const PairChain chain = *pair_chain(problem);
  const Filter first = read_filter(chain.first), second = read_filter(chain.second);
  const PairSide wide = make_side(chain.first, first, kOf.turn, kOf.turn);
  const PairSide narrow = make_side(chain.second, second, pair_out_channels(kOf), kOf.channels);
  const DeviceArray filters(pack_pair_filters(first, second, kOf));
  PairParams params = *pair_params(chain, kOf);
  params.first = wide.params;
  params.second = narrow.params;
  params.filter = filters.as<std::int8_t>();
  return make_launch(
      [=, shape = shape_of(chain), launch = pair_launch(kTile, chain.first.has_input(3)),
       multiprocessors = device().multiprocessors](const RunArgs& args, cudaStream_t stream) {
        launch(encode(shape, kOf, args), params, multiprocessors, stream);
        // `wide`, `narrow` and `filters` live as long as this function: params points into them.
        static_cast<void>(wide), static_cast<void>(narrow), static_cast<void>(filters);
        OCTET_CUDA_CHECK(cudaGetLastError());
      });
}

template <int... kTile>
std::vector<Kernel> make_rows(std::integer_sequence<int, kTile...>) {
  return {Kernel{"pair_s8s8_nhwc_wgmma_sm90a_" + pair_tile_name(kPairTiles[kTile]),
                 check_row<kTile>, prepare_row<kTile>, estimate_row}...};
}

}  // namespace

std::span<const Kernel> pair_rows() {
  static const std::vector<Kernel> rows =
      make_rows(std::make_integer_sequence<int, static_cast<int>(kPairTiles.size())>{});
  return rows;
}

}  // namespace octet::cuda
