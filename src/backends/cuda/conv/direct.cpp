#include "backends/cuda/conv/direct.hpp"

#include "backends/cuda/common/epilogue_upload.hpp"
#include "backends/cuda/kernel_lists.hpp"
#include "backends/cuda/runtime/check.hpp"
#include "ops/conv.hpp"

namespace octet::cuda {
namespace {

bool is_byte(DType dtype) { return dtype == DType::s8 || dtype == DType::u8; }

Verdict check_direct(const Problem& problem, const Demands&) {
  const bool quantised = problem.inputs[0].is_quantised();
  if (quantised) {
    if (!is_byte(problem.inputs[0].dtype) || !is_byte(problem.inputs[1].dtype))
      return Verdict::refuse("the operands are quantised, but not to 8 bits");
    if (!problem.inputs[1].is_quantised()) return Verdict::refuse("the filter is not quantised");
    if (problem.has_input(2) && problem.constants[2] == nullptr)
      return Verdict::refuse("the bias is not a constant");
    if (problem.has_input(3) && !is_byte(problem.inputs[3].dtype))
      return Verdict::refuse("z is not an 8-bit value");
    const auto& op = *problem.as<Conv2d>();
    if (!same_bits_on_device(op.activation) || !same_bits_on_device(op.mid_activation))
      return Verdict::refuse("the activation's bits differ between devices");
    return Verdict::accept();
  }
  if (problem.inputs[0].dtype != DType::f32)
    return Verdict::refuse("the input is neither quantised nor f32");
  return Verdict::accept();
}

DirectConvParams common_params(const Problem& problem) {
  DirectConvParams params{};
  params.g = conv_geometry(problem);
  const int vector = problem.outputs[0].layout.vector;
  params.k_memory = (params.g.k + vector - 1) / vector * vector;
  params.x = strides_of(problem.inputs[0]);
  params.y = strides_of(problem.outputs[0]);
  if (problem.has_input(3)) params.z = strides_of(problem.inputs[3]);
  return params;
}

std::unique_ptr<Executable> prepare_f32(const Problem& problem) {
  DirectConvParams params = common_params(problem);
  params.epilogue.activation = to_params(problem.as<Conv2d>()->activation);
  return make_launch([params](const RunArgs& args, cudaStream_t stream) {
    const auto input = [&](std::size_t i) {
      return i < args.inputs.size() ? reinterpret_cast<const float*>(args.inputs[i]) : nullptr;
    };
    launch_direct_conv_f32(params, input(0), input(1), input(2), input(3),
                           reinterpret_cast<float*>(args.outputs[0]), stream);
    OCTET_CUDA_CHECK(cudaGetLastError());
  });
}

std::unique_ptr<Executable> prepare_direct(const Problem& problem, const Demands&) {
  if (!problem.inputs[0].is_quantised()) return prepare_f32(problem);
  DirectConvParams params = common_params(problem);
  const Quant& wq = *problem.inputs[1].quant;
  std::vector<std::int32_t> zero_points;
  if (!wq.is_symmetric())
    for (int k = 0; k < params.g.k; ++k)
      zero_points.push_back(wq.zero_point(static_cast<std::size_t>(k)));
  params.x_unsigned = problem.inputs[0].dtype == DType::u8;
  params.w_unsigned = problem.inputs[1].dtype == DType::u8;
  params.z_unsigned = problem.has_input(3) && problem.inputs[3].dtype == DType::u8;
  params.x_zero_point = problem.inputs[0].quant->zero_point();
  params.sum_output = problem.outputs[0].dtype == DType::s32;
  const DeviceEpilogue epilogue(conv_epilogue(problem, {}));
  const DeviceArray w_zero_points = zero_points.empty() ? DeviceArray() : DeviceArray(zero_points);
  params.epilogue = epilogue.params();
  params.w_zero_points = w_zero_points.as<int>();
  // The lambda keeps the device memory that params point to.
  return make_launch(
      [params, epilogue, w_zero_points](const RunArgs& args, cudaStream_t stream) {
        launch_direct_conv(params, args.inputs[0], args.inputs[1],
                           args.inputs.size() > 3 ? args.inputs[3] : nullptr, args.outputs[0],
                           stream);
        OCTET_CUDA_CHECK(cudaGetLastError());
      },
      0, {true, true, false, true});
}

}  // namespace

std::span<const Kernel> conv2d_direct_rows() {
  static const Kernel rows[] = {{"conv_any_direct_sm75", check_direct, prepare_direct}};
  return rows;
}

}  // namespace octet::cuda
