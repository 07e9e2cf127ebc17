#include "ops/norm.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/limits.hpp"
#include "ops/axis_lines.hpp"
#include "ops/element_access.hpp"
#include "ops/operands.hpp"
#include "ops/require.hpp"

namespace octet {
namespace {

using Line = std::vector<double>;

void check_float(const TensorType& type, std::string_view what) {
  require(is_float(type.dtype) && !type.quant, "the ", what, " of a normalisation is ",
          type.to_string(), ", but must be float");
}

void check_channels(const TensorType& x) {
  check_float(x, "input");
  require(x.shape.rank() >= 2, "a normalisation by channels needs {N,C,...}, but has ",
          x.shape.to_string());
}

// Input `index` holds one number for each of `count` places.
void check_parameter(const InferArgs& args, std::size_t index, std::string_view what,
                     std::int64_t count) {
  const TensorType& type = args.types[index];
  check_float(type, what);
  require(type.shape.elements() == count, "the ", what, " ", type.shape.to_string(),
          " does not have ", count, " elements as ", args.types[0].shape.to_string(), " needs");
}

void check_epsilon(double epsilon) {
  require(std::isfinite(epsilon) && epsilon >= 0.0, "the epsilon ", epsilon,
          " is not a finite number of at least 0");
}

Line read_all(const ConstView& source) {
  Line line(static_cast<std::size_t>(source.shape().elements()));
  ElementReader(source).read(0, 1, source.shape().elements(), line.data());
  return line;
}

// Lets change(line, number of the line) rewrite each line of x, and stores it in y.
template <typename Change>
void rewrite(const ConstView& x, const View& y, const AxisLines& lines, const Change& change) {
  const ElementReader reader(x);
  const ElementWriter writer(y, QuantRule::mge);
  Line line(static_cast<std::size_t>(lines.length));
  lines.for_each([&](std::int64_t first, std::int64_t number) {
    reader.read(first, lines.inner, lines.length, line.data());
    change(line, static_cast<std::size_t>(number));
    writer.write(first, lines.inner, lines.length, line.data());
  });
}

// The maps of {N,C,...}: line number n * C + c.
AxisLines maps(const Shape& shape) { return {shape, 2, shape.rank()}; }

struct Moments {
  double mean = 0.0, inverse_deviation = 0.0;

  Moments(const Line& line, double epsilon) {
    const auto count = static_cast<double>(line.size());
    for (const double v : line) mean += v;
    mean /= count;
    double squares = 0.0;
    for (const double v : line) squares += (v - mean) * (v - mean);
    inverse_deviation = 1.0 / std::sqrt(squares / count + epsilon);
  }

