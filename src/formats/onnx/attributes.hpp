// The attributes of one node, read by name and type.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "formats/onnx/proto.hpp"

namespace octet::onnx {

// Remembers which attributes were asked for: one that no lowering function knows changes the
// operator's meaning in a way this reader would miss, so it is refused.
class Attributes {
 public:
  // Throws Error(invalid_model) for a name that occurs twice, Error(resource_exhausted) for lists
  // past base/limits.hpp. `node` must outlive this object.
  explicit Attributes(const proto::NodeProto& node);

  bool has(std::string_view name) const;

  // Each throws Error(invalid_model) when the attribute has another type.
  std::int64_t integer(std::string_view name, std::int64_t fallback) const;
  float number(std::string_view name, float fallback) const;
  std::string text(std::string_view name, std::string_view fallback) const;
  std::vector<std::int64_t> integers(std::string_view name) const;  // empty when absent
  std::vector<float> numbers(std::string_view name) const;          // empty when absent
  // nullptr when absent.
  const proto::TensorProto* tensor(std::string_view name) const;
  const proto::GraphProto* graph(std::string_view name) const;

  bool flag(std::string_view name, bool fallback) const {
    return integer(name, fallback ? 1 : 0) != 0;
  }
  // As integer(), but throws Error(invalid_model) when it is absent.
  std::int64_t required_integer(std::string_view name) const;
  // Counts these as asked for: they do not change what inference computes.
  void ignore(std::initializer_list<std::string_view> names) const;

  // Throws Error(unsupported) naming an attribute that nothing asked for.
  void require_all_used() const;

 private:
  const proto::AttributeProto* find(std::string_view name,
                                    proto::AttributeProto::AttributeType type) const;

  const proto::NodeProto& node_;
  mutable std::set<std::string, std::less<>> used_;
};

}  // namespace octet::onnx
