#include "formats/onnx/attributes.hpp"

#include <octet/status.hpp>

#include "base/format.hpp"
#include "base/limits.hpp"

namespace octet::onnx {

using Type = proto::AttributeProto;

Attributes::Attributes(const proto::NodeProto& node) : node_(node) {
  std::set<std::string_view> names;
  for (const proto::AttributeProto& attribute : node.attribute()) {
    if (!names.insert(attribute.name()).second)
      throw Error(StatusCode::invalid_model,
                  concat("the attribute ", attribute.name(), " occurs twice"));
    if (attribute.has_ref_attr_name())
      throw Error(StatusCode::unsupported, concat("the attribute ", attribute.name(),
                                                  " refers to an attribute of a function"));
    if (static_cast<std::size_t>(attribute.ints_size()) > limits::kAttributeItems ||
        static_cast<std::size_t>(attribute.floats_size()) > limits::kAttributeItems)
      throw Error(StatusCode::resource_exhausted,
                  concat("the attribute ", attribute.name(), " has more than ",
                         limits::kAttributeItems, " items"));
  }
}

bool Attributes::has(std::string_view name) const {
  for (const proto::AttributeProto& attribute : node_.attribute())
    if (attribute.name() == name) return true;
  return false;
}

const proto::AttributeProto* Attributes::find(std::string_view name,
                                              Type::AttributeType type) const {
  used_.emplace(name);
  for (const proto::AttributeProto& attribute : node_.attribute()) {
    if (attribute.name() != name) continue;
    if (attribute.type() != type)
      throw Error(StatusCode::invalid_model, concat("the attribute ", name, " has type number ",
                                                    static_cast<int>(attribute.type()), " where ",
                                                    static_cast<int>(type), " is expected"));
    return &attribute;
  }
  return nullptr;
}

std::int64_t Attributes::integer(std::string_view name, std::int64_t fallback) const {
  const auto* found = find(name, Type::INT);
  return found == nullptr ? fallback : found->i();
}

float Attributes::number(std::string_view name, float fallback) const {
  const auto* found = find(name, Type::FLOAT);
  return found == nullptr ? fallback : found->f();
}

std::string Attributes::text(std::string_view name, std::string_view fallback) const {
  const auto* found = find(name, Type::STRING);
  return found == nullptr ? std::string(fallback) : found->s();
}

std::vector<std::int64_t> Attributes::integers(std::string_view name) const {
  const auto* found = find(name, Type::INTS);
  if (found == nullptr) return {};
  return {found->ints().begin(), found->ints().end()};
}

std::vector<float> Attributes::numbers(std::string_view name) const {
  const auto* found = find(name, Type::FLOATS);
  if (found == nullptr) return {};
  return {found->floats().begin(), found->floats().end()};
}

const proto::TensorProto* Attributes::tensor(std::string_view name) const {
  const auto* found = find(name, Type::TENSOR);
  return found == nullptr ? nullptr : &found->t();
}

const proto::GraphProto* Attributes::graph(std::string_view name) const {
  const auto* found = find(name, Type::GRAPH);
  return found == nullptr ? nullptr : &found->g();
}

std::int64_t Attributes::required_integer(std::string_view name) const {
  if (!has(name))
    throw Error(StatusCode::invalid_model, concat("the attribute ", name, " is missing"));
  return integer(name, 0);
}

void Attributes::ignore(std::initializer_list<std::string_view> names) const {
  for (const std::string_view name : names) used_.emplace(name);
}

void Attributes::require_all_used() const {
  for (const proto::AttributeProto& attribute : node_.attribute())
    if (!used_.contains(attribute.name()))
      throw Error(StatusCode::unsupported,
                  concat("the attribute ", attribute.name(), " is not supported"));
}

}  // namespace octet::onnx
