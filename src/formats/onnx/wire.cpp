#include "formats/onnx/wire.hpp"

#include <octet/status.hpp>

#include "base/format.hpp"
#include "base/limits.hpp"

namespace octet::onnx {

bool WireCursor::read_varint(std::uint64_t& value) noexcept {
  value = 0;
  for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
    const auto byte = std::to_integer<std::uint64_t>(rest_.front());
    rest_ = rest_.subspan(1);
    value |= (byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) return true;
  }
  return false;
}

bool WireCursor::take(std::uint64_t count) noexcept {
  if (count > rest_.size()) return false;
  payload_ = rest_.first(static_cast<std::size_t>(count));
  rest_ = rest_.subspan(static_cast<std::size_t>(count));
  return true;
}

bool WireCursor::next() noexcept {
  payload_ = {};
  if (rest_.empty() || broken_) return false;
  std::uint64_t tag = 0;
  broken_ = true;  // until the field is complete
  if (!read_varint(tag) || tag >> 3 == 0 || tag >> 3 > 0x1fffffff) return false;
  field_ = static_cast<std::uint32_t>(tag >> 3);
  wire_type_ = static_cast<std::uint32_t>(tag & 7);
  switch (wire_type_) {
    case 0: broken_ = !read_varint(value_); break;
    case 1: broken_ = !take(8); break;
    case 2: broken_ = !read_varint(value_) || !take(value_); break;
    case 5: broken_ = !take(4); break;
    default: break;  // groups are not used by ONNX
  }
  return !broken_;
}

namespace {

enum class Message : std::uint8_t {
  other,
  model,
  training,
  graph,
  node,
  attribute,
  tensor,
  sparse,
  function,
  value,
  type,
  tensor_type,
  shape
};

struct Field {
  Message parent;
  std::uint32_t number;
  Message child;
};

// The fields of ONNX's messages that hold messages with parts of their own.
constexpr Field kFields[] = {
    {Message::model, 7, Message::graph},       {Message::model, 20, Message::training},
    {Message::model, 25, Message::function},   {Message::training, 1, Message::graph},
    {Message::training, 2, Message::graph},    {Message::graph, 1, Message::node},
    {Message::graph, 5, Message::tensor},      {Message::graph, 11, Message::value},
    {Message::graph, 12, Message::value},      {Message::graph, 13, Message::value},
    {Message::graph, 15, Message::sparse},     {Message::function, 7, Message::node},
    {Message::node, 5, Message::attribute},    {Message::attribute, 5, Message::tensor},
    {Message::attribute, 6, Message::graph},   {Message::attribute, 10, Message::tensor},
    {Message::attribute, 11, Message::graph},  {Message::attribute, 14, Message::type},
    {Message::attribute, 15, Message::type},   {Message::attribute, 22, Message::sparse},
    {Message::attribute, 23, Message::sparse}, {Message::sparse, 1, Message::tensor},
    {Message::sparse, 2, Message::tensor},     {Message::value, 2, Message::type},
    {Message::type, 1, Message::tensor_type},  {Message::type, 8, Message::tensor_type},
    {Message::tensor_type, 2, Message::shape},
};

Message child_of(Message parent, std::uint32_t number) noexcept {
  for (const Field& field : kFields)
    if (field.parent == parent && field.number == number) return field.child;
  return Message::other;
}

struct Counts {
  std::size_t nodes = 0, objects = 0;
};

void count(Message kind, std::span<const std::byte> bytes, std::size_t depth, Counts& counts) {
  if (depth > limits::kSubgraphDepth * 3)  // graph, node, attribute
    throw Error(StatusCode::resource_exhausted,
                concat("subgraphs are nested more than ", limits::kSubgraphDepth, " deep"));
  WireCursor cursor(bytes);
  while (cursor.next()) {
    if (!cursor.is_message()) continue;
    const Message child = child_of(kind, cursor.field());
    if (++counts.objects > limits::kMessageObjects)
      throw Error(StatusCode::resource_exhausted,
                  concat("the model holds more than ", limits::kMessageObjects, " objects"));
    if (child == Message::node && ++counts.nodes > limits::kNodes)
      throw Error(StatusCode::resource_exhausted,
                  concat("the model has more than ", limits::kNodes, " operators"));
    if (child != Message::other) count(child, cursor.payload(), depth + 1, counts);
  }
}

}  // namespace

void check_model_size(std::span<const std::byte> model) {
  Counts counts;
  count(Message::model, model, 0, counts);
}

}  // namespace octet::onnx
