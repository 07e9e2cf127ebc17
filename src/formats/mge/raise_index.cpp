// Operators that pick parts of a value.
#include "formats/mge/raise.hpp"
#include "ops/move.hpp"

namespace octet::mge {
namespace {

fbs::IndexDescMaskDumpT items_param(std::span<const SubtensorItem> items) {
  fbs::IndexDescMaskDumpT p;
  for (const SubtensorItem& item : items)
    p.items.emplace_back(static_cast<std::int8_t>(item.axis), item.begin, item.end, item.step,
                         item.index);
  return p;
}

std::vector<Var> raise_subtensor(NodeWriter& writer) {
  const auto& items = writer.op<Subtensor>().items;
  return {writer.add("Subtensor", {param_of(items_param(items))}, writer.inputs())};
}

std::vector<Var> raise_set_subtensor(NodeWriter& writer) {
  const auto& op = writer.op<SetSubtensor>();
  return {writer.add(op.add ? "IncrSubtensor" : "SetSubtensor", {param_of(items_param(op.items))},
                     writer.inputs())};
}

std::vector<Var> raise_vector_index(NodeWriter& writer) {
  const auto& items = writer.op<VectorIndex>().items;
  return {writer.add("IndexingMultiAxisVec", {param_of(items_param(items))}, writer.inputs())};
}

std::vector<Var> raise_gather(NodeWriter& writer) {
  require_form(writer.type(1).dtype == DType::s32 && writer.type(1).shape.rank() == 1,
               "MegEngine picks along an axis by a vector of Int32; this one is ",
               writer.type(1).to_string());
  const SubtensorItem item{from_front(writer.op<Gather>().axis, writer.type(0).shape.rank()), false,
                           false, false, true};
  return {writer.add("IndexingMultiAxisVec", {param_of(items_param({&item, 1}))},
                     {writer.input(0), writer.input(1)})};
}

// One index for each line along the axis.
std::vector<Var> raise_gather_elements(NodeWriter& writer) {
  const Shape& shape = writer.type(1).shape;
  const std::int64_t axis = from_front(writer.op<GatherElements>().axis, shape.rank());
  require_form(writer.type(1).dtype == DType::s32 && shape.rank() > 1 &&
                   shape[static_cast<std::size_t>(axis)] == 1,
               "MegEngine picks one element of each line, by Int32");
  fbs::AxisT p;
  p.axis = static_cast<std::int32_t>(axis);
  const Var index = writer.change_axes(writer.input(1), fbs::AxisMethod::REMOVE, {axis});
  return {writer.add("IndexingOneHot", {param_of(p)}, {writer.input(0), index})};
}

constexpr RaiseRow kRows[] = {
    {Subtensor::kKind, raise_subtensor},
    {SetSubtensor::kKind, raise_set_subtensor},
    {VectorIndex::kKind, raise_vector_index},
    {Gather::kKind, raise_gather},
    {GatherElements::kKind, raise_gather_elements},
};

}  // namespace

std::span<const RaiseRow> raise_index_rows() { return kRows; }

}  // namespace octet::mge
