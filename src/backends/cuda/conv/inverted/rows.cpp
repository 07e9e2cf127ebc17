#include <array>
#include <utility>

#include "backends/cuda/conv/inverted/plan.hpp"
#include "backends/cuda/conv/inverted/upload.hpp"
#include "backends/cuda/kernel_lists.hpp"
#include "backends/cuda/runtime/check.hpp"
#include "backends/cuda/runtime/device.hpp"

namespace octet::cuda {

// Defined by the inverted_*.cu files, one instance each.
template <bool Expands, int Blocks, int Stride, int Teams, int Warps, int Units, int Rows, int N>
InvertedLaunch inverted_instance(HiddenForm form);

namespace {

template <std::size_t kShape>
constexpr InvertedShape shape_of = kInvertedShapes[kShape];

template <std::size_t kShape>
InvertedLaunch launch_of(HiddenForm form) {
  constexpr InvertedShape s = shape_of<kShape>;
  return inverted_instance<s.expands, s.blocks, s.stride, s.teams, s.warps, s.units, s.rows, s.n>(
      form);
}

int shared_bytes() { return static_cast<int>(device().shared_memory_per_block); }

template <std::size_t kShape>
Verdict check_row(const Problem& problem, const Demands&) {
  if (device().capability() < 80)
    return Verdict::refuse("the GPU has no products of 16 x 8 x 32 (compute capability 8.0)");
  return check_inverted(problem, shape_of<kShape>, shared_bytes());
}

template <std::size_t kShape>
double estimate_row(const Problem& problem) {
  return estimate_inverted(problem, shape_of<kShape>, shared_bytes(), device().multiprocessors);
}

template <std::size_t kShape>
std::unique_ptr<Executable> prepare_row(const Problem& problem, const Demands&) {
  constexpr InvertedShape kThis = shape_of<kShape>;
  const InvertedChain chain = *inverted_chain(problem);
  InvertedParams params = inverted_params(chain, kThis, shared_bytes());
  const InvertedUpload constants(chain, kThis.n, params, [&](const HiddenLayers& layers) {
    return pack_inverted_filters(inverted_filters(chain), kThis, layers);
  });
  const int images = static_cast<int>(problem.outputs[0].shape[0]);
  const InvertedLaunch launch = launch_of<kShape>(constants.form());
  return make_launch([=, x = chain.x, z = chain.z](const RunArgs& args, cudaStream_t stream) {
    InvertedParams run = params;
    run.x = reinterpret_cast<const std::int8_t*>(args.inputs[x]);
    run.z = z ? reinterpret_cast<const std::int8_t*>(args.inputs[*z]) : nullptr;
    run.y = reinterpret_cast<std::int8_t*>(args.outputs[0]);
    launch(run, images, shared_bytes(), stream);
    static_cast<void>(constants);  // lives as long as this function: params point into it
    OCTET_CUDA_CHECK(cudaGetLastError());
  });
}

std::string name_of(const InvertedShape& s) {
  const auto part = [](int number) { return "x" + std::to_string(number); };
  return std::string("inverted_s8s8s8_nhwc_mma_sm80_") + (s.expands ? "" : "plain_") + "s" +
         std::to_string(s.stride) + "_" + std::to_string(s.blocks) + part(s.teams) + part(s.warps) +
         part(s.units * 16) + part(s.rows) + part(s.n);
}

template <std::size_t... kShape>
std::vector<Kernel> make_rows(std::index_sequence<kShape...>) {
  return {Kernel{name_of(shape_of<kShape>), check_row<kShape>, prepare_row<kShape>,
                 estimate_row<kShape>}...};
}

}  // namespace

std::span<const Kernel> inverted_rows() {
  static const auto rows = make_rows(std::make_index_sequence<std::size(kInvertedShapes)>{});
  return rows;
}

}  // namespace octet::cuda