  double normalised(double v) const noexcept { return (v - mean) * inverse_deviation; }
};

}  // namespace

void BatchNorm::visit(AttributeVisitor& visitor) const { visitor.number("epsilon", epsilon); }

std::vector<TensorType> BatchNorm::infer(const InferArgs& args) const {
  require_inputs(args, 5, 5);
  check_channels(args.types[0]);
  check_epsilon(epsilon);
  const std::array<std::string_view, 4> names{"scale", "bias", "mean", "variance"};
  for (std::size_t i = 0; i < names.size(); ++i)
    check_parameter(args, i + 1, names[i], args.types[0].shape[1]);
  return {with_shape(args.types[0], args.types[0].shape)};
}

void BatchNorm::compute(std::span<const ConstView> inputs, std::span<const View> outputs) const {
  const Line scale = read_all(inputs[1]), bias = read_all(inputs[2]), mean = read_all(inputs[3]);
  Line factor = read_all(inputs[4]);
  for (std::size_t c = 0; c < factor.size(); ++c)
    factor[c] = scale[c] / std::sqrt(factor[c] + epsilon);
  rewrite(inputs[0], outputs[0], maps(inputs[0].shape()), [&](Line& map, std::size_t number) {
    const std::size_t c = number % factor.size();
    for (double& v : map) v = (v - mean[c]) * factor[c] + bias[c];
  });
}

void LayerNorm::visit(AttributeVisitor& visitor) const {
  visitor.integer("axes", axes);
  visitor.number("epsilon", epsilon);
  visitor.integer("keep_dims", keep_dims);
}

std::vector<TensorType> LayerNorm::infer(const InferArgs& args) const {
  require_inputs(args, 1, 3);
  const TensorType& x = args.types[0];
  check_float(x, "input");
  check_epsilon(epsilon);
  const auto rank = static_cast<std::int64_t>(x.shape.rank());
  require(axes >= 1 && axes <= rank, axes, " axes of ", x.shape.to_string(),
          " cannot be normalised");
  Shape leading;
  std::int64_t length = 1;
  for (std::size_t axis = 0; axis < x.shape.rank(); ++axis) {
    const bool normalised = static_cast<std::int64_t>(axis) >= rank - axes;
    if (normalised) length *= x.shape[axis];
    if (!normalised || keep_dims) leading.push_back(normalised ? 1 : x.shape[axis]);
  }
  require(length > 0 || leading.elements() == 0, "no elements are to be normalised in ",
          x.to_string());
  if (has_input(args, 1)) check_parameter(args, 1, "weight", length);
  if (has_input(args, 2)) check_parameter(args, 2, "bias", length);
  const TensorType statistics{x.dtype == DType::f64 ? DType::f64 : DType::f32, leading, kNCHW,
                              std::nullopt};
  return {with_shape(x, x.shape), statistics, statistics};
}

void LayerNorm::compute(std::span<const ConstView> inputs, std::span<const View> outputs) const {
  const std::size_t rank = inputs[0].shape().rank();
  const auto parameter = [&](std::size_t i) {
    return i < inputs.size() && inputs[i].data != nullptr ? read_all(inputs[i]) : Line{};
  };
  const Line weight = parameter(1), bias = parameter(2);
  const ElementWriter means(outputs[1], QuantRule::mge), inverses(outputs[2], QuantRule::mge);
  const AxisLines lines(inputs[0].shape(), rank - static_cast<std::size_t>(axes), rank);
  rewrite(inputs[0], outputs[0], lines, [&](Line& line, std::size_t number) {
    const Moments moments(line, epsilon);
    for (std::size_t i = 0; i < line.size(); ++i) {
      line[i] = moments.normalised(line[i]) * (weight.empty() ? 1.0 : weight[i]);
      if (!bias.empty()) line[i] += bias[i];
    }
    means.write(static_cast<std::int64_t>(number), 1, 1, &moments.mean);
    inverses.write(static_cast<std::int64_t>(number), 1, 1, &moments.inverse_deviation);
  });
}

void InstanceNorm::visit(AttributeVisitor& visitor) const { visitor.number("epsilon", epsilon); }

std::vector<TensorType> InstanceNorm::infer(const InferArgs& args) const {
  require_inputs(args, 3, 3);
  check_channels(args.types[0]);
  check_epsilon(epsilon);
  check_parameter(args, 1, "scale", args.types[0].shape[1]);
  check_parameter(args, 2, "bias", args.types[0].shape[1]);
  return {with_shape(args.types[0], args.types[0].shape)};
}

void InstanceNorm::compute(std::span<const ConstView> inputs, std::span<const View> outputs) const {
  const Line scale = read_all(inputs[1]), bias = read_all(inputs[2]);
  rewrite(inputs[0], outputs[0], maps(inputs[0].shape()), [&](Line& map, std::size_t number) {
    const Moments moments(map, epsilon);
    const std::size_t c = number % scale.size();
    for (double& v : map) v = moments.normalised(v) * scale[c] + bias[c];
  });
}

void LocalResponseNorm::visit(AttributeVisitor& visitor) const {
  visitor.integer("size", size);
  visitor.number("alpha", double{alpha});
  visitor.number("beta", double{beta});
  visitor.number("bias", double{bias});
}

std::vector<TensorType> LocalResponseNorm::infer(const InferArgs& args) const {
  require_inputs(args, 1, 1);
  check_channels(args.types[0]);
  require(size >= 1 && size <= limits::kExtent, "a normalisation over ", size,
          " channels is not possible");
  return {with_shape(args.types[0], args.types[0].shape)};
}

void LocalResponseNorm::compute(std::span<const ConstView> inputs,
                                std::span<const View> outputs) const {
  const AxisLines channels(inputs[0].shape(), 1);
  const std::int64_t before = (size - 1) / 2, after = size - 1 - before;
  const double factor = double{alpha} / static_cast<double>(size);
  Line x;
  rewrite(inputs[0], outputs[0], channels, [&](Line& line, std::size_t) {
    x = line;
    for (std::int64_t c = 0; c < channels.length; ++c) {
      double squares = 0.0;
      const std::int64_t last = std::min(channels.length - 1, c + after);
      for (std::int64_t i = std::max<std::int64_t>(0, c - before); i <= last; ++i)
        squares += x[static_cast<std::size_t>(i)] * x[static_cast<std::size_t>(i)];
      line[static_cast<std::size_t>(c)] /= std::pow(double{bias} + factor * squares, double{beta});
    }
  });
}

}  // namespace octet
