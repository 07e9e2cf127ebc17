#include "formats/onnx/onnx_builder.hpp"

#include <octet/status.hpp>

#include "base/format.hpp"

namespace octet::onnx {
namespace {

struct SetAttribute {
  proto::AttributeProto& attribute;

  void operator()(std::int64_t value) const {
    attribute.set_type(proto::AttributeProto::INT);
    attribute.set_i(value);
  }
  void operator()(float value) const {
    attribute.set_type(proto::AttributeProto::FLOAT);
    attribute.set_f(value);
  }
  void operator()(const std::string& value) const {
    attribute.set_type(proto::AttributeProto::STRING);
    attribute.set_s(value);
  }
  void operator()(const std::vector<std::int64_t>& values) const {
    attribute.set_type(proto::AttributeProto::INTS);
    for (const std::int64_t value : values) attribute.add_ints(value);
  }
};

}  // namespace

int data_type_of(DType dtype) {
  switch (dtype) {
    case DType::f32: return proto::TensorProto::FLOAT;
    case DType::f64: return proto::TensorProto::DOUBLE;
    case DType::f16: return proto::TensorProto::FLOAT16;
    case DType::bf16: return proto::TensorProto::BFLOAT16;
    case DType::s8: return proto::TensorProto::INT8;
    case DType::u8: return proto::TensorProto::UINT8;
    case DType::s16: return proto::TensorProto::INT16;
    case DType::u16: return proto::TensorProto::UINT16;
    case DType::s32: return proto::TensorProto::INT32;
    case DType::u32: return proto::TensorProto::UINT32;
    case DType::s64: return proto::TensorProto::INT64;
    case DType::u64: return proto::TensorProto::UINT64;
    case DType::boolean: return proto::TensorProto::BOOL;
    case DType::s4:
    case DType::u4: break;
  }
  throw Error(StatusCode::unsupported,
              concat("values of type ", to_string(dtype), " have no form in this opset of ONNX"));
}

std::string OnnxBuilder::unique_name(std::string_view wish) {
  std::string name(wish);
  for (int i = 1; !names_.insert(name).second; ++i) name = concat(wish, "_", i);
  return name;
}

std::string OnnxBuilder::add_initializer(const Tensor& tensor, std::string_view wish) {
  proto::TensorProto& message = *graph_.add_initializer();
  message.set_name(unique_name(wish));
  message.set_data_type(data_type_of(tensor.dtype()));
  for (const std::int64_t extent : tensor.shape()) message.add_dims(extent);
  message.set_raw_data(tensor.data(), tensor.bytes());
  return message.name();
}

std::string OnnxBuilder::add_integers(const std::vector<std::int64_t>& values,
                                      std::string_view wish) {
  const TensorType type{DType::s64, {std::ssize(values)}, kNCHW, std::nullopt};
  return add_initializer(Tensor::from<std::int64_t>(type, values), wish);
}

std::string OnnxBuilder::add_number(float value, std::string_view wish) {
  const TensorType type{DType::f32, Shape{}, kNCHW, std::nullopt};
  return add_initializer(Tensor::from<float>(type, {&value, 1}), wish);
}

void OnnxBuilder::add_node(std::string_view op_type, const std::vector<std::string>& inputs,
                           const std::vector<std::string>& outputs, const AttributeList& attributes,
                           std::string_view name) {
  proto::NodeProto& node = *graph_.add_node();
  if (op_type.starts_with(kMicrosoft)) {
    op_type.remove_prefix(kMicrosoft.size());
    node.set_domain(std::string(kMicrosoft.substr(0, kMicrosoft.size() - 1)));
    uses_microsoft_ = true;
  }
  node.set_op_type(std::string(op_type));
  node.set_name(std::string(name));
  for (const std::string& input : inputs) node.add_input(input);
  for (const std::string& output : outputs) node.add_output(output);
  for (const auto& [key, value] : attributes) {
    proto::AttributeProto& attribute = *node.add_attribute();
    attribute.set_name(key);
    std::visit(SetAttribute{attribute}, value);
  }
}

bool OnnxBuilder::rename(const std::string& from, const std::string& to) {
  bool given = false;
  for (proto::NodeProto& node : *graph_.mutable_node())
    for (std::string& output : *node.mutable_output())
      if (output == from) {
        output = to;
        given = true;
      }
  if (!given) return false;
  for (proto::NodeProto& node : *graph_.mutable_node())
    for (std::string& input : *node.mutable_input())
      if (input == from) input = to;
  return true;
}

}  // namespace octet::onnx
