#include "backends/cuda/common/default_layout.hpp"
#include "backends/cuda/convert/by_input.hpp"
#include "backends/cuda/kernel_lists.hpp"
#include "backends/cuda/runtime/check.hpp"
#include "backends/cuda/runtime/context.hpp"
#include "ops/convert.hpp"

namespace octet::cuda {
namespace {

std::unique_ptr<Executable> prepare_by_input(const Problem& problem, const Demands&) {
  const auto& op = *problem.as<QuantizeByInput>();
  const TensorType& y = problem.outputs[0];
  QuantizeByInputParams params{};
  params.dequantize = op.dequantize;
  params.integers = op.dequantize ? problem.inputs[0].dtype : y.dtype;
  params.rows = quantize_rows(op, problem.inputs[0].shape, problem.inputs[1].shape);
  params.quantiser = Quantiser::make(params.integers, 1.0f, 0, QuantRule::onnx);
  if (problem.has_input(2)) params.zero_points = problem.inputs[2].dtype;
  return make_launch([params](const RunArgs& args, cudaStream_t stream) {
    launch_quantize_by_input(params, args.inputs[0], reinterpret_cast<const float*>(args.inputs[1]),
                             args.inputs.size() > 2 ? args.inputs[2] : nullptr, args.outputs[0],
                             stream);
    OCTET_CUDA_CHECK(cudaGetLastError());
  });
}

std::unique_ptr<Executable> prepare_dynamic(const Problem& problem, const Demands&) {
  const Quantiser quantiser = Quantiser::make(DType::u8, 1.0f, 0, QuantRule::onnx);
  const std::int64_t count = problem.inputs[0].shape.elements();
  return make_launch([quantiser, count](const RunArgs& args, cudaStream_t stream) {
    launch_dynamic_quantize(quantiser, reinterpret_cast<const float*>(args.inputs[0]), count,
                            reinterpret_cast<std::uint8_t*>(args.outputs[0]),
                            reinterpret_cast<float*>(args.outputs[1]),
                            reinterpret_cast<std::uint8_t*>(args.outputs[2]), stream);
    OCTET_CUDA_CHECK(cudaGetLastError());
  });
}

}  // namespace

std::span<const Kernel> quantize_by_input_rows() {
  static const Kernel rows[] = {
      {"quantize_by_input_direct_sm75", check_default_layout, prepare_by_input}};
  return rows;
}

std::span<const Kernel> dynamic_quantize_rows() {
  static const Kernel rows[] = {
      {"dynamic_quantize_direct_sm75", check_default_layout, prepare_dynamic}};
  return rows;
}

}  // namespace octet::cuda
