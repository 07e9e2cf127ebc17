// Puts ONNX messages together; knows nothing of Octet's operators.
#pragma once

#include <octet/tensor.hpp>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "formats/onnx/proto.hpp"

namespace octet::onnx {

using AttributeValue = std::variant<std::int64_t, float, std::string, std::vector<std::int64_t>>;
using AttributeList = std::vector<std::pair<std::string, AttributeValue>>;

// ONNX's number of an element type. Throws Error(unsupported) for 4-bit integers, which this opset
// lacks.
int data_type_of(DType dtype);

class OnnxBuilder {
 public:
  static constexpr std::string_view kMicrosoft = "com.microsoft.";

  // A name that nothing else in the graph has: the wish itself or with a number behind it.
  std::string unique_name(std::string_view wish);

  // A constant tensor; its stored integers where it is quantised. Returns its name.
  std::string add_initializer(const Tensor& tensor, std::string_view wish);
  std::string add_integers(const std::vector<std::int64_t>& values, std::string_view wish);
  std::string add_number(float value, std::string_view wish);  // a scalar

  // A node; `outputs` are names that the caller has from unique_name(). An empty input is absent.
  // An operator of com.microsoft has kMicrosoft before its type.
  void add_node(std::string_view op_type, const std::vector<std::string>& inputs,
                const std::vector<std::string>& outputs, const AttributeList& attributes,
                std::string_view name);

  // Renames a tensor that a node gives, wherever it stands; false when no node gives it.
  bool rename(const std::string& from, const std::string& to);

  proto::GraphProto& graph() noexcept { return graph_; }
  bool uses_microsoft() const noexcept { return uses_microsoft_; }

 private:
  proto::GraphProto graph_;
  std::set<std::string, std::less<>> names_;
  bool uses_microsoft_ = false;
};

}  // namespace octet::onnx
