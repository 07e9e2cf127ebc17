// The layers of a network that work on vectors, and those that only move elements.
#include <algorithm>
#include <cmath>

#include "models/network.hpp"
#include "ops/convert.hpp"
#include "ops/elementwise.hpp"
#include "ops/epilogue.hpp"
#include "ops/matmul.hpp"
#include "ops/move.hpp"
#include "ops/reduce.hpp"
#include "ops/shape.hpp"

namespace octet::models {
namespace {

constexpr float kMostWeight = 127.0f;
constexpr float kLogitDeviation = 2.5f;  // a softmax over such logits has a clear winner

// The largest magnitude of a range, as the scale of its quantised form.
float weight_scale(std::span<const float> weights) {
  float most = 0.0f;
  for (const float weight : weights) most = std::max(most, std::abs(weight));
  return std::max(most, 1e-6f) / kMostWeight;
}

Target same_for_all(std::size_t channels, float mean, float deviation) {
  return {std::vector<float>(channels, mean), std::vector<float>(channels, deviation)};
}

// {N,C} as the map {N,C,1,1}.
Tensor as_map(const Tensor& x) {
  TensorType type = x.type();
  type.shape = {type.shape[0], type.shape[1], 1, 1};
  return x.with_type(std::move(type));
}

}  // namespace

std::pair<ValueId, ValueId> Network::quantise(const FloatLayer& layer, const TensorType& x,
                                              const Shape& weight_shape, const Shape& bias_shape,
                                              const std::string& name) {
  const auto channels = static_cast<std::size_t>(layer.shape[0]);
  const std::size_t taps = layer.weights.size() / channels;
  const std::span<const float> all = layer.weights;
  Quant weight_quant, bias_quant;
  weight_quant.scales.clear();
  for (std::size_t k = 0; k < (is_mge() ? 1 : channels); ++k)
    weight_quant.scales.push_back(weight_scale(is_mge() ? all : all.subspan(k * taps, taps)));
  weight_quant.axis = is_mge() ? -1 : 0;
  bias_quant = weight_quant;
  for (float& scale : bias_quant.scales) scale *= x.quant->scale();

  Tensor weight({DType::s8, weight_shape, kNCHW, weight_quant});
  Tensor bias({DType::s32, bias_shape, kNCHW, bias_quant});
  for (std::size_t k = 0; k < channels; ++k) {
    for (std::size_t t = k * taps; t < (k + 1) * taps; ++t)
      weight.mutable_values<std::int8_t>()[t] =
          static_cast<std::int8_t>(round_half_away(all[t] / weight_quant.scale(k)));
    constexpr float kMostBias = 1e9f;  // far from where sums overflow
    bias.mutable_values<std::int32_t>()[k] = static_cast<std::int32_t>(
        std::clamp(round_half_away(layer.bias[k] / bias_quant.scale(k)), -kMostBias, kMostBias));
  }
  return {graph_.add_constant(std::move(weight), name + ".weight"),
          graph_.add_constant(std::move(bias), name + ".bias")};
}

ValueId Network::shuffle_channels(ValueId x, std::int64_t groups) {
  const Shape shape = graph_.type(x).shape;
  const std::int64_t each = shape[1] / groups;
  const std::string label = name("shuffle");
  Reshape reshape;
  reshape.infer_axis = 0;  // the batch
  Transpose swap;
  swap.permutation = {0, 2, 1, 3, 4};
  const ValueId split =
      compute(make_op<Reshape>(reshape), {x, integers({-1, groups, each, shape[2], shape[3]})},
              label + ".split");
  const ValueId swapped = compute(make_op<Transpose>(swap), {split}, label + ".swap");
  return compute(make_op<Reshape>(reshape), {swapped, integers({-1, shape[1], shape[2], shape[3]})},
                 label + ".join");
}

ValueId Network::flatten(ValueId x) {
  const std::string label = name("flatten");
  if (!is_mge()) return compute(make_op<Flatten>(), {x}, label);
  // As MegEngine traces it: the batch is read from the value, the other extent follows.
  ShapeOf shape_of;
  shape_of.dtype = DType::s32;
  Subtensor first;
  first.items = {{0, false, false, false, true}};
  Unsqueeze unsqueeze;
  unsqueeze.axes = {0};
  Concat concat;
  Reshape reshape;
  reshape.infer_axis = 1;
  const ValueId shape = compute(make_op<ShapeOf>(shape_of), {x}, label + ".shape");
  const ValueId batch =
      compute(make_op<Subtensor>(first), {shape, integers({0})}, label + ".batch");
  const ValueId vector = compute(make_op<Unsqueeze>(unsqueeze), {batch}, label + ".vector");
  const ValueId target =
      compute(make_op<Concat>(concat), {vector, integers({-1})}, label + ".target");
  return compute(make_op<Reshape>(reshape), {x, target}, label);
}

// x times the layer's weights, plus its bias, as `output`.
ValueId Network::product(ValueId x, const FloatLayer& layer, const OutputSpec& output, bool relu) {
  const std::string label = name("linear");
  const Shape weight_shape{layer.shape[0], layer.shape[1]};
  const auto [weight, bias] =
      quantise(layer, graph_.type(x), weight_shape, {layer.shape[0]}, label);
  MatMul op;
  op.transpose_b = true;
  if (!is_mge()) {
    op.output = output;
    op.rule = EpilogueRule::onnx;
    if (relu) op.activation.kind = ActivationKind::relu;
    return compute(make_op<MatMul>(op), {x, weight, bias}, label);
  }
  const ValueId sums = compute(make_op<MatMul>(op), {x, weight}, label + ".product");
  Elementwise add;
  add.mode = ElementwiseMode::add;
  const ValueId sum = compute(make_op<Elementwise>(add), {sums, bias}, label + ".bias");
  Convert convert;
  convert.output = output;
  const ValueId y = compute(make_op<Convert>(convert), {sum}, label);
  return relu ? this->relu(y) : y;
}

ValueId Network::linear(ValueId x, std::int64_t outputs) {
  FloatLayer layer = random_layer({outputs, channels_of(x), 1, 1});
  Samples samples = sample(as_map(tensor(x)), layer, {}, 1, random_);
  normalise(layer, samples, same_for_all(samples.channels, 0.0f, 1.0f));
  return product(x, layer, {DType::s8, Quant::per_tensor(scale_for(std::move(samples.values)))},
                 true);
}

ValueId Network::quantised_logits(ValueId x, std::int64_t classes) {
  FloatLayer layer = random_layer({classes, channels_of(x), 1, 1});
  Samples samples = sample(as_map(tensor(x)), layer, {}, 1, random_);
  normalise(layer, samples, same_for_all(samples.channels, 0.0f, kLogitDeviation));
  // Twice the room of a hidden layer: a winner stands out further in pictures not seen before.
  const float scale = 2.0f * scale_for(std::move(samples.values));
  const ValueId y = product(x, layer, {DType::s8, Quant::per_tensor(scale)}, false);
  return compute(make_op<Convert>(), {y}, "dequantise");
}

ValueId Network::float_logits(ValueId x, std::int64_t classes) {
  FloatLayer layer = random_layer({classes, channels_of(x), 1, 1});
  Samples samples = sample(as_map(tensor(x)), layer, {}, 1, random_);
  normalise(layer, samples, same_for_all(samples.channels, 0.0f, kLogitDeviation));
  const ValueId reals = compute(make_op<Convert>(), {x}, "dequantise");
  const TensorType weight_type{DType::f32, {classes, layer.shape[1]}, kNCHW, std::nullopt};
  const TensorType bias_type{DType::f32, {classes}, kNCHW, std::nullopt};
  MatMul op;
  op.transpose_b = true;
  const ValueId products = compute(
      make_op<MatMul>(op),
      {reals,
       graph_.add_constant(Tensor::from<float>(weight_type, layer.weights), "logits.weight")},
      "logits.product");
  Elementwise add;
  add.mode = ElementwiseMode::add;
  return compute(
      make_op<Elementwise>(add),
      {products, graph_.add_constant(Tensor::from<float>(bias_type, layer.bias), "logits.bias")},
      "logits");
}

ModelFile Network::classify(ValueId x, std::int64_t classes) {
  const ValueId logits = is_mge() ? float_logits(x, classes) : quantised_logits(x, classes);
  Softmax softmax;
  softmax.axis = 1;
  graph_.add_output(compute(make_op<Softmax>(softmax), {logits}, "softmax"), "probabilities");

  TensorType input = graph_.type(graph_.inputs()[0]);
  input.shape[0] = 1;
  graph_.set_input_types({{"data", input}});
  ModelFile model;
  model.graph = std::move(graph_);
  model.format = "generated";
  model.producer = "octet";
  return model;
}

}  // namespace octet::models
