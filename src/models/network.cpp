#include "models/network.hpp"

#include <algorithm>
#include <cmath>

#include "formats/mge/conv_rule.hpp"
#include "ops/convert.hpp"
#include "ops/elementwise.hpp"
#include "ops/move.hpp"
#include "ops/pool.hpp"
#include "ops/shape.hpp"

namespace octet::models {
namespace {

constexpr std::int64_t kMostPictures = 64;

// Small pictures leave few positions in the last layers; more of them give statistics as good.
std::int64_t picture_count(std::int64_t size) {
  constexpr std::int64_t kPixels = 2 * 224 * 224;
  return std::clamp<std::int64_t>(kPixels / (size * size), 1, kMostPictures);
}

Elementwise elementwise(ElementwiseMode mode) {
  Elementwise op;
  op.mode = mode;
  return op;
}

OutputSpec s8(float scale) { return {DType::s8, Quant::per_tensor(scale)}; }

Window2d square_window(std::int64_t stride, std::int64_t pad) {
  Window2d window;
  window.stride = {stride, stride};
  window.pad = {pad, pad, pad, pad};
  return window;
}

std::vector<float> clipped(std::vector<float> values, bool relu) {
  if (relu)
    for (float& value : values) value = std::max(value, 0.0f);
  return values;
}

}  // namespace

Network::Network(const ModelOptions& options) : options_(options), random_(options.seed) {}

std::int64_t Network::channels(std::int64_t count) const {
  const auto eighths = static_cast<std::int64_t>(
      std::floor(static_cast<double>(count) * options_.width / 8.0 + 0.5));
  return std::max<std::int64_t>(eighths, 1) * 8;
}

std::string Network::name(const char* kind) {
  return std::string(kind) + "_" + std::to_string(layers_++);
}

ValueId Network::compute(OpPtr op, std::vector<ValueId> inputs, std::string name) {
  const ValueId id = graph_.add(std::move(op), std::move(inputs), std::move(name));
  tensors_.resize(graph_.value_count());
  if (graph_.known(id) != nullptr) return id;
  const Node& node = *graph_.producer(id);
  std::vector<ConstView> views;
  for (const ValueId input : node.inputs)
    views.push_back(input == kNoValue ? ConstView() : ConstView(tensor(input)));
  Tensor out(graph_.type(id));
  const View view(out);
  node.op->compute(views, {&view, 1});
  tensors_[static_cast<std::size_t>(id)] = std::move(out);
  return id;
}

const Tensor& Network::tensor(ValueId value) const {
  const Tensor* known = graph_.known(value);
  return known != nullptr ? *known : tensors_[static_cast<std::size_t>(value)];
}

std::vector<float> Network::reals(ValueId value) const {
  const Tensor& source = tensor(value);
  const float scale = source.type().quant->scale();
  std::vector<float> out;
  out.reserve(source.bytes());
  for (const std::int8_t q : source.values<std::int8_t>())
    out.push_back(scale * static_cast<float>(q));
  return out;
}

ValueId Network::integers(std::vector<std::int64_t> values) {
  const auto count = static_cast<std::int64_t>(values.size());
  if (!is_mge())
    return graph_.add_constant(
        Tensor::from<std::int64_t>({DType::s64, Shape{count}, kNCHW, std::nullopt}, values));
  const std::vector<std::int32_t> narrow(values.begin(), values.end());
  return graph_.add_constant(
      Tensor::from<std::int32_t>({DType::s32, Shape{count}, kNCHW, std::nullopt}, narrow));
}

FloatLayer Network::random_layer(Shape shape) {
  FloatLayer layer{shape, std::vector<float>(static_cast<std::size_t>(shape.elements())), {}};
  for (float& weight : layer.weights) weight = random_.normal();
  return layer;
}

ValueId Network::picture() {
  const std::int64_t size = options_.image_size;
  const Tensor pictures = make_pictures(picture_count(size), size, random_.next());
  const ValueId input = graph_.add_input("data", pictures.type());
  tensors_.resize(graph_.value_count());
  tensors_[static_cast<std::size_t>(input)] = pictures;
  Convert op;
  op.output = s8(255.0f / 127.0f);
  op.rule = quant_rule();
  return compute(make_op<Convert>(op), {input}, "quantise");
}

Target Network::conv_target(const ConvSpec& spec, std::int64_t channels) {
  const auto count = static_cast<std::size_t>(channels);
  Target target{std::vector<float>(count), std::vector<float>(count)};
  for (std::size_t k = 0; k < count; ++k) {
    target.deviation[k] = 0.75f + 0.5f * static_cast<float>(random_.uniform());
    target.mean[k] = 0.2f * random_.normal();
  }
  if (spec.balance == kNoValue) return target;

  const std::vector<float> other = reals(spec.balance);
  const Shape& shape = graph_.type(spec.balance).shape;
  const auto plane = static_cast<std::size_t>(shape[2] * shape[3]);
  std::vector<double> sums(count, 0.0);
  double squares = 0.0;
  for (std::size_t i = 0; i < other.size(); ++i) {
    sums[i / plane % count] += static_cast<double>(other[i]);
    squares += static_cast<double>(other[i]) * static_cast<double>(other[i]);
  }
  const double total = static_cast<double>(other.size());
  const auto spread = static_cast<float>(std::sqrt(squares / total));
  for (std::size_t k = 0; k < count; ++k) {
    const auto mean = static_cast<float>(sums[k] * static_cast<double>(count) / total);
    target.deviation[k] *= spread;
    target.mean[k] = target.mean[k] * spread - mean;
  }
  return target;
}

ValueId Network::conv(ValueId x, const ConvSpec& spec) {
  FloatLayer layer =
      random_layer({spec.channels, channels_of(x) / spec.groups, spec.kernel, spec.kernel});
  Conv2d op;
  op.window = square_window(spec.stride, spec.pad);
  op.groups = spec.groups;
  if (spec.relu) op.activation.kind = ActivationKind::relu;
  Samples samples = sample(tensor(x), layer, op.window, spec.groups, random_);
  normalise(layer, samples, conv_target(spec, spec.channels));
  op.output = s8(scale_for(clipped(std::move(samples.values), spec.relu)));

  const TensorType type = graph_.type(x);
  const std::string label = name("conv");
  op.rule = is_mge() ? mge::conv_rule(op, type, layer.shape, false) : EpilogueRule::onnx;
  const Shape bias_shape = is_mge() ? Shape{1, spec.channels, 1, 1} : Shape{spec.channels};
  const auto [weight, bias] = quantise(layer, type, layer.shape, bias_shape, label);
  return compute(make_op<Conv2d>(op), {x, weight, bias}, label);
}

ValueId Network::add(ValueId a, ValueId b, bool relu) {
  std::vector<float> sums = reals(a);
  const std::vector<float> other = reals(b);
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += other[i];
  Elementwise op = elementwise(relu ? ElementwiseMode::add_relu : ElementwiseMode::add);
  op.output = s8(scale_for(clipped(std::move(sums), relu)));
  op.rule = quant_rule();
  return compute(make_op<Elementwise>(op), {a, b}, name("add"));
}

ValueId Network::max_pool(ValueId x, std::int64_t kernel, std::int64_t stride, std::int64_t pad) {
  Pool2d op;
  op.kernel = {kernel, kernel};
  op.window = square_window(stride, pad);
  op.rule = quant_rule();
  return compute(make_op<Pool2d>(op), {x}, name("max_pool"));
}

ValueId Network::average_pool(ValueId x, std::int64_t kernel, std::int64_t stride,
                              std::int64_t pad) {
  Pool2d op;
  op.mode = PoolMode::average_exclude_padding;
  op.kernel = {kernel, kernel};
  op.window = square_window(stride, pad);
  op.rule = quant_rule();
  if (!is_mge()) op.output = s8(graph_.type(x).quant->scale());
  return compute(make_op<Pool2d>(op), {x}, name("average_pool"));
}

ValueId Network::global_average_pool(ValueId x) {
  if (is_mge()) return average_pool(x, height_of(x), 1, 0);
  Pool2d op;
  op.mode = PoolMode::average;
  op.global = true;
  op.rule = quant_rule();
  op.output = s8(graph_.type(x).quant->scale());
  return compute(make_op<Pool2d>(op), {x}, name("average_pool"));
}

ValueId Network::requantise(ValueId x, float scale) {
  if (graph_.type(x).quant->scale() == scale) return x;
  Convert op;
  op.output = s8(scale);
  op.rule = quant_rule();
  return compute(make_op<Convert>(op), {x}, name("requantise"));
}

ValueId Network::concat(ValueId a, ValueId b) {
  const float scale = std::max(graph_.type(a).quant->scale(), graph_.type(b).quant->scale());
  Concat op;
  op.axis = 1;
  return compute(make_op<Concat>(op), {requantise(a, scale), requantise(b, scale)}, name("concat"));
}

ValueId Network::relu(ValueId x) {
  return compute(make_op<Elementwise>(elementwise(ElementwiseMode::relu)), {x}, name("relu"));
}

}  // namespace octet::models
