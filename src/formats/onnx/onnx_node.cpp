#include "formats/onnx/onnx_node.hpp"

#include <cmath>

#include "base/format.hpp"
#include "base/half.hpp"
#include "ops/convert.hpp"

namespace octet::onnx {
namespace {

// Calls f with each element as its own C++ number (binary16 and bfloat16 as float).
template <typename F>
void for_each(const Tensor& tensor, F f) {
  const auto visit = [&]<typename T>(T) {
    for (const T value : tensor.values<T>()) f(value);
  };
  switch (tensor.dtype()) {
    case DType::f32: return visit(float{});
    case DType::f64: return visit(double{});
    case DType::s4:
    case DType::s8: return visit(std::int8_t{});
    case DType::u4:
    case DType::u8:
    case DType::boolean: return visit(std::uint8_t{});
    case DType::s16: return visit(std::int16_t{});
    case DType::u16: return visit(std::uint16_t{});
    case DType::s32: return visit(std::int32_t{});
    case DType::u32: return visit(std::uint32_t{});
    case DType::s64: return visit(std::int64_t{});
    case DType::u64: return visit(std::uint64_t{});
    case DType::f16:
      for (const std::uint16_t bits : tensor.values<std::uint16_t>()) f(half_to_float(bits));
      return;
    case DType::bf16:
      for (const std::uint16_t bits : tensor.values<std::uint16_t>()) f(bf16_to_float(bits));
      return;
  }
}

std::string name_of(const proto::NodeProto& node) {
  if (!node.name().empty()) return node.name();
  for (const std::string& output : node.output())
    if (!output.empty()) return output;
  return node.op_type();
}

}  // namespace

OnnxNode::OnnxNode(Environment& environment, const proto::NodeProto& node,
                   std::vector<ValueId> inputs, std::int64_t opset)
    : environment_(environment),
      node_(node),
      attributes_(node),
      inputs_(std::move(inputs)),
      opset_(opset),
      name_(name_of(node)) {}

ValueId OnnxNode::input(std::size_t i) const {
  if (!has_input(i)) invalid(concat("input ", i, " is missing"));
  return inputs_[i];
}

ValueId OnnxNode::optional(std::size_t i) const { return has_input(i) ? inputs_[i] : kNoValue; }

const Tensor& OnnxNode::known(std::size_t i, std::string_view what) const {
  const Tensor* tensor = graph().known(input(i));
  if (tensor == nullptr) unsupported(concat(what, " (input ", i, ") is not a constant"));
  return *tensor;
}

std::vector<std::int64_t> OnnxNode::known_integers(std::size_t i, std::string_view what) const {
  return integers_of(known(i, what));
}

std::vector<float> OnnxNode::known_numbers(std::size_t i, std::string_view what) const {
  return numbers_of(known(i, what));
}

ValueId OnnxNode::constant(float value) const {
  return graph().add_constant(scalar_tensor(DType::f32, value));
}

ValueId OnnxNode::constant(std::span<const float> values) const {
  const Shape shape{static_cast<std::int64_t>(values.size())};
  return graph().add_constant(Tensor::from(TensorType{DType::f32, shape, {}, {}}, values));
}

ValueId OnnxNode::constant(std::span<const std::int64_t> values) const {
  const Shape shape{static_cast<std::int64_t>(values.size())};
  return graph().add_constant(Tensor::from(TensorType{DType::s64, shape, {}, {}}, values));
}

ValueId OnnxNode::scalar(std::int64_t value) const {
  return graph().add_constant(
      Tensor::from(TensorType{DType::s64, {}, {}, {}}, std::span<const std::int64_t>(&value, 1)));
}

ValueId OnnxNode::constant_like(std::size_t i, double value) const {
  return graph().add_constant(scalar_tensor(type(i).dtype, value));
}

ValueId OnnxNode::cast(ValueId value, DType dtype) const {
  if (graph().type(value).dtype == dtype) return value;
  Cast cast;
  cast.dtype = dtype;
  return add(make_op<Cast>(cast), {value});
}

ValueId OnnxNode::plain(ValueId value) const {
  if (!graph().type(value).is_quantised()) return value;
  return add(make_op<SetQuant>(), {value});
}

std::int64_t OnnxNode::axis(std::int64_t value, std::int64_t rank) const {
  if (value < -rank || value >= rank)
    invalid(concat("the axis ", value, " does not exist in a value of rank ", rank));
  return value < 0 ? value + rank : value;
}

void OnnxNode::unsupported(const std::string& message) const {
  throw Error(StatusCode::unsupported, message, concat(op_type(), " \"", name_, "\""));
}

void OnnxNode::invalid(const std::string& message) const {
  throw Error(StatusCode::invalid_model, message, concat(op_type(), " \"", name_, "\""));
}

void OnnxNode::warn(const std::string& message) const {
  environment_.warnings.push_back(concat(op_type(), " \"", name_, "\": ", message));
}

std::vector<std::int64_t> integers_of(const Tensor& tensor) {
  std::vector<std::int64_t> out;
  for_each(tensor, [&](auto value) {
    if constexpr (std::is_floating_point_v<decltype(value)>) {
      const double v = static_cast<double>(value);
      if (!(std::abs(v) < 9e18))
        throw Error(StatusCode::invalid_model, "a number is not an integer");
    }
    out.push_back(static_cast<std::int64_t>(value));
  });
  return out;
}

std::vector<float> numbers_of(const Tensor& tensor) {
  std::vector<float> out;
  for_each(tensor, [&](auto value) { out.push_back(static_cast<float>(value)); });
  return out;
}

Tensor scalar_tensor(DType dtype, double value) {
  const float source = static_cast<float>(value);
  Tensor tensor(TensorType{dtype, {}, {}, {}});
  Cast cast;
  cast.dtype = dtype;
  const TensorType type;
  const ConstView in(type, reinterpret_cast<const std::byte*>(&source));
  const View out(tensor);
  cast.compute({&in, 1}, {&out, 1});
  return tensor;
}

}  // namespace octet::onnx
