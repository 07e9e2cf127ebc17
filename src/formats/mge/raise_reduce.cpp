// Reductions, selections and softmax.
#include "formats/mge/raise.hpp"
#include "ops/reduce.hpp"

namespace octet::mge {
namespace {

fbs::ReduceMode mode_of(ReduceMode mode) {
  switch (mode) {
    case ReduceMode::sum: return fbs::ReduceMode::SUM;
    case ReduceMode::mean: return fbs::ReduceMode::MEAN;
    case ReduceMode::max: return fbs::ReduceMode::MAXIMUM;
    case ReduceMode::min: return fbs::ReduceMode::MINIMUM;
    case ReduceMode::product: return fbs::ReduceMode::PRODUCT;
    case ReduceMode::sum_square: return fbs::ReduceMode::SUM_SQR;
    default: unsupported(concat("MegEngine has no reduction ", to_string(mode)));
  }
}

// MegEngine keeps a reduced axis with extent 1.
Var without_axis(NodeWriter& writer, Var x, std::int64_t axis, bool keep, std::size_t rank) {
  if (keep || rank == 1) return x;
  return writer.change_axes(x, fbs::AxisMethod::REMOVE, {axis});
}

std::vector<Var> raise_reduce(NodeWriter& writer) {
  const auto& op = writer.op<Reduce>();
  const std::size_t rank = writer.type(0).shape.rank();
  fbs::ReduceT p;
  p.mode = mode_of(op.mode);
  if (op.by_shape) return {writer.add("ReduceV2", {param_of(p)}, writer.inputs())};
  require_form(op.axes.size() == 1, "MegEngine reduces along one axis");
  const std::int64_t axis = from_front(op.axes[0], rank);
  p.axis = static_cast<std::int32_t>(axis);
  const Var y = writer.add("ReduceV2", {param_of(p)}, {writer.input(0)});
  return {without_axis(writer, y, axis, op.keep_dims, rank)};
}

std::vector<Var> raise_arg_reduce(NodeWriter& writer) {
  const auto& op = writer.op<ArgReduce>();
  const std::size_t rank = writer.type(0).shape.rank();
  require_form(!op.last && op.dtype == DType::s32,
               "MegEngine gives the first of equal elements, as Int32");
  fbs::AxisT p;
  p.axis = static_cast<std::int32_t>(from_front(op.axis, rank));
  const Var y = writer.add(op.largest ? "Argmax" : "Argmin", {param_of(p)}, {writer.input(0)});
  return {without_axis(writer, y, p.axis, op.keep_dims, rank)};
}

// MegEngine's k is negative for the largest.
std::vector<Var> raise_topk(NodeWriter& writer) {
  const auto& op = writer.op<TopK>();
  const Shape& shape = writer.type(0).shape;
  require_form(shape.rank() == 2 && from_front(op.axis, 2) == 1 && op.index_dtype == DType::s32,
               "MegEngine selects from the rows of a matrix, with indices of Int32");
  const std::int64_t k = writer.known_integers(1).at(0);
  fbs::TopKT p;
  p.mode = fbs::TopKMode::VALUE_IDX_SORTED;
  return writer.add_all("TopK", {param_of(p)},
                        {writer.input(0), writer.integers({op.largest ? -k : k})}, 2);
}

std::vector<Var> raise_softmax(NodeWriter& writer) {
  const auto& op = writer.op<Softmax>();
  require_form(!op.log && !op.flatten_from && !op.output,
               "MegEngine has the plain softmax of floats along one axis only");
  fbs::SoftmaxT p;
  p.axis = static_cast<std::int32_t>(from_front(op.axis, writer.type(0).shape.rank()));
  return {writer.add("Softmax", {param_of(p)}, {writer.input(0)})};
}

constexpr RaiseRow kRows[] = {
    {Reduce::kKind, raise_reduce},
    {ArgReduce::kKind, raise_arg_reduce},
    {TopK::kKind, raise_topk},
    {Softmax::kKind, raise_softmax},
};

}  // namespace

std::span<const RaiseRow> raise_reduce_rows() { return kRows; }

}  // namespace octet::mge
