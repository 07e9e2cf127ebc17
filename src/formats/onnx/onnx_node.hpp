// One node of the file on its way into the graph: what a lowering function reads and writes.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "formats/onnx/attributes.hpp"
#include "ir/graph.hpp"

namespace octet::onnx {

class OnnxNode {
 public:
  // What a node needs from the reader around it.
  struct Environment {
    Graph& graph;
    std::vector<std::string>& warnings;
    std::function<Tensor(const proto::TensorProto&)> read_tensor;
    // Lowers a subgraph that may read every name the node itself may, and gives its outputs.
    std::function<std::vector<ValueId>(const proto::GraphProto&)> inline_subgraph;
  };

  OnnxNode(Environment& environment, const proto::NodeProto& node, std::vector<ValueId> inputs,
           std::int64_t opset);

  const std::string& op_type() const { return node_.op_type(); }
  std::int64_t opset() const noexcept { return opset_; }
  const std::string& name() const noexcept { return name_; }
  const Attributes& attributes() const noexcept { return attributes_; }
  Graph& graph() const noexcept { return environment_.graph; }
  Environment& environment() const noexcept { return environment_; }

  // --- inputs ---------------------------------------------------------------------------------
  std::size_t input_count() const noexcept { return inputs_.size(); }
  bool has_input(std::size_t i) const noexcept {
    return i < inputs_.size() && inputs_[i] != kNoValue;
  }
  ValueId input(std::size_t i) const;     // throws Error(invalid_model) when it is absent
  ValueId optional(std::size_t i) const;  // kNoValue when it is absent
  std::vector<ValueId>& inputs() noexcept { return inputs_; }

  const TensorType& type(std::size_t i) const { return graph().type(input(i)); }
  const Shape& shape(std::size_t i) const { return type(i).shape; }
  std::int64_t rank(std::size_t i) const { return static_cast<std::int64_t>(shape(i).rank()); }

  // The value of an input that must be known when the model is read; throws Error(unsupported),
  // saying that `what` is not a constant.
  const Tensor& known(std::size_t i, std::string_view what) const;
  std::vector<std::int64_t> known_integers(std::size_t i, std::string_view what) const;
  std::vector<float> known_numbers(std::size_t i, std::string_view what) const;

  // --- outputs --------------------------------------------------------------------------------
  std::size_t output_count() const { return static_cast<std::size_t>(node_.output_size()); }
  bool wants_output(std::size_t i) const {
    return i < output_count() && !node_.output(static_cast<int>(i)).empty();
  }

  // --- building -------------------------------------------------------------------------------
  ValueId add(OpPtr op, std::vector<ValueId> inputs) const {
    return graph().add(std::move(op), std::move(inputs), name_);
  }
  std::vector<ValueId> add_node(OpPtr op, std::vector<ValueId> inputs) const {
    return graph().add_node(std::move(op), std::move(inputs), name_);
  }
  ValueId constant(float value) const;                           // f32 {}
  ValueId constant(std::span<const float> values) const;         // f32 {n}
  ValueId constant(std::span<const std::int64_t> values) const;  // s64 {n}
  ValueId scalar(std::int64_t value) const;                      // s64 {}
  ValueId constant_like(std::size_t i, double value) const;      // {} of input i's dtype
  ValueId cast(ValueId value, DType dtype) const;                // nothing if it has it
  ValueId plain(ValueId value) const;                            // without quantisation

  // A negative axis counts from the end; throws Error(invalid_model) outside [0, rank).
  std::int64_t axis(std::int64_t value, std::int64_t rank) const;

  [[noreturn]] void unsupported(const std::string& message) const;
  [[noreturn]] void invalid(const std::string& message) const;
  void warn(const std::string& message) const;

 private:
  Environment& environment_;
  const proto::NodeProto& node_;
  Attributes attributes_;
  std::vector<ValueId> inputs_;
  std::int64_t opset_;
  std::string name_;
};

// The numbers in a tensor of any integer or float type.
std::vector<std::int64_t> integers_of(const Tensor& tensor);
std::vector<float> numbers_of(const Tensor& tensor);
// A one-element tensor {} holding `value`.
Tensor scalar_tensor(DType dtype, double value);

}  // namespace octet::onnx
