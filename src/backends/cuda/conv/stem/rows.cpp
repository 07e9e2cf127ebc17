#include "backends/cuda/common/epilogue_upload.hpp"
#include "backends/cuda/conv/geometry.hpp"
#include "backends/cuda/conv/stem/plan.hpp"
#include "backends/cuda/kernel_lists.hpp"
#include "backends/cuda/runtime/check.hpp"
#include "backends/cuda/runtime/device.hpp"
#include "backends/cuda/runtime/tensor_map.hpp"

namespace octet::cuda {

// Defined by the stem_*.cu files, one instance each.
template <StemInput Input, bool Unsigned, WgmmaRule Rule, bool Lines>
StemKernel stem_instance(int filter_rows, bool pool);

namespace {

struct BuiltStem {
  StemEpilogue epilogue;
  StemKernel (*make)(int filter_rows, bool pool);
};

template <StemInput Input, bool Unsigned, WgmmaRule Rule, bool Lines>
constexpr BuiltStem built() {
  return {{Input, Unsigned, Rule, Lines}, stem_instance<Input, Unsigned, Rule, Lines>};
}

// Every epilogue that is compiled: a row here and a .cu file of one line.
constexpr BuiltStem kBuilt[] = {
    built<StemInput::bytes, false, WgmmaRule::scaled_bias, true>(),
    built<StemInput::f32_mge, false, WgmmaRule::scaled_bias, true>(),
    built<StemInput::bytes, false, WgmmaRule::scaled_bias, false>(),
    built<StemInput::f32_mge, false, WgmmaRule::scaled_bias, false>(),
    built<StemInput::bytes, false, WgmmaRule::onnx, false>(),
    built<StemInput::f32_onnx, false, WgmmaRule::onnx, false>(),
    built<StemInput::bytes, true, WgmmaRule::onnx, false>(),
    built<StemInput::f32_onnx, true, WgmmaRule::onnx, false>(),
};

Verdict check_row(const Problem& problem, const Demands&) {
  if (!has_wgmma()) return Verdict::refuse("the GPU has no wgmma (compute capability 9.0)");
  if (const Verdict verdict = check_stem(problem); !verdict) return verdict;
  if (stem_kernel(stem_form(*stem_chain(problem))).launch == nullptr)
    return Verdict::refuse("this epilogue is not compiled for this input type");
  return Verdict::accept();
}

std::unique_ptr<Executable> prepare_row(const Problem& problem, const Demands&) {
  const StemChain chain = *stem_chain(problem);
  StemForm form = stem_form(chain);
  const Filter filter = read_filter(chain.conv);
  const Epilogue epilogue = conv_epilogue(chain.conv, filter.sums());
  const StemConstants constants = stem_constants(epilogue, form.epilogue);
  const StemKernel kernel = stem_kernel(form);
  const DeviceArray weights(pack_stem_filter(filter, form.filter_rows, stem_pad_left(chain)));
  const DeviceArray scales(constants.m), biases(constants.bias);
  StemParams params = stem_params(chain, problem.outputs[0], epilogue, device().multiprocessors);
  params.filter = weights.as<std::uint32_t>();
  params.m = scales.as<float>();
  params.bias = biases.as<std::int32_t>();

  const MapShape x = map_shape(problem.inputs[0]), y = map_shape(problem.outputs[0]);
  const std::uint32_t y_channels = params.y_planes == 0 ? kStemChannels : 32;
  const auto element = static_cast<std::uint32_t>(size_of(problem.inputs[0].dtype));
  const StemBoxes boxes = stem_boxes(kernel.boxes, form, params.tiles);
  return make_launch([=](const RunArgs& args, cudaStream_t stream) {
    const CUtensorMap from =
        encode_planes(args.inputs[0], x, element, 3, 4, static_cast<std::uint32_t>(boxes.pixels));
    StemParams run = params;
    CUtensorMap to{};
    if (params.words.words > 0) run.words.y = reinterpret_cast<std::int8_t*>(args.outputs[0]);
    else
      to = encode_tiled(args.outputs[0], y, static_cast<std::uint32_t>(boxes.out_rows),
                        static_cast<std::uint32_t>(boxes.out_columns), y_channels);
    kernel.launch(run, from, to, stream);
    // `weights`, `scales` and `biases` live as long as this function: params points into them.
    static_cast<void>(weights), static_cast<void>(scales), static_cast<void>(biases);
    OCTET_CUDA_CHECK(cudaGetLastError());
  });
}

}  // namespace

StemKernel stem_kernel(const StemForm& form) {
  for (const BuiltStem& entry : kBuilt)
    if (entry.epilogue == form.epilogue) return entry.make(form.filter_rows, form.pool);
  return {};
}

std::span<const Kernel> stem_rows() {
  static const Kernel rows[] = {{"stem_x8s8_nchw_wgmma_sm90a_64x112", check_row, prepare_row}};
  return rows;
}

}  // namespace octet::cuda
