// Operators that compare elements along an axis: ArgReduce and TopK.
#include <algorithm>
#include <numeric>

#include "ops/axis_lines.hpp"
#include "ops/element_access.hpp"
#include "ops/operands.hpp"
#include "ops/reduce.hpp"
#include "ops/require.hpp"
#include "ops/selection.hpp"

namespace octet {
namespace {

// The same elements as plain numbers: along one axis the scale is common, so the stored integers
// compare as the values do.
TensorType stored(const TensorType& type) { return {type.dtype, type.shape, kNCHW, std::nullopt}; }

void check_index_type(DType dtype) {
  require_supported(dtype == DType::s32 || dtype == DType::s64, "indices of type ",
                    to_string(dtype), " are not supported");
}

template <typename T>
std::int64_t best_index(const ArgReduce& op, std::span<const T> line) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < line.size(); ++i) {
    const bool better = op.largest ? line[i] > line[best] : line[i] < line[best];
    if (better || (op.last && line[i] == line[best])) best = i;
  }
  return static_cast<std::int64_t>(best);
}

// The positions of the first k elements of a line, ordered.
template <typename T>
std::vector<std::int64_t> first_k(std::span<const T> line, std::int64_t k, bool largest) {
  std::vector<std::int64_t> order(line.size());
  std::iota(order.begin(), order.end(), 0);
  std::partial_sort(order.begin(), order.begin() + k, order.end(),
                    [&](std::int64_t i, std::int64_t j) {
                      const T a = line[static_cast<std::size_t>(i)];
                      const T b = line[static_cast<std::size_t>(j)];
                      if (comes_before(a, b, largest)) return true;
                      return !comes_before(b, a, largest) && i < j;
                    });
  order.resize(static_cast<std::size_t>(k));
  return order;
}

}  // namespace

void ArgReduce::visit(AttributeVisitor& visitor) const {
  visitor.text("select", largest ? "largest" : "smallest");
  visitor.integer("axis", axis);
  visitor.integer("keep_dims", keep_dims);
  if (last) visitor.integer("last", 1);
  visitor.text("dtype", to_string(dtype));
}

std::vector<TensorType> ArgReduce::infer(const InferArgs& args) const {
  require_inputs(args, 1, 1);
  check_index_type(dtype);
  const TensorType& x = args.types[0];
  const std::size_t at = resolve_axis(axis, x.shape.rank());
  require_common_scale(x, at, "comparing along");
  require(x.shape[at] > 0, "no element can be chosen along axis ", at, " of ", x.to_string());
  Shape shape;
  for (std::size_t i = 0; i < x.shape.rank(); ++i) {
    if (i != at) shape.push_back(x.shape[i]);
    else if (keep_dims) shape.push_back(1);
  }
  return {{dtype, shape, kNCHW, std::nullopt}};
}

void ArgReduce::compute(std::span<const ConstView> inputs, std::span<const View> outputs) const {
  const TensorType type = stored(*inputs[0].type);
  const AxisLines lines(type.shape, resolve_axis(axis, type.shape.rank()));
  const ElementReader reader(ConstView(type, inputs[0].data));
  const ElementWriter writer(outputs[0], QuantRule::mge);
  with_arithmetic(arithmetic_of(type.dtype), [&](auto tag) {
    std::vector<decltype(tag)> line(static_cast<std::size_t>(lines.length));
    lines.for_each([&](std::int64_t first, std::int64_t number) {
      reader.read(first, lines.inner, lines.length, line.data());
      const std::int64_t best = best_index<decltype(tag)>(*this, line);
      writer.write(number, 1, 1, &best);
    });
  });
}

void TopK::visit(AttributeVisitor& visitor) const {
  visitor.text("select", largest ? "largest" : "smallest");
  visitor.integer("axis", axis);
  visitor.integer("sorted", sorted);
  visitor.text("index_dtype", to_string(index_dtype));
}

std::vector<TensorType> TopK::infer(const InferArgs& args) const {
  require_inputs(args, 2, 2);
  check_index_type(index_dtype);
  const TensorType& x = args.types[0];
  const std::size_t at = resolve_axis(axis, x.shape.rank());
  require_common_scale(x, at, "comparing along");
  const std::int64_t k = known_integer(args, 1, "k");
  require(k >= 0 && k <= x.shape[at], "k is ", k, ", but axis ", at, " of ", x.to_string(), " has ",
          x.shape[at], " elements");
  TensorType y = with_shape(x, x.shape);
  y.shape[at] = k;
  return {y, {index_dtype, y.shape, kNCHW, std::nullopt}};
}

void TopK::compute(std::span<const ConstView> inputs, std::span<const View> outputs) const {
  const TensorType from = stored(*inputs[0].type), to = stored(*outputs[0].type);
  const std::size_t at = resolve_axis(axis, from.shape.rank());
  const AxisLines lines(from.shape, at);
  const std::int64_t k = to.shape[at];
  const ElementReader reader(ConstView(from, inputs[0].data));
  const ElementWriter values(View(to, outputs[0].data), QuantRule::mge),
      indices(outputs[1], QuantRule::mge);
  with_arithmetic(arithmetic_of(from.dtype), [&](auto tag) {
    using T = decltype(tag);
    std::vector<T> line(static_cast<std::size_t>(lines.length)), chosen;
    lines.for_each([&](std::int64_t first, std::int64_t number) {
      reader.read(first, lines.inner, lines.length, line.data());
      const std::vector<std::int64_t> order = first_k<T>(line, k, largest);
      chosen.clear();
      for (const std::int64_t i : order) chosen.push_back(line[static_cast<std::size_t>(i)]);
      const std::int64_t start = number / lines.inner * k * lines.inner + number % lines.inner;
      values.write(start, lines.inner, k, chosen.data());
      indices.write(start, lines.inner, k, order.data());
    });
  });
}

}  // namespace octet
