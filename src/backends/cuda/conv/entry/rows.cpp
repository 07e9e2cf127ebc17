#include <array>
#include <utility>

#include "backends/cuda/conv/entry/plan.hpp"
#include "backends/cuda/conv/inverted/upload.hpp"
#include "backends/cuda/conv/stem/plan.hpp"
#include "backends/cuda/kernel_lists.hpp"
#include "backends/cuda/runtime/check.hpp"
#include "backends/cuda/runtime/device.hpp"

namespace octet::cuda {

// Defined by the entry_*.cu files, one instance each.
template <StemInput Input, int Blocks, int Warps, int Units>
EntryLaunch entry_instance(HiddenForm form);

namespace {

template <std::size_t kShape>
EntryLaunch launch_of(StemInput input, HiddenForm form) {
  constexpr EntryShape s = kEntryShapes[kShape];
  return input == StemInput::bytes
             ? entry_instance<StemInput::bytes, s.blocks, s.warps, s.units>(form)
             : entry_instance<StemInput::f32_mge, s.blocks, s.warps, s.units>(form);
}

int shared_bytes() { return static_cast<int>(device().shared_memory_per_block); }

template <std::size_t kShape>
Verdict check_row(const Problem& problem, const Demands&) {
  if (device().capability() < 80)
    return Verdict::refuse("the GPU has no products of 16 x 8 x 32 (compute capability 8.0)");
  return check_entry(problem, kEntryShapes[kShape], shared_bytes());
}

template <std::size_t kShape>
double estimate_row(const Problem& problem) {
  return estimate_entry(problem, kEntryShapes[kShape], shared_bytes(), device().multiprocessors);
}

template <std::size_t kShape>
std::unique_ptr<Executable> prepare_row(const Problem& problem, const Demands&) {
  constexpr EntryShape kThis = kEntryShapes[kShape];
  const EntryChain chain = *entry_chain(problem);
  EntryParams params = entry_params(chain, kThis, shared_bytes(), device().multiprocessors);
  const InvertedUpload constants(
      chain.block, kThis.block().n, params.block, [&](const HiddenLayers& layers) {
        auto packed = pack_inverted_filters(entry_filters(chain), kThis.block(), layers);
        fold_last_row(packed);
        return packed;
      });
  const EntryLaunch launch =
      launch_of<kShape>(stem_input(chain.bring, *chain.block.expand), constants.form());
  const int images = static_cast<int>(problem.outputs[0].shape[0]);
  return make_launch([=](const RunArgs& args, cudaStream_t stream) {
    EntryParams run = params;
    run.x = args.inputs[0];
    run.block.y = reinterpret_cast<std::int8_t*>(args.outputs[0]);
    launch(run, images, shared_bytes(), stream);
    static_cast<void>(constants);  // lives as long as this function: params point into it
    OCTET_CUDA_CHECK(cudaGetLastError());
  });
}

std::string name_of(const EntryShape& s) {
  return "entry_x8s8_nchw_mma_sm80_" + std::to_string(s.blocks) + "x" + std::to_string(s.warps) +
         "x" + std::to_string(s.units * 16);
}

template <std::size_t... kShape>
std::vector<Kernel> make_rows(std::index_sequence<kShape...>) {
  return {Kernel{name_of(kEntryShapes[kShape]), check_row<kShape>, prepare_row<kShape>,
                 estimate_row<kShape>}...};
}

}  // namespace

std::span<const Kernel> entry_rows() {
  static const auto rows = make_rows(std::make_index_sequence<std::size(kEntryShapes)>{});
  return rows;
}

}  // namespace octet::cuda
