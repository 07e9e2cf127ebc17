// Convolutions and matrix products of dequantised values: exact integer sums.
#include <algorithm>
#include <cmath>
#include <limits>

#include "formats/onnx/qdq.hpp"
#include "ops/conv.hpp"
#include "ops/convert.hpp"
#include "ops/elementwise.hpp"
#include "ops/matmul.hpp"
#include "ops/product.hpp"
#include "ops/shape.hpp"

namespace octet::onnx {
namespace {

using Results = std::optional<std::vector<ValueId>>;

// A product in floats whose two factors have a quantised form.
struct Product {
  Node node;
  ValueId x = kNoValue, w = kNoValue;  // quantised
  ValueId bias = kNoValue;             // as the product reads it
  std::int64_t channels = 0;
};

// The axis of the second factor that is the product's last or channel axis; -1 when there is none.
int channel_axis(const Node& node, const Shape& w) {
  if (node.as<Conv2d>() != nullptr) return 0;
  if (node.as<ConvTranspose2d>() != nullptr) return 1;
  const auto rank = static_cast<int>(w.rank());
  if (rank < 2) return -1;
  return node.as<MatMul>()->transpose_b ? rank - 2 : rank - 1;
}

bool is_float_product(const Node& node) {
  if (const Conv2d* conv = node.as<Conv2d>())
    return conv->output == OutputSpec{} && (node.inputs.size() < 4 || node.inputs[3] == kNoValue);
  if (const ConvTranspose2d* conv = node.as<ConvTranspose2d>()) return conv->output == OutputSpec{};
  const MatMul* matmul = node.as<MatMul>();
  return matmul != nullptr && !matmul->output;
}

std::optional<Product> match_product(const Graph& graph, const Node& node) {
  if (!is_float_product(node)) return {};
  Product product;
  product.node = node;
  product.x = dequantised_from_per_tensor(graph, behind_casts(graph, node.inputs[0]));
  product.w = dequantised_from(graph, behind_casts(graph, node.inputs[1]));
  if (product.x == kNoValue || product.w == kNoValue) return {};
  const TensorType& w = graph.type(product.w);
  if (!is_byte_integer(graph.type(product.x).dtype) || !is_byte_integer(w.dtype)) return {};
  const int axis = channel_axis(node, w.shape);
  if (axis < 0 || (!w.quant->is_per_tensor() && w.quant->axis != axis)) return {};
  if (node.inputs.size() > 2 && node.inputs[2] != kNoValue)
    product.bias = behind_casts(graph, node.inputs[2]);
  const Shape& y = graph.type(node.outputs[0]).shape;
  product.channels = node.as<MatMul>() != nullptr ? y.back() : y[1];
  return product;
}

// The scale of the sums of channel k.
float sum_scale(const Graph& graph, const Product& product, std::size_t k) {
  const Quant& w = *graph.type(product.w).quant;
  return graph.type(product.x).quant->scale() * w.scale(k % w.scales.size());
}

// True for an s32 value with the scale of the sums, as exporters write a bias.
bool is_sum_bias(const Graph& graph, const Product& product, ValueId bias) {
  const TensorType& type = graph.type(bias);
  if (type.dtype != DType::s32 || !type.quant->is_symmetric() ||
      type.shape != Shape{product.channels})
    return false;
  constexpr float kTolerance = 1e-5f;  // a product of two scales, rounded in another way
  for (std::size_t k = 0; k < static_cast<std::size_t>(product.channels); ++k) {
    const float expected = sum_scale(graph, product, k);
    if (!(std::abs(type.quant->scale(k) - expected) <= kTolerance * expected)) return false;
  }
  return true;
}

// The floats of a constant bias, whether the file has them quantised or not; empty when it is
// computed.
std::vector<float> constant_bias(const Graph& graph, ValueId bias) {
  const ValueId source = dequantised_from(graph, bias);
  if (source == kNoValue) {
    const Value& value = graph.value(bias);
    if (!value.is_constant() || value.type.dtype != DType::f32) return {};
    const auto floats = value.known->values<float>();
    return {floats.begin(), floats.end()};
  }
  const Value& value = graph.value(source);
  if (!value.is_constant() || !value.type.quant->is_per_tensor()) return {};
  Tensor floats(TensorType{DType::f32, value.type.shape, {}, {}});
  const ConstView from(*value.known);
  const View to(floats);
  Convert{}.compute({&from, 1}, {&to, 1});
  return {floats.values<float>().begin(), floats.values<float>().end()};
}

// rint(b / scale of the sums), which is how ONNX Runtime quantises a float bias.
std::optional<Tensor> quantise_bias(const Graph& graph, const Product& product) {
  const Shape& shape = graph.type(product.bias).shape;
  const std::int64_t extent = shape.rank() == 0 ? 1 : shape.back();
  if (shape.elements() != extent) return {};  // it differs from row to row
  std::vector<float> floats = constant_bias(graph, product.bias);
  const auto channels = static_cast<std::size_t>(product.channels);
  if (floats.size() == 1) floats.resize(channels, floats[0]);
  if (floats.size() != channels) return {};
  Tensor tensor(TensorType{DType::s32, Shape{product.channels}, {}, {}});
  for (std::size_t k = 0; k < channels; ++k) {
    const double steps = std::nearbyint(floats[k] / sum_scale(graph, product, k));
    if (!(std::abs(steps) <= double{std::numeric_limits<std::int32_t>::max()})) return {};
    tensor.mutable_values<std::int32_t>()[k] = static_cast<std::int32_t>(steps);
  }
  return tensor;
}

// The operands of the integer form; nullopt when the bias cannot be one of integers.
std::optional<std::vector<ValueId>> integer_operands(Rewriter& rewriter, const Product& product) {
  std::vector<ValueId> operands{product.x, product.w};
  if (product.bias == kNoValue) return operands;
  Graph& graph = rewriter.graph();
  const ValueId source = dequantised_from(graph, product.bias);
  if (source != kNoValue && is_sum_bias(graph, product, source)) {
    operands.push_back(source);
    return operands;
  }
  std::optional<Tensor> bias = quantise_bias(graph, product);
  if (!bias) return {};
  operands.push_back(graph.add_constant(std::move(*bias), graph.value(product.bias).name));
  return operands;
}

OpPtr integer_form(const Node& node, const Activation& activation, const OutputSpec& output) {
  const auto make = [&](auto op) -> OpPtr {
    op.activation = activation;
    op.output = output;
    op.rule = EpilogueRule::onnx;
    return std::make_shared<const decltype(op)>(std::move(op));
  };
  if (const Conv2d* conv = node.as<Conv2d>()) return make(*conv);
  if (const ConvTranspose2d* conv = node.as<ConvTranspose2d>()) return make(*conv);
  return make(*node.as<MatMul>());
}

// Functions that commute with the scale, so that they may stand inside the epilogue.
std::optional<Activation> activation_of(const Node& node) {
  const Elementwise* op = node.as<Elementwise>();
  if (op == nullptr || op->output) return {};
  switch (op->mode) {
    case ElementwiseMode::relu: return Activation{ActivationKind::relu, 0.0f, 0.0f};
    case ElementwiseMode::clip: return Activation{ActivationKind::clip, op->alpha, op->beta};
    case ElementwiseMode::leaky_relu:
      return Activation{ActivationKind::leaky_relu, op->alpha, 0.0f};
    default: return {};
  }
}

// What makes `value`, casts aside; nullptr when anything else reads it or the casts.
const Node* producer_read_once(Rewriter& rewriter, ValueId value) {
  const Graph& graph = rewriter.graph();
  const ValueId end = behind_casts(graph, value);
  for (; value != end; value = graph.producer(value)->inputs[0])
    if (!rewriter.is_read_once(value)) return nullptr;
  return rewriter.is_read_once(end) ? graph.producer(end) : nullptr;
}

}  // namespace

Results quantise_product(Rewriter& rewriter, const Node& node, std::span<const ValueId> inputs) {
  const OutputSpec* output = quantised_to(node);
  if (output == nullptr || !is_per_tensor(*output) || !is_byte_integer(output->dtype)) return {};
  const Graph& graph = rewriter.graph();
  const Node* producer = producer_read_once(rewriter, inputs[0]);
  if (producer == nullptr) return {};
  Activation activation;
  if (const auto found = activation_of(*producer)) {
    producer = producer_read_once(rewriter, producer->inputs[0]);
    if (producer == nullptr) return {};
    activation = *found;
  }
  const std::optional<Product> product = match_product(graph, *producer);
  if (!product) return {};
  auto operands = integer_operands(rewriter, *product);
  if (!operands) return {};
  const OpPtr op = integer_form(product->node, activation, *output);
  return {{rewriter.add(op, std::move(*operands), product->node.name)}};
}

namespace {

// A float bias as an operand that broadcasts against the product.
ValueId broadcast_bias(Rewriter& rewriter, const Node& node) {
  const ValueId bias = node.inputs[2];
  const bool along_channels = node.as<MatMul>() == nullptr;
  if (!along_channels || rewriter.graph().type(bias).shape.rank() != 1) return bias;
  Unsqueeze unsqueeze;
  unsqueeze.axes = {0, 2, 3};
  return rewriter.add(make_op<Unsqueeze>(unsqueeze), {bias}, node.name);
}

// Without QuantizeLinear behind it: exact sums, then floats; a bias is added to those.
Results sum_integers(Rewriter& rewriter, const Node& node, std::span<const ValueId> inputs) {
  if (!is_float_product(node)) return {};
  Node here = node;  // as it stands in the new graph
  here.inputs.assign(inputs.begin(), inputs.end());
  here.outputs = rewriter.add_node(node.op, here.inputs, node.name);
  const std::optional<Product> product = match_product(rewriter.graph(), here);
  if (!product) return here.outputs;
  const ValueId sums =
      rewriter.add(integer_form(here, {}, OutputSpec{}), {product->x, product->w}, node.name);
  if (product->bias == kNoValue) return {{sums}};
  Elementwise add;
  add.mode = ElementwiseMode::add;
  return {
      {rewriter.add(make_op<Elementwise>(add), {sums, broadcast_bias(rewriter, here)}, node.name)}};
}

constexpr Rewriter::Rule kFloatProductRules[] = {sum_integers};

}  // namespace

std::span<const Rewriter::Rule> float_product_rules() { return kFloatProductRules; }

}  // namespace octet::onnx
