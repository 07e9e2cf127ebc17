// Operators on shapes: they move no data, or compute shapes themselves.
#pragma once

#include "ops/attributes.hpp"

namespace octet {

// Inputs: x, shape (known integers, or floats to be truncated). One entry may be -1: at
// `infer_axis` by its index (.mge: the value there is ignored), or wherever -1 stands. An entry 0
// copies the input's extent when `zero_copies`.
struct Reshape final : OpBase<Reshape> {
  static constexpr std::string_view kKind = "reshape";
  std::int64_t infer_axis = -1;  // -1: look for -1 in the shape
  bool zero_copies = false;

  void visit(AttributeVisitor& visitor) const override;
  std::vector<TensorType> infer(const InferArgs& args) const override;
  void compute(std::span<const ConstView> inputs, std::span<const View> outputs) const override;
};

// Removes axes of extent 1; empty `axes` means all of them. Input: x.
struct Squeeze final : OpBase<Squeeze> {
  static constexpr std::string_view kKind = "squeeze";
  std::vector<std::int64_t> axes;

  void visit(AttributeVisitor& visitor) const override;
  std::vector<TensorType> infer(const InferArgs& args) const override;
  void compute(std::span<const ConstView> inputs, std::span<const View> outputs) const override;
};

// Adds axes of extent 1 at these places of the output. Input: x.
struct Unsqueeze final : OpBase<Unsqueeze> {
  static constexpr std::string_view kKind = "unsqueeze";
  std::vector<std::int64_t> axes;

  void visit(AttributeVisitor& visitor) const override;
  std::vector<TensorType> infer(const InferArgs& args) const override;
  void compute(std::span<const ConstView> inputs, std::span<const View> outputs) const override;
};

// To rank 2: axes before `axis` and the rest. Input: x.
struct Flatten final : OpBase<Flatten> {
  static constexpr std::string_view kKind = "flatten";
  std::int64_t axis = 1;

  void visit(AttributeVisitor& visitor) const override;
  std::vector<TensorType> infer(const InferArgs& args) const override;
  void compute(std::span<const ConstView> inputs, std::span<const View> outputs) const override;
};

// Broadcasts to a shape. Inputs: x, shape (known). With `exact`, the output shape is `shape` itself
// (.mge Broadcast); otherwise numpy broadcasting of both.
struct Expand final : OpBase<Expand> {
  static constexpr std::string_view kKind = "expand";
  bool exact = false;

  void visit(AttributeVisitor& visitor) const override;
  std::vector<TensorType> infer(const InferArgs& args) const override;
  void compute(std::span<const ConstView> inputs, std::span<const View> outputs) const override;
};

// The shape of x as integers. Several inputs: the shape they broadcast to. `axis`: only that
// extent, as {1}. `start`, `end` as ONNX (slice of the shape).
struct ShapeOf final : OpBase<ShapeOf> {
  static constexpr std::string_view kKind = "shape_of";
  std::optional<std::int64_t> axis;
  std::int64_t start = 0;
  std::optional<std::int64_t> end;
  DType dtype = DType::s64;
  bool size_only = false;  // the number of elements, as a scalar

  void visit(AttributeVisitor& visitor) const override;
  std::vector<TensorType> infer(const InferArgs& args) const override;
  void compute(std::span<const ConstView> inputs, std::span<const View> outputs) const override;
  bool needs_only_types() const noexcept override { return true; }
};

// Input: shape (known). Every element is `value`, a tensor of one element.
struct ConstantOfShape final : OpBase<ConstantOfShape> {
  static constexpr std::string_view kKind = "constant_of_shape";
  Tensor value;

  void visit(AttributeVisitor& visitor) const override;
  std::vector<TensorType> infer(const InferArgs& args) const override;
  void compute(std::span<const ConstView> inputs, std::span<const View> outputs) const override;
};

// Inputs: start, limit, delta, all known scalars of one type.
struct Range final : OpBase<Range> {
  static constexpr std::string_view kKind = "range";

  void visit(AttributeVisitor& visitor) const override;
  std::vector<TensorType> infer(const InferArgs& args) const override;
  void compute(std::span<const ConstView> inputs, std::span<const View> outputs) const override;
};

// Input: x. Output: x.
struct Identity final : OpBase<Identity> {
  static constexpr std::string_view kKind = "identity";

  void visit(AttributeVisitor& visitor) const override;
  std::vector<TensorType> infer(const InferArgs& args) const override;
  void compute(std::span<const ConstView> inputs, std::span<const View> outputs) const override;
};

}  // namespace octet
