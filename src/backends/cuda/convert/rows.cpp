#include <algorithm>

#include "backends/cuda/common/epilogue_upload.hpp"
#include "backends/cuda/common/padding.hpp"
#include "backends/cuda/convert/any.hpp"
#include "backends/cuda/convert/convert.hpp"
#include "backends/cuda/kernel_lists.hpp"
#include "backends/cuda/runtime/check.hpp"
#include "backends/cuda/runtime/context.hpp"
#include "ops/convert.hpp"

namespace octet::cuda {
namespace {

Verdict check_convert(const Problem& problem, const Demands&) {
  const TensorType& x = problem.inputs[0];
  const TensorType& y = problem.outputs[0];
  if (x.dtype != DType::f32 && x.dtype != DType::s32)
    return Verdict::refuse("the input is neither f32 nor s32");
  for (const TensorType* type : {&x, &y})
    if (type->quant && !type->quant->is_per_tensor())
      return Verdict::refuse("there is a scale per channel");
  if (!(x.layout == y.layout)) return Verdict::refuse("the layouts differ");
  if (x.quant && !x.quant->is_symmetric())
    return Verdict::refuse("32-bit values have a zero point");
  if (!y.quant && y.dtype != DType::f32) return Verdict::refuse("the output is a plain integer");
  const std::size_t bytes = size_of(y.dtype);
  if (y.quant && bytes != 1 && y.dtype != DType::s32)
    return Verdict::refuse("the output has neither 8 nor 32 bits");
  return Verdict::accept();
}

std::unique_ptr<Executable> prepare_convert(const Problem& problem, const Demands&) {
  const auto& op = *problem.as<Convert>();
  const TensorType& x = problem.inputs[0];
  const TensorType& y = problem.outputs[0];
  ConvertParams params{};
  params.count = y.physical_elements();
  params.from_integer = x.dtype == DType::s32;
  const auto step = ConvertStep::make(x, y, op.rule, 0);
  params.scaled = step.scaled;
  params.factor = step.factor;
  params.to_float = !step.quantises;
  params.to_bytes = static_cast<int>(size_of(y.dtype));
  if (step.quantises) params.quantiser = to_params(step.quantiser);
  return make_launch([params](const RunArgs& args, cudaStream_t stream) {
    launch_convert(params, args.inputs[0], args.outputs[0], stream);
    OCTET_CUDA_CHECK(cudaGetLastError());
  });
}

Verdict check_relayout(const Problem& problem, const Demands&) {
  const TensorType& x = problem.inputs[0];
  const TensorType& y = problem.outputs[0];
  if (x.layout == y.layout) return Verdict::refuse("the layouts are the same");
  if (x.shape.rank() != 4) return Verdict::refuse("the value has no (N,C,H,W) axes");
  if (x.dtype != DType::f32) return Verdict::refuse("the input is not f32");
  if (x.layout.vector != 1) return Verdict::refuse("the input's channels lie in vectors");
  if (!y.quant || !y.quant->is_per_tensor() || size_of(y.dtype) != 1)
    return Verdict::refuse("the output is not 8-bit with one scale");
  if (y.layout.vector % 4 != 0 && !(y.layout == kNHWC && y.shape[1] % 4 == 0))
    return Verdict::refuse("the output has fewer than 4 channels side by side");
  if (y.physical_elements() > std::int64_t{1} << 31)
    return Verdict::refuse("the output has more than 2^31 elements");
  return Verdict::accept();
}

std::unique_ptr<Executable> prepare_relayout(const Problem& problem, const Demands&) {
  const TensorType& x = problem.inputs[0];
  const TensorType& y = problem.outputs[0];
  const int vector = y.layout.vector, channels = static_cast<int>(x.shape[1]);
  ConvertRelayoutParams params{};
  params.n = static_cast<int>(x.shape[0]);
  params.c = channels;
  params.h = static_cast<int>(x.shape[2]);
  params.w = static_cast<int>(x.shape[3]);
  params.padded_c = (channels + vector - 1) / vector * vector;
  params.images_inside = y.layout == kCHWN4;
  params.from = strides_of(x);
  params.to = strides_of(y);
  params.quantiser = to_params(Quantiser::make({y.dtype, y.quant}, problem.as<Convert>()->rule));
  return make_launch([params](const RunArgs& args, cudaStream_t stream) {
    launch_convert_relayout(params, reinterpret_cast<const float*>(args.inputs[0]),
                            reinterpret_cast<signed char*>(args.outputs[0]), stream);
    OCTET_CUDA_CHECK(cudaGetLastError());
  });
}

// Values of other ranks have the default layout.
Verdict check_any(const Problem&, const Demands&) { return Verdict::accept(); }

std::unique_ptr<Executable> prepare_any(const Problem& problem, const Demands&) {
  const TensorType& x = problem.inputs[0];
  const TensorType& y = problem.outputs[0];
  const QuantRule rule = problem.as<Convert>()->rule;
  ConvertAnyParams params{};
  params.from = x.dtype;
  params.to = y.dtype;
  params.rows = convert_rows(x, y);
  params.alike = x.layout == y.layout && (params.rows.channels == 1 || x.layout == kNCHW);
  params.count = params.alike ? y.physical_elements() : y.shape.elements();
  if (params.alike && params.rows.channels == 1)
    params.rows.inner = std::max<std::int64_t>(params.count, 1);
  if (!params.alike) {
    const Quant* varying = y.quant && !y.quant->is_per_tensor() ? &*y.quant : nullptr;
    if (x.quant && !x.quant->is_per_tensor()) varying = &*x.quant;
    params.axis = varying == nullptr ? -1 : varying->axis;
    params.c = static_cast<int>(y.shape[1]);
    params.h = static_cast<int>(y.shape[2]);
    params.w = static_cast<int>(y.shape[3]);
    params.x = strides_of(x);
    params.y = strides_of(y);
  }
  std::vector<ConvertStep> host;
  for (std::int64_t k = 0; k < params.rows.channels; ++k)
    host.push_back(ConvertStep::make(x, y, rule, static_cast<std::size_t>(k)));
  const DeviceArray steps(host);
  params.steps = steps.as<ConvertStep>();
  return make_launch(
      [params, steps, padding = padding_of(y)](const RunArgs& args, cudaStream_t stream) {
        launch_convert_any(params, args.inputs[0], args.outputs[0], stream);
        launch_fill_padding(padding, args.outputs[0], stream);
        OCTET_CUDA_CHECK(cudaGetLastError());
      });
}

}  // namespace

std::span<const Kernel> convert_rows() {
  static const Kernel rows[] = {{"convert_x32_any_sm75", check_convert, prepare_convert},
                                {"convert_f32_relayout_sm75", check_relayout, prepare_relayout},
                                {"convert_any_direct_sm75", check_any, prepare_any}};
  return rows;
}

}  // namespace octet::cuda
