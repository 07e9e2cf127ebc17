#include <vector>

#include "ops/axis_lines.hpp"
#include "ops/element_access.hpp"
#include "ops/elementwise_functions.hpp"
#include "ops/operands.hpp"
#include "ops/reduce.hpp"
#include "ops/require.hpp"

namespace octet {
namespace {

template <typename T>
void sum_up(std::vector<T>& line, bool exclusive, bool reverse) {
  T sum{0};
  for (std::size_t i = 0; i < line.size(); ++i) {
    T& element = line[reverse ? line.size() - 1 - i : i];
    const T next = detail::add(sum, element);
    element = exclusive ? sum : next;
    sum = next;
  }
}

}  // namespace

void CumSum::visit(AttributeVisitor& visitor) const {
  visitor.integer("exclusive", exclusive);
  visitor.integer("reverse", reverse);
}

std::vector<TensorType> CumSum::infer(const InferArgs& args) const {
  require_inputs(args, 2, 2);
  const TensorType& x = args.types[0];
  require_supported(!x.quant, "running sums of quantised values are not supported");
  require(x.dtype != DType::boolean, "running sums do not take ", x.to_string());
  resolve_axis(known_integer(args, 1, "axis"), x.shape.rank());
  return {with_shape(x, x.shape)};
}

void CumSum::compute(std::span<const ConstView> inputs, std::span<const View> outputs) const {
  const ConstView& x = inputs[0];
  const AxisLines lines(x.shape(), resolve_axis(to_integers(inputs[1])[0], x.shape().rank()));
  const ElementReader reader(x);
  const ElementWriter writer(outputs[0], QuantRule::mge);
  with_arithmetic(arithmetic_of(x.dtype()), [&](auto tag) {
    std::vector<decltype(tag)> line(static_cast<std::size_t>(lines.length));
    lines.for_each([&](std::int64_t first, std::int64_t) {
      reader.read(first, lines.inner, lines.length, line.data());
      sum_up(line, exclusive, reverse);
      writer.write(first, lines.inner, lines.length, line.data());
    });
  });
}

}  // namespace octet
