// Reductions, normalisations and selections along axes.
#pragma once

#include "ops/attributes.hpp"
#include "ops/element_format.hpp"
#include "ops/reduce_fold.hpp"

namespace octet {

std::string_view to_string(ReduceMode mode) noexcept;

// In what a reduction is computed: integers whose result is a real number as such.
Arithmetic reduce_arithmetic(ReduceMode mode, DType dtype) noexcept;

// Inputs: x, and with `by_shape` the target shape (known): axes where it is 1 are reduced and kept,
// and {1} reduces everything. The output has the dtype and quantisation of x. Floats accumulate in
// binary64 in row-major order and are rounded once; integers wrap around, their mean and what is a
// real number (l2, log_sum, log_sum_exp) is truncated. Quantised values (one scale) have sum, which
// saturates, max and min. The mean of no elements is 0.
struct Reduce final : OpBase<Reduce> {
  static constexpr std::string_view kKind = "reduce";

  ReduceMode mode = ReduceMode::sum;
  std::vector<std::int64_t> axes;  // negative counts from the end; empty means all
  bool keep_dims = true;
  bool by_shape = false;

  // The shape of x with 1 where it is reduced. `target`, the output's shape, counts only by shape.
  Shape kept_shape(const Shape& x, const Shape& target) const;

  void visit(AttributeVisitor& visitor) const override;
  std::vector<TensorType> infer(const InferArgs& args) const override;
  void compute(std::span<const ConstView> inputs, std::span<const View> outputs) const override;
};

// Index of the largest or smallest element along an axis; the first of equals unless `last`. A NaN
// counts only where it comes first.
struct ArgReduce final : OpBase<ArgReduce> {
  static constexpr std::string_view kKind = "arg_reduce";

  bool largest = true, keep_dims = true, last = false;
  std::int64_t axis = 0;
  DType dtype = DType::s64;

  void visit(AttributeVisitor& visitor) const override;
  std::vector<TensorType> infer(const InferArgs& args) const override;
  void compute(std::span<const ConstView> inputs, std::span<const View> outputs) const override;
};

// Inputs: x, k (one known integer). Outputs: values, indices, in order (whether `sorted` or not);
// of equals the lower index comes first, and NaN counts as the largest.
struct TopK final : OpBase<TopK> {
  static constexpr std::string_view kKind = "topk";

  std::int64_t axis = -1;
  bool largest = true, sorted = true;
  DType index_dtype = DType::s64;

  void visit(AttributeVisitor& visitor) const override;
  std::vector<TensorType> infer(const InferArgs& args) const override;
  void compute(std::span<const ConstView> inputs, std::span<const View> outputs) const override;
};

// exp(x - max) / sum, or its logarithm. `flatten_from`: axes from `axis` on count as one (ONNX <
// 13).
struct Softmax final : OpBase<Softmax> {
  static constexpr std::string_view kKind = "softmax";

  std::int64_t axis = -1;
  bool log = false, flatten_from = false;
  std::optional<OutputSpec> output;  // quantised input and output: QLinearSoftmax
  QuantRule rule = QuantRule::onnx;

  void visit(AttributeVisitor& visitor) const override;
  std::vector<TensorType> infer(const InferArgs& args) const override;
  void compute(std::span<const ConstView> inputs, std::span<const View> outputs) const override;
};

struct CumSum final : OpBase<CumSum> {
  static constexpr std::string_view kKind = "cumsum";
  bool exclusive = false, reverse = false;  // inputs: x, axis (known)

  void visit(AttributeVisitor& visitor) const override;
  std::vector<TensorType> infer(const InferArgs& args) const override;
  void compute(std::span<const ConstView> inputs, std::span<const View> outputs) const override;
};

}  // namespace octet
