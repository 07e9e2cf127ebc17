#include "backends/cuda/conv/direct.hpp"

#include "backends/cuda/common/epilogue_upload.hpp"
#include "backends/cuda/conv/operand_checks.hpp"
#include "backends/cuda/kernel_lists.hpp"
#include "backends/cuda/runtime/check.hpp"
#include "ops/conv.hpp"
#include "ops/product.hpp"

namespace octet::cuda {
namespace {

bool is_unsigned(const TensorType& type) {
  return type.dtype == DType::u8 || type.dtype == DType::u4;
}

Verdict check_direct(const Problem& problem, const Demands& demands) {
  if (problem.inputs[0].dtype == DType::f32) return Verdict::accept();
  if (const Verdict bias = check_constant_bias(problem); !bias) return bias;
  if (demands.numerics == Numerics::fast) return Verdict::accept();
  return check_activations(as_conv2d(problem));
}

// Of a filter {K,C/G,R,S}, {C,K/G,R,S}, {N,K,C/G,R,S} or {G,rows,columns,C/G,R,S,K/G}.
FilterSteps filter_steps(const Problem& problem, const ConvGeometry& g) {
  const long long taps = static_cast<long long>(g.r) * g.s, inputs = g.c / g.groups,
                  outputs = g.k / g.groups;
  FilterSteps f{};
  f.region_h = g.oh;
  f.region_w = g.ow;
  f.c = taps;
  f.r = g.s;
  f.s = 1;
  f.k = inputs * taps;
  f.group = outputs * inputs * taps;
  const Shape& w = problem.inputs[1].shape;
  if (problem.as<ConvTranspose2d>() != nullptr) {
    f.c = outputs * taps;
    f.k = taps;
  } else if (problem.as<BatchConv2d>() != nullptr) {
    f.n = g.groups * f.group;
  } else if (w.rank() == 7) {
    f.k = 1;
    f.s = outputs;
    f.r = g.s * outputs;
    f.c = taps * outputs;
    f.column = inputs * f.c;
    f.row = w[2] * f.column;
    f.group = w[1] * f.row;
    f.region_h = g.oh / static_cast<int>(w[1]);
    f.region_w = g.ow / static_cast<int>(w[2]);
  }
  return f;
}

DirectConvParams common_params(const Problem& problem) {
  DirectConvParams params{};
  params.g = conv_geometry(problem);
  params.filter = filter_steps(problem, params.g);
  params.transposed = problem.as<ConvTranspose2d>() != nullptr;
  const int vector = problem.outputs[0].layout.vector;
  params.k_memory = (params.g.k + vector - 1) / vector * vector;
  params.x = strides_of(problem.inputs[0]);
  params.y = strides_of(problem.outputs[0]);
  if (problem.has_input(3)) params.z = strides_of(problem.inputs[3]);
  return params;
}

std::unique_ptr<Executable> prepare_f32(const Problem& problem) {
  DirectConvParams params = common_params(problem);
  params.epilogue.activation = to_params(as_conv2d(problem).activation);
  return make_launch([params](const RunArgs& args, cudaStream_t stream) {
    const auto input = [&](std::size_t i) {
      return i < args.inputs.size() ? reinterpret_cast<const float*>(args.inputs[i]) : nullptr;
    };
    launch_direct_conv_f32(params, input(0), input(1), input(2), input(3),
                           reinterpret_cast<float*>(args.outputs[0]), stream);
    OCTET_CUDA_CHECK(cudaGetLastError());
  });
}

// For all output channels: every group of a transposed convolution repeats them.
Quant filter_quant(const Problem& problem) {
  const Quant& quant = quant_of(problem.inputs[1]);
  const auto* transpose = problem.as<ConvTranspose2d>();
  return transpose == nullptr ? quant : repeated(quant, transpose->groups);
}

Epilogue epilogue_of(const Problem& problem, const Quant& wq) {
  std::optional<ConstView> bias;
  if (problem.has_input(2)) bias.emplace(*problem.constants[2]);
  return make_epilogue(as_conv2d(problem), problem.outputs[0].shape[1], quant_of(problem.inputs[0]),
                       wq, bias ? &*bias : nullptr,
                       problem.has_input(3) ? &quant_of(problem.inputs[3]) : nullptr, {});
}

std::unique_ptr<Executable> prepare_direct(const Problem& problem, const Demands&) {
  if (problem.inputs[0].dtype == DType::f32) return prepare_f32(problem);
  DirectConvParams params = common_params(problem);
  const Quant wq = filter_quant(problem);
  std::vector<std::int32_t> zero_points;
  if (!wq.is_symmetric())
    for (int k = 0; k < params.g.k; ++k)
      zero_points.push_back(wq.zero_point(static_cast<std::size_t>(k)));
  params.x_unsigned = is_unsigned(problem.inputs[0]);
  params.w_unsigned = is_unsigned(problem.inputs[1]);
  params.z_unsigned = problem.has_input(3) && is_unsigned(problem.inputs[3]);
  params.x_zero_point = quant_of(problem.inputs[0]).zero_point();
  params.sum_output = problem.outputs[0].dtype == DType::s32;
  const DeviceEpilogue epilogue(epilogue_of(problem, wq));
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

std::span<const Kernel> direct_conv_rows() {
  static const Kernel rows[] = {{"conv_any_direct_sm75", check_direct, prepare_direct}};
  return rows;
}

}  // namespace octet::cuda
