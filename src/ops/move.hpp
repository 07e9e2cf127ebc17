// Operators that move elements and compute nothing. The dtype and the quantisation stay.
#pragma once

#include "ops/attributes.hpp"

namespace octet {

// Output axis i is input axis permutation[i]; empty means reversed. Input: x.
struct Transpose final : OpBase<Transpose> {
  static constexpr std::string_view kKind = "transpose";
  std::vector<std::int64_t> permutation;

  void visit(AttributeVisitor& visitor) const override;
  std::vector<TensorType> infer(const InferArgs& args) const override;
  void compute(std::span<const ConstView> inputs, std::span<const View> outputs) const override;
};

// Inputs of one dtype and quantisation, equal but along `axis`.
struct Concat final : OpBase<Concat> {
  static constexpr std::string_view kKind = "concat";
  std::int64_t axis = 0;

  void visit(AttributeVisitor& visitor) const override;
  std::vector<TensorType> infer(const InferArgs& args) const override;
  void compute(std::span<const ConstView> inputs, std::span<const View> outputs) const override;
};

// Inputs: x, and unless `parts` > 0 (equal parts, the last may be smaller) either one known vector
// of sizes or one known scalar per part.
struct Split final : OpBase<Split> {
  static constexpr std::string_view kKind = "split";
  std::int64_t axis = 0;
  std::int64_t parts = 0;

  void visit(AttributeVisitor& visitor) const override;
  std::vector<TensorType> infer(const InferArgs& args) const override;
  void compute(std::span<const ConstView> inputs, std::span<const View> outputs) const override;
};

// ONNX form. Inputs: x, starts, ends, axes or absent, steps or absent; all known.
struct Slice final : OpBase<Slice> {
  static constexpr std::string_view kKind = "slice";

  void visit(AttributeVisitor& visitor) const override;
  std::vector<TensorType> infer(const InferArgs& args) const override;
  void compute(std::span<const ConstView> inputs, std::span<const View> outputs) const override;
};

// One indexed axis of a Subtensor; each true flag takes one scalar from the further inputs, in the
// order begin, end, step, index. `index` removes the axis.
struct SubtensorItem {
  std::int64_t axis = 0;
  bool begin = false, end = false, step = false, index = false;
  friend bool operator==(const SubtensorItem&, const SubtensorItem&) = default;
};

// MegEngine form. Inputs: x, then known integer scalars as `items` say.
struct Subtensor final : OpBase<Subtensor> {
  static constexpr std::string_view kKind = "subtensor";
  std::vector<SubtensorItem> items;

  void visit(AttributeVisitor& visitor) const override;
  std::vector<TensorType> infer(const InferArgs& args) const override;
  void compute(std::span<const ConstView> inputs, std::span<const View> outputs) const override;
};

// x with the part that `items` name replaced by value (or value added, with `add`).
// Inputs: x, value, then known scalars.
struct SetSubtensor final : OpBase<SetSubtensor> {
  static constexpr std::string_view kKind = "set_subtensor";
  std::vector<SubtensorItem> items;
  bool add = false;

  void visit(AttributeVisitor& visitor) const override;
  std::vector<TensorType> infer(const InferArgs& args) const override;
  void compute(std::span<const ConstView> inputs, std::span<const View> outputs) const override;
};

// MegEngine's IndexingMultiAxisVec. Inputs: x, then what `items` say as for Subtensor, but each
// index is an integer vector (or of any shape), which need not be known. The indices broadcast to
// one shape and step together; their axes leave and that shape stands where the first of them was.
struct VectorIndex final : OpBase<VectorIndex> {
  static constexpr std::string_view kKind = "vector_index";
  std::vector<SubtensorItem> items;

  void visit(AttributeVisitor& visitor) const override;
  std::vector<TensorType> infer(const InferArgs& args) const override;
  void compute(std::span<const ConstView> inputs, std::span<const View> outputs) const override;
};

// Inputs: x, indices (s32 or s64; negative counts from the end). Picks slices along `axis`.
struct Gather final : OpBase<Gather> {
  static constexpr std::string_view kKind = "gather";
  std::int64_t axis = 0;

  void visit(AttributeVisitor& visitor) const override;
  std::vector<TensorType> infer(const InferArgs& args) const override;
  void compute(std::span<const ConstView> inputs, std::span<const View> outputs) const override;
};

// Inputs: x, indices of the same rank.
struct GatherElements final : OpBase<GatherElements> {
  static constexpr std::string_view kKind = "gather_elements";
  std::int64_t axis = 0;

  void visit(AttributeVisitor& visitor) const override;
  std::vector<TensorType> infer(const InferArgs& args) const override;
  void compute(std::span<const ConstView> inputs, std::span<const View> outputs) const override;
};

// Inputs: x, indices {..., k}: the last axis is an index into x's axes after `batch_dims`.
struct GatherND final : OpBase<GatherND> {
  static constexpr std::string_view kKind = "gather_nd";
  std::int64_t batch_dims = 0;

  void visit(AttributeVisitor& visitor) const override;
  std::vector<TensorType> infer(const InferArgs& args) const override;
  void compute(std::span<const ConstView> inputs, std::span<const View> outputs) const override;
};

enum class PadMode : std::uint8_t { constant, reflect, edge };

// Inputs: x, pads (known: all begins, then all ends; negative crops), value (scalar of the type of
// x, stored as it is; absent means 0). `mge_value` is stored instead as MegEngine does it, by a C
// cast to the stored type: a quantised x gets the truncated number, whatever its scale.
struct Pad final : OpBase<Pad> {
  static constexpr std::string_view kKind = "pad";
  PadMode mode = PadMode::constant;
  std::optional<float> mge_value;

  void visit(AttributeVisitor& visitor) const override;
  std::vector<TensorType> infer(const InferArgs& args) const override;
  void compute(std::span<const ConstView> inputs, std::span<const View> outputs) const override;
};

// Inputs: x, repeats (known).
struct Tile final : OpBase<Tile> {
  static constexpr std::string_view kKind = "tile";

  void visit(AttributeVisitor& visitor) const override;
  std::vector<TensorType> infer(const InferArgs& args) const override;
  void compute(std::span<const ConstView> inputs, std::span<const View> outputs) const override;
};

// Inputs: indices, depth (known), values {off, on}.
struct OneHot final : OpBase<OneHot> {
  static constexpr std::string_view kKind = "one_hot";
  std::int64_t axis = -1;

  void visit(AttributeVisitor& visitor) const override;
  std::vector<TensorType> infer(const InferArgs& args) const override;
  void compute(std::span<const ConstView> inputs, std::span<const View> outputs) const override;
};

// Inputs: x, indices, updates.
struct ScatterElements final : OpBase<ScatterElements> {
  static constexpr std::string_view kKind = "scatter_elements";
  std::int64_t axis = 0;

  void visit(AttributeVisitor& visitor) const override;
  std::vector<TensorType> infer(const InferArgs& args) const override;
  void compute(std::span<const ConstView> inputs, std::span<const View> outputs) const override;
};

// x with slices replaced. Inputs: x, indices {..., k} (the last axis is an index into x's first k
// axes), updates (the leading axes of indices, then the other axes of x). The last of equal indices
// wins.
struct ScatterND final : OpBase<ScatterND> {
  static constexpr std::string_view kKind = "scatter_nd";

  void visit(AttributeVisitor&) const override {}
  std::vector<TensorType> infer(const InferArgs& args) const override;
  void compute(std::span<const ConstView> inputs, std::span<const View> outputs) const override;
};

}  // namespace octet
