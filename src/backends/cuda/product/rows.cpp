#include <algorithm>
#include <array>

#include "backends/cuda/common/epilogue_upload.hpp"
#include "backends/cuda/kernel_lists.hpp"
#include "backends/cuda/product/matmul.hpp"
#include "backends/cuda/runtime/check.hpp"
#include "ops/matmul.hpp"

namespace octet::cuda {
namespace {

bool is_byte(DType dtype) { return dtype == DType::s8 || dtype == DType::u8; }

std::int64_t batches_of(const Shape& shape) {
  std::int64_t batches = 1;
  for (std::size_t i = 0; i + 2 < shape.rank(); ++i) batches *= shape[i];
  return batches;
}

Verdict check_matmul(const Problem& problem, const Demands&) {
  const TensorType& a = problem.inputs[0];
  const TensorType& b = problem.inputs[1];
  const TensorType& y = problem.outputs[0];
  for (const TensorType* type : {&a, &b, &y}) {
    if (type->shape.rank() < 2) return Verdict::refuse("an operand is a vector");
    if (!(type->layout == kNCHW))
      return Verdict::refuse("an operand is in " + to_string(type->layout));
  }
  const std::int64_t batches = batches_of(y.shape);
  for (const TensorType* type : {&a, &b})
    if (batches_of(type->shape) != 1 && batches_of(type->shape) != batches)
      return Verdict::refuse("the leading axes are broadcast one by one");
  if (batches > 65535) return Verdict::refuse("there are more than 65535 products");
  const bool is_float = a.dtype == DType::f32 && b.dtype == DType::f32;
  if (!is_float && (!is_byte(a.dtype) || !is_byte(b.dtype)))
    return Verdict::refuse("the operands are neither f32 nor 8-bit");
  if (problem.has_input(2)) {
    if (problem.inputs[2].shape.elements() != y.shape.back())
      return Verdict::refuse("the bias is not one row");
    if (!is_float && problem.constants[2] == nullptr)
      return Verdict::refuse("the bias is not a constant");
  }
  return Verdict::accept();
}

MatMulParams matmul_params(const Problem& problem) {
  const auto& op = *problem.as<MatMul>();
  const Shape& a = problem.inputs[0].shape;
  const Shape& b = problem.inputs[1].shape;
  const Shape& y = problem.outputs[0].shape;
  MatMulParams p{};
  p.batches = static_cast<int>(batches_of(y));
  p.m = static_cast<int>(y[y.rank() - 2]);
  p.n = static_cast<int>(y.back());
  p.k = static_cast<int>(op.transpose_a ? a[a.rank() - 2] : a.back());
  p.a_batch = batches_of(a) == 1 ? 0 : static_cast<long long>(p.m) * p.k;
  p.b_batch = batches_of(b) == 1 ? 0 : static_cast<long long>(p.k) * p.n;
  p.a_row = op.transpose_a ? 1 : p.k;
  p.a_depth = op.transpose_a ? p.m : 1;
  p.b_depth = op.transpose_b ? 1 : p.n;
  p.b_column = op.transpose_b ? p.k : 1;
  p.a_unsigned = problem.inputs[0].dtype == DType::u8;
  p.b_unsigned = problem.inputs[1].dtype == DType::u8;
  return p;
}

std::unique_ptr<Executable> prepare_f32(const Problem& problem) {
  MatMulParams params = matmul_params(problem);
  params.epilogue.activation = to_params(problem.as<MatMul>()->activation);
  return make_launch([params](const RunArgs& args, cudaStream_t stream) {
    const auto input = [&](std::size_t i) {
      return i < args.inputs.size() ? reinterpret_cast<const float*>(args.inputs[i]) : nullptr;
    };
    launch_matmul_f32(params, input(0), input(1), input(2),
                      reinterpret_cast<float*>(args.outputs[0]), stream);
    OCTET_CUDA_CHECK(cudaGetLastError());
  });
}

std::unique_ptr<Executable> prepare_matmul(const Problem& problem, const Demands&) {
  if (problem.inputs[0].dtype == DType::f32) return prepare_f32(problem);
  const auto& op = *problem.as<MatMul>();
  const Quant plain;
  const Quant& aq = problem.inputs[0].quant ? *problem.inputs[0].quant : plain;
  const Quant& bq = problem.inputs[1].quant ? *problem.inputs[1].quant : plain;
  const TensorType& y = problem.outputs[0];
  MatMulParams params = matmul_params(problem);
  params.a_zero_point = aq.zero_point();
  std::vector<std::int32_t> zero_points;
  if (!bq.is_symmetric())
    for (int n = 0; n < params.n; ++n)
      zero_points.push_back(bq.zero_point(static_cast<std::size_t>(n)));
  std::optional<ConstView> bias;
  if (problem.has_input(2)) bias.emplace(*problem.constants[2]);
  const DeviceEpilogue epilogue(make_epilogue(op.rule, op.activation, {y.dtype, y.quant}, params.n,
                                              aq, bq, bias ? &*bias : nullptr, {}));
  const DeviceArray b_zero_points = zero_points.empty() ? DeviceArray() : DeviceArray(zero_points);
  params.epilogue = epilogue.params();
  params.b_zero_points = b_zero_points.as<int>();
  params.sum_output = y.dtype == DType::s32;
  return make_launch(
      [params, epilogue, b_zero_points](const RunArgs& args, cudaStream_t stream) {
        launch_matmul_bytes(params, args.inputs[0], args.inputs[1], args.outputs[0], stream);
        OCTET_CUDA_CHECK(cudaGetLastError());
      },
      0, {true, true, false});
}

}  // namespace

std::span<const Kernel> matmul_rows() {
  static const Kernel rows[] = {{"matmul_any_tile32_sm75", check_matmul, prepare_matmul}};
  return rows;
}

}  // namespace octet::cuda
