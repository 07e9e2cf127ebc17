// Builds small ONNX models in memory.
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "formats/onnx/proto.hpp"
#include "formats/onnx/reader.hpp"

namespace octet::testing {

using onnx::proto::AttributeProto;
using onnx::proto::GraphProto;
using onnx::proto::ModelProto;
using onnx::proto::NodeProto;
using onnx::proto::TensorProto;

// A TensorProto.DataType number for each C++ element type.
template <typename T>
constexpr int kDataType = 0;
template <>
inline constexpr int kDataType<float> = TensorProto::FLOAT;
template <>
inline constexpr int kDataType<std::uint8_t> = TensorProto::UINT8;
template <>
inline constexpr int kDataType<std::int8_t> = TensorProto::INT8;
template <>
inline constexpr int kDataType<std::int32_t> = TensorProto::INT32;
template <>
inline constexpr int kDataType<std::int64_t> = TensorProto::INT64;
template <>
inline constexpr int kDataType<bool> = TensorProto::BOOL;

using Dims = std::vector<std::int64_t>;  // -1: without a fixed extent

class OnnxBuilder {
 public:
  explicit OnnxBuilder(std::int64_t opset = 17) {
    model_.set_ir_version(8);
    model_.set_producer_name("test");
    import("", opset);
  }

  ModelProto& model() { return model_; }
  GraphProto& graph() { return *model_.mutable_graph(); }

  OnnxBuilder& import(const std::string& domain, std::int64_t version) {
    auto* opset = model_.add_opset_import();
    opset->set_domain(domain);
    opset->set_version(version);
    return *this;
  }

  OnnxBuilder& input(const std::string& name, const Dims& dims, int type = TensorProto::FLOAT) {
    declare(*graph().add_input(), name, type);
    auto* shape =
        graph().mutable_input(graph().input_size() - 1)->mutable_type()->mutable_tensor_type();
    shape->mutable_shape();
    for (const std::int64_t extent : dims) {
      auto* dim = shape->mutable_shape()->add_dim();
      if (extent >= 0) dim->set_dim_value(extent);
      else dim->set_dim_param("n");
    }
    return *this;
  }

  OnnxBuilder& output(const std::string& name, int type = TensorProto::FLOAT) {
    declare(*graph().add_output(), name, type);
    return *this;
  }

  template <typename T>
  OnnxBuilder& constant(const std::string& name, const Dims& dims, const std::vector<T>& values) {
    *graph().add_initializer() = tensor<T>(name, dims, values);
    return *this;
  }

  // A node that is further described through attribute().
  OnnxBuilder& node(const std::string& op_type, const std::vector<std::string>& inputs,
                    const std::vector<std::string>& outputs, const std::string& domain = "") {
    NodeProto& node = *graph().add_node();
    node.set_op_type(op_type);
    node.set_name(outputs.empty() ? op_type : outputs[0] + "_node");
    if (!domain.empty()) node.set_domain(domain);
    for (const std::string& name : inputs) node.add_input(name);
    for (const std::string& name : outputs) node.add_output(name);
    return *this;
  }
  NodeProto& last() { return *graph().mutable_node(graph().node_size() - 1); }

  OnnxBuilder& attribute(const std::string& name, std::int64_t value) {
    add_attribute(name, AttributeProto::INT).set_i(value);
    return *this;
  }
  OnnxBuilder& attribute(const std::string& name, int value) {
    return attribute(name, std::int64_t{value});
  }
  OnnxBuilder& attribute(const std::string& name, float value) {
    add_attribute(name, AttributeProto::FLOAT).set_f(value);
    return *this;
  }
  OnnxBuilder& attribute(const std::string& name, const char* value) {
    add_attribute(name, AttributeProto::STRING).set_s(value);
    return *this;
  }
  OnnxBuilder& attribute(const std::string& name, const Dims& values) {
    AttributeProto& attribute = add_attribute(name, AttributeProto::INTS);
    for (const std::int64_t value : values) attribute.add_ints(value);
    return *this;
  }
  AttributeProto& add_attribute(const std::string& name, AttributeProto::AttributeType type) {
    AttributeProto& attribute = *last().add_attribute();
    attribute.set_name(name);
    attribute.set_type(type);
    return attribute;
  }

  std::string bytes() const { return model_.SerializeAsString(); }

  ModelFile read(const ReadOptions& options = {}, const std::string& origin = "test.onnx") const {
    return read_bytes(bytes(), options, origin);
  }
  static ModelFile read_bytes(const std::string& bytes, const ReadOptions& options = {},
                              const std::string& origin = "test.onnx") {
    return read_onnx(std::as_bytes(std::span(bytes)), origin, options);
  }

  template <typename T>
  static TensorProto tensor(const std::string& name, const Dims& dims,
                            const std::vector<T>& values) {
    TensorProto tensor;
    tensor.set_name(name);
    tensor.set_data_type(kDataType<T>);
    for (const std::int64_t extent : dims) tensor.add_dims(extent);
    std::string raw;
    for (const T value : values) raw.append(reinterpret_cast<const char*>(&value), sizeof(T));
    tensor.set_raw_data(raw);
    return tensor;
  }

 private:
  static void declare(onnx::proto::ValueInfoProto& info, const std::string& name, int type) {
    info.set_name(name);
    info.mutable_type()->mutable_tensor_type()->set_elem_type(type);
  }

  ModelProto model_;
};

}  // namespace octet::testing
