#include <array>
#include <utility>

#include "backends/cuda/conv/inverted/upload.hpp"
#include "backends/cuda/conv/inverted_wgmma/plan.hpp"
#include "backends/cuda/kernel_lists.hpp"
#include "backends/cuda/runtime/check.hpp"
#include "backends/cuda/runtime/device.hpp"

namespace octet::cuda {

// Defined by the inverted_wgmma_*.cu files, one instance each.
template <int Stride, int Columns, int Slabs, int Strips, int Products, int Parts, int N>
InvertedWgmmaLaunch inverted_wgmma_instance(HiddenForm form);

namespace {

template <std::size_t kShape>
constexpr InvertedWgmmaShape shape_of = kInvertedWgmmaShapes[kShape];

template <std::size_t kShape>
InvertedWgmmaLaunch launch_of(HiddenForm form) {
  constexpr InvertedWgmmaShape s = shape_of<kShape>;
  return inverted_wgmma_instance<s.stride, s.columns, s.slabs, s.strips, s.products, s.parts, s.n>(
      form);
}

template <std::size_t kShape>
Verdict check_row(const Problem& problem, const Demands&) {
  if (!has_wgmma()) return Verdict::refuse("the GPU has no wgmma (compute capability 9.0)");
  return check_inverted_wgmma(problem, shape_of<kShape>, kMostSharedMemory);
}

template <std::size_t kShape>
double estimate_row(const Problem& problem) {
  return estimate_inverted_wgmma(problem, shape_of<kShape>, kMostSharedMemory,
                                 device().multiprocessors);
}

template <std::size_t kShape>
std::unique_ptr<Executable> prepare_row(const Problem& problem, const Demands&) {
  constexpr InvertedWgmmaShape kThis = shape_of<kShape>;
  const InvertedChain chain = *inverted_chain(problem);
  InvertedWgmmaParams params = inverted_wgmma_params(chain, kThis, kMostSharedMemory);
  const InvertedUpload constants(
      chain, kThis.out_channels(), params,
      [&](const HiddenLayers& layers) { return pack_inverted_wgmma(chain, kThis, layers); });
  const int images = static_cast<int>(problem.outputs[0].shape[0]);
  const InvertedWgmmaLaunch launch = launch_of<kShape>(constants.form());
  return make_launch([=, x = chain.x, z = chain.z](const RunArgs& args, cudaStream_t stream) {
    InvertedWgmmaParams run = params;
    run.x = reinterpret_cast<const std::int8_t*>(args.inputs[x]);
    run.z = z ? reinterpret_cast<const std::int8_t*>(args.inputs[*z]) : nullptr;
    run.y = reinterpret_cast<std::int8_t*>(args.outputs[0]);
    launch(run, images, stream);
    static_cast<void>(constants);  // lives as long as this function: params point into it
    OCTET_CUDA_CHECK(cudaGetLastError());
  });
}

std::string name_of(const InvertedWgmmaShape& s) {
  const auto part = [](int number) { return "x" + std::to_string(number); };
  return "inverted_s8s8s8_nhwc_wgmma_sm90_s" + std::to_string(s.stride) + "_" +
         std::to_string(s.columns) + part(s.slabs) + part(s.strips) + part(s.products) +
         part(s.parts) + part(s.n);
}

template <std::size_t... kShape>
std::vector<Kernel> make_rows(std::index_sequence<kShape...>) {
  return {Kernel{name_of(shape_of<kShape>), check_row<kShape>, prepare_row<kShape>,
                 estimate_row<kShape>}...};
}

}  // namespace

std::span<const Kernel> inverted_wgmma_rows() {
  static const auto rows = make_rows(std::make_index_sequence<std::size(kInvertedWgmmaShapes)>{});
  return rows;
}

}  // namespace octet::cuda
