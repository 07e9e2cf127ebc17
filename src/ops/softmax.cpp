#include <algorithm>
#include <cmath>

#include "ops/axis_lines.hpp"
#include "ops/element_access.hpp"
#include "ops/operands.hpp"
#include "ops/reduce.hpp"
#include "ops/require.hpp"
#include "ops/scratch.hpp"

namespace octet {
namespace {

// In place, in T, but for the sum, which is accumulated in binary64.
template <typename T>
void normalise(std::span<T> line, bool log) {
  if (line.empty()) return;
  const T largest = *std::ranges::max_element(line);
  double sum = 0.0;
  for (T& v : line) {
    v -= largest;
    const T e = std::exp(v);
    sum += static_cast<double>(e);
    if (!log) v = e;
  }
  const T scale = log ? static_cast<T>(std::log(sum)) : static_cast<T>(sum);
  for (T& v : line) v = log ? v - scale : v / scale;
}

}  // namespace

void Softmax::visit(AttributeVisitor& visitor) const {
  visitor.integer("axis", axis);
  if (log) visitor.integer("log", 1);
  if (flatten_from) visitor.integer("flatten_from", 1);
  if (!output) return;
  octet::visit(visitor, *output);
  if (output->quant) visitor.text("rule", to_string(rule));
}

std::vector<TensorType> Softmax::infer(const InferArgs& args) const {
  require_inputs(args, 1, 1);
  const TensorType& x = args.types[0];
  resolve_axis(axis, x.shape.rank());
  require(x.quant || is_float(x.dtype), "softmax does not take ", x.to_string());
  require(output || !x.quant, "softmax of quantised values needs the type of its output");
  require_supported(!x.quant || x.quant->is_per_tensor(),
                    "softmax over values with one scale per channel is not supported");
  if (!output) return {with_shape(x, x.shape)};
  require_supported(output->quant ? output->quant->is_per_tensor() : is_float(output->dtype),
                    "softmax cannot write ", to_string(*output));
  if (output->quant) check(*output->quant, output->dtype, x.shape);
  return {{output->dtype, x.shape, kNCHW, output->quant}};
}

void Softmax::compute(std::span<const ConstView> inputs, std::span<const View> outputs) const {
  const ConstView& x = inputs[0];
  const std::size_t rank = x.shape().rank(), first_axis = resolve_axis(axis, rank);
  const AxisLines lines(x.shape(), first_axis, flatten_from ? rank : first_axis + 1);
  const ElementReader reader(x);
  const ElementWriter writer(outputs[0], rule);
  const auto run = [&](auto tag) {
    using T = decltype(tag);
    const std::span<T> line = scratch<T, 0>(static_cast<std::size_t>(lines.length));
    lines.for_each([&](std::int64_t first, std::int64_t) {
      reader.read(first, lines.inner, lines.length, line.data());
      normalise<T>(line, log);
      writer.write(first, lines.inner, lines.length, line.data());
    });
  };
  if (x.dtype() == DType::f64) run(double{});
  else run(float{});
}

}  // namespace octet
