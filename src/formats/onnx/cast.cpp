// Cast, CastLike.
#include "formats/onnx/op_table.hpp"
#include "formats/onnx/tensor_reader.hpp"

namespace octet::onnx {
namespace {

std::vector<ValueId> cast_to(OnnxNode& node) {
  node.attributes().ignore({"saturate"});  // only 8-bit floats ask for it
  const auto to = static_cast<int>(node.attributes().required_integer("to"));
  return {node.cast(node.input(0), read_dtype(to))};
}

std::vector<ValueId> cast_like(OnnxNode& node) {
  node.attributes().ignore({"saturate"});
  return {node.cast(node.input(0), node.type(1).dtype)};
}

constexpr OpRow kRows[] = {
    {"Cast", kFirstOpset, kLastOpset, Operands::plain, cast_to},
    {"CastLike", 15, kLastOpset, Operands::plain, cast_like},
};

}  // namespace

std::span<const OpRow> cast_operators() { return kRows; }

}  // namespace octet::onnx
