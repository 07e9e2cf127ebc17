// Operators that compute shapes and plain sequences: shape_of, constant_of_shape, range.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <octet/status.hpp>
#include <type_traits>

#include "base/checked.hpp"
#include "base/format.hpp"
#include "base/limits.hpp"
#include "ops/elementwise.hpp"
#include "ops/operands.hpp"
#include "ops/require.hpp"
#include "ops/shape.hpp"

namespace octet {
namespace {

// What the attributes of a ShapeOf select from a shape.
std::vector<std::int64_t> selected(const ShapeOf& op, const Shape& shape) {
  if (op.size_only) return {shape.elements()};
  if (op.axis) return {shape[resolve_axis(*op.axis, shape.rank())]};
  const auto rank = static_cast<std::int64_t>(shape.rank());
  const auto place = [rank](std::int64_t i) {
    return std::clamp<std::int64_t>(i < 0 ? i + rank : i, 0, rank);
  };
  const std::int64_t first = place(op.start), last = op.end ? place(*op.end) : rank;
  return {shape.begin() + first, shape.begin() + std::max(first, last)};
}

// How many numbers there are in start, start + delta, ... before limit.
std::int64_t range_count(double start, double limit, double delta) {
  require(delta != 0.0, "a range has the step 0");
  const double count = std::ceil((limit - start) / delta);
  require(!std::isnan(count), "a range has a bound that is NaN");
  if (!(count <= static_cast<double>(limits::kElements)))
    throw Error(StatusCode::resource_exhausted, concat("a range has ", count, " elements"));
  return std::max<std::int64_t>(static_cast<std::int64_t>(std::max(count, 0.0)), 0);
}

template <typename T>
std::int64_t count_between(T start, T limit, T delta) {
  if constexpr (std::is_floating_point_v<T>) {
    return range_count(static_cast<double>(start), static_cast<double>(limit),
                       static_cast<double>(delta));
  } else {
    require(delta != 0, "a range has the step 0");
    // In 128 bits neither the distance nor its negation overflows.
    __extension__ using Wide = __int128;
    const Wide distance = delta > 0 ? Wide{limit} - start : Wide{start} - limit;
    const Wide step = delta > 0 ? Wide{delta} : -Wide{delta};
    const Wide count = distance > 0 ? (distance - 1) / step + 1 : 0;
    if (count > limits::kElements)
      throw Error(StatusCode::resource_exhausted,
                  concat("a range has more than ", limits::kElements, " elements"));
    return static_cast<std::int64_t>(count);
  }
}

template <typename T>
void fill_range(const std::byte* first, const std::byte* step, const View& out) {
  T start, delta;
  std::memcpy(&start, first, sizeof(T));
  std::memcpy(&delta, step, sizeof(T));
  T* to = out.as<T>();
  const std::int64_t count = out.shape().elements();
  for (std::int64_t i = 0; i < count; ++i) {
    if constexpr (std::is_floating_point_v<T>) to[i] = start + static_cast<T>(i) * delta;
    else  // every element fits; the product alone may not, and wraps back
      to[i] = static_cast<T>(static_cast<std::uint64_t>(start) +
                             static_cast<std::uint64_t>(i) * static_cast<std::uint64_t>(delta));
  }
}

// Calls f with a value of the C++ type of a range's dtype.
template <typename F>
auto with_range_type(DType dtype, const F& f) {
  switch (dtype) {
    case DType::f32: return f(float{});
    case DType::f64: return f(double{});
    case DType::s16: return f(std::int16_t{});
    case DType::s32: return f(std::int32_t{});
    case DType::s64: return f(std::int64_t{});
    default:
      throw Error(StatusCode::unsupported, concat("a range of ", to_string(dtype), " numbers"));
  }
}

}  // namespace

void ShapeOf::visit(AttributeVisitor& visitor) const {
  if (axis) visitor.integer("axis", *axis);
  if (start != 0) visitor.integer("start", start);
  if (end) visitor.integer("end", *end);
  if (size_only) visitor.integer("size_only", 1);
  visitor.text("dtype", to_string(dtype));
}

std::vector<TensorType> ShapeOf::infer(const InferArgs& args) const {
  require_inputs(args, 1, limits::kNodes);
  require_supported(dtype == DType::s32 || dtype == DType::s64, "a shape as ", to_string(dtype),
                    " numbers");
  Shape shape = args.types[0].shape;
  for (std::size_t i = 1; i < args.count(); ++i) shape = broadcast(shape, args.types[i].shape);
  const auto count = static_cast<std::int64_t>(selected(*this, shape).size());
  return {TensorType{dtype, size_only ? Shape{} : Shape{count}, kNCHW, std::nullopt}};
}

void ShapeOf::compute(std::span<const ConstView> inputs, std::span<const View> outputs) const {
  Shape shape = inputs[0].shape();
  for (const ConstView& x : inputs.subspan(1)) shape = broadcast(shape, x.shape());
  const std::vector<std::int64_t> extents = selected(*this, shape);
  for (std::size_t i = 0; i < extents.size(); ++i) {
    if (dtype == DType::s64) outputs[0].as<std::int64_t>()[i] = extents[i];
    else outputs[0].as<std::int32_t>()[i] = checked_cast<std::int32_t>(extents[i]);
  }
}

void ConstantOfShape::visit(AttributeVisitor& visitor) const {
  visitor.text("dtype", to_string(value.dtype()));
  if (value.empty()) return;
  // The bits, which tell every type apart exactly.
  std::int64_t bits = 0;
  std::memcpy(&bits, value.data(), std::min(sizeof(bits), value.bytes()));
  visitor.integer("bits", bits);
}

std::vector<TensorType> ConstantOfShape::infer(const InferArgs& args) const {
  require_inputs(args, 1, 1);
  require(!value.empty() && value.shape().elements() == 1,
          "the value to fill with is not one element");
  return {with_shape(value.type(), checked_shape(known_integers(args, 0, "shape")))};
}

void ConstantOfShape::compute(std::span<const ConstView>, std::span<const View> outputs) const {
  const auto count = static_cast<std::size_t>(outputs[0].shape().elements());
  const std::size_t element = value.bytes();
  for (std::size_t i = 0; i < count; ++i)
    std::memcpy(outputs[0].data + i * element, value.data(), element);
}

void Range::visit(AttributeVisitor&) const {}

std::vector<TensorType> Range::infer(const InferArgs& args) const {
  require_inputs(args, 3, 3);
  const std::array<const Tensor*, 3> bounds{&known_tensor(args, 0, "start"),
                                            &known_tensor(args, 1, "limit"),
                                            &known_tensor(args, 2, "delta")};
  const DType dtype = bounds[0]->dtype();
  for (const Tensor* bound : bounds)
    require(bound->dtype() == dtype && bound->shape().elements() == 1,
            "start, limit and delta of a range must be scalars of one type");
  const std::int64_t count = with_range_type(dtype, [&](auto zero) {
    using T = decltype(zero);
    return count_between<T>(bounds[0]->values<T>()[0], bounds[1]->values<T>()[0],
                            bounds[2]->values<T>()[0]);
  });
  return {TensorType{dtype, Shape{count}, kNCHW, std::nullopt}};
}

void Range::compute(std::span<const ConstView> inputs, std::span<const View> outputs) const {
  with_range_type(outputs[0].dtype(), [&](auto zero) {
    fill_range<decltype(zero)>(inputs[0].data, inputs[2].data, outputs[0]);
  });
}

}  // namespace octet
