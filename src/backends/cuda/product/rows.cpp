#include "backends/cuda/common/broadcast_walk.hpp"
#include "backends/cuda/common/default_layout.hpp"
#include "backends/cuda/common/epilogue_upload.hpp"
#include "backends/cuda/kernel_lists.hpp"
#include "backends/cuda/product/matmul.hpp"
#include "backends/cuda/runtime/check.hpp"
#include "backends/cuda/runtime/device.hpp"
#include "ops/matmul.hpp"
#include "ops/matmul_shape.hpp"
#include "ops/product.hpp"

namespace octet::cuda {
namespace {

bool is_unsigned(const TensorType& type) {
  return type.dtype == DType::u8 || type.dtype == DType::u4;
}

MatMulShape shape_of(const Problem& problem) {
  return MatMulShape::make(*problem.as<MatMul>(), problem.inputs[0].shape, problem.inputs[1].shape);
}

Verdict check_any(const Problem& problem, const Demands& demands) {
  if (problem.inputs[0].dtype != DType::f32 && problem.has_input(2) &&
      problem.constants[2] == nullptr)
    return Verdict::refuse("the bias is not a constant");
  return check_default_layout(problem, demands);
}

Verdict check_tiles(const Problem& problem, const Demands& demands) {
  const MatMulShape shape = shape_of(problem);
  const std::int64_t batches = shape.batch.elements();
  for (const Shape* batch : {&shape.batch_a, &shape.batch_b})
    if (batch->elements() != 1 && batch->elements() != batches)
      return Verdict::refuse("the leading axes are broadcast one by one");
  if (batches > 65535) return Verdict::refuse("there are more than 65535 products");
  if (problem.has_input(2) && problem.inputs[2].shape.elements() != shape.n)
    return Verdict::refuse("the bias is not one row");
  return check_any(problem, demands);
}

MatMulParams matmul_params(const Problem& problem) {
  const auto& op = *problem.as<MatMul>();
  const MatMulShape shape = shape_of(problem);
  const auto integer = [](std::int64_t value) { return static_cast<int>(value); };
  MatMulParams p{};
  p.batches = integer(shape.batch.elements());
  p.m = integer(shape.m);
  p.n = integer(shape.n);
  p.k = integer(shape.k);
  p.a_batch = shape.batch_a.elements() == 1 ? 0 : shape.m * shape.k;
  p.b_batch = shape.batch_b.elements() == 1 ? 0 : shape.k * shape.n;
  p.a_row = op.transpose_a ? 1 : p.k;
  p.a_depth = op.transpose_a ? p.m : 1;
  p.b_depth = op.transpose_b ? 1 : p.n;
  p.b_column = op.transpose_b ? p.k : 1;
  p.a_unsigned = is_unsigned(problem.inputs[0]);
  p.b_unsigned = is_unsigned(problem.inputs[1]);
  return p;
}

// What the products of bytes keep on the device.
struct ByteConstants {
  DeviceEpilogue epilogue;
  DeviceArray b_zero_points;
};

ByteConstants set_byte_constants(const Problem& problem, MatMulParams* params) {
  const auto& op = *problem.as<MatMul>();
  const Quant& aq = quant_of(problem.inputs[0]);
  const Quant& bq = quant_of(problem.inputs[1]);
  const TensorType& y = problem.outputs[0];
  params->a_zero_point = aq.zero_point();
  std::vector<std::int32_t> zero_points;
  if (!bq.is_symmetric())
    for (int n = 0; n < params->n; ++n)
      zero_points.push_back(bq.zero_point(static_cast<std::size_t>(n)));
  std::optional<ConstView> bias;
  if (problem.has_input(2)) bias.emplace(*problem.constants[2]);
  ByteConstants constants{
      DeviceEpilogue(make_epilogue(op.rule, op.activation, {y.dtype, y.quant}, params->n, aq, bq,
                                   bias ? &*bias : nullptr, {})),
      zero_points.empty() ? DeviceArray() : DeviceArray(zero_points)};
  params->epilogue = constants.epilogue.params();
  params->b_zero_points = constants.b_zero_points.as<int>();
  params->sum_output = y.dtype == DType::s32;
  return constants;
}

const float* float_input(const RunArgs& args, std::size_t i) {
  return i < args.inputs.size() ? reinterpret_cast<const float*>(args.inputs[i]) : nullptr;
}

std::unique_ptr<Executable> prepare_tiles_f32(const Problem& problem) {
  MatMulParams params = matmul_params(problem);
  params.epilogue.activation = to_params(problem.as<MatMul>()->activation);
  params.b_constant = problem.constants[1] != nullptr;
  const bool clusters = device().capability() >= 90;
  return make_launch([params, clusters](const RunArgs& args, cudaStream_t stream) {
    launch_matmul_f32(params, float_input(args, 0), float_input(args, 1), float_input(args, 2),
                      reinterpret_cast<float*>(args.outputs[0]), clusters, stream);
    OCTET_CUDA_CHECK(cudaGetLastError());
  });
}

std::unique_ptr<Executable> prepare_tiles(const Problem& problem, const Demands&) {
  if (problem.inputs[0].dtype == DType::f32) return prepare_tiles_f32(problem);
  MatMulParams params = matmul_params(problem);
  const ByteConstants constants = set_byte_constants(problem, &params);
  // The lambda keeps the device memory that params point to.
  return make_launch(
      [params, constants](const RunArgs& args, cudaStream_t stream) {
        launch_matmul_bytes(params, args.inputs[0], args.inputs[1], args.outputs[0], stream);
        OCTET_CUDA_CHECK(cudaGetLastError());
      },
      0, {true, true, false});
}

// Where each product's operand begins, by numpy's broadcasting.
DeviceArray batch_offsets(const Shape& source, const Shape& batch, std::int64_t each) {
  std::vector<long long> offsets;
  for (std::int64_t i = 0; i < batch.elements(); ++i)
    offsets.push_back(broadcast_offset(source, batch, i) * each);
  return DeviceArray(offsets);
}

std::unique_ptr<Executable> prepare_any(const Problem& problem, const Demands&) {
  const MatMulShape shape = shape_of(problem);
  MatMulAnyParams params{};
  params.product = matmul_params(problem);
  const DeviceArray a = batch_offsets(shape.batch_a, shape.batch, shape.m * shape.k);
  const DeviceArray b = batch_offsets(shape.batch_b, shape.batch, shape.k * shape.n);
  params.a_offsets = a.as<long long>();
  params.b_offsets = b.as<long long>();
  if (problem.inputs[0].dtype == DType::f32) {
    params.product.epilogue.activation = to_params(problem.as<MatMul>()->activation);
    if (problem.has_input(2)) params.bias = broadcast_walk(problem.inputs[2].shape, shape.output);
    return make_launch([params, a, b](const RunArgs& args, cudaStream_t stream) {
      launch_matmul_any_f32(params, float_input(args, 0), float_input(args, 1),
                            float_input(args, 2), reinterpret_cast<float*>(args.outputs[0]),
                            stream);
      OCTET_CUDA_CHECK(cudaGetLastError());
    });
  }
  const ByteConstants constants = set_byte_constants(problem, &params.product);
  return make_launch(
      [params, a, b, constants](const RunArgs& args, cudaStream_t stream) {
        launch_matmul_any_bytes(params, args.inputs[0], args.inputs[1], args.outputs[0], stream);
        OCTET_CUDA_CHECK(cudaGetLastError());
      },
      0, {true, true, false});
}

}  // namespace

std::span<const Kernel> matmul_rows() {
  static const Kernel rows[] = {{"matmul_any_tile32_sm75", check_tiles, prepare_tiles},
                                {"matmul_any_direct_sm75", check_any, prepare_any}};
  return rows;
}

}  // namespace octet::cuda
