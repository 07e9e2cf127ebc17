#include "ops/reduce.hpp"

#include <algorithm>
#include <cmath>

#include "ops/broadcast_walk.hpp"
#include "ops/element_access.hpp"
#include "ops/operands.hpp"
#include "ops/require.hpp"

namespace octet {
namespace {

constexpr std::array<std::string_view, 10> kNames{
    "sum", "mean", "max", "min", "product", "sum_square", "l1", "l2", "log_sum", "log_sum_exp"};
constexpr std::int64_t kChunk = 512;  // elements in hand at once

Shape without_reduced(const Reduce& op, const Shape& x) {
  if (op.axes.empty()) return {};
  const std::vector<std::size_t> axes = resolve_axes(op.axes, x.rank());
  Shape shape;
  for (std::size_t axis = 0; axis < x.rank(); ++axis)
    if (std::ranges::find(axes, axis) == axes.end()) shape.push_back(x[axis]);
  return shape;
}

// One element per axis, each 1 or the extent of x; or a single 1, which reduces everything.
Shape checked_target(const InferArgs& args) {
  const Shape& x = args.types[0].shape;
  const Shape target = checked_shape(known_integers(args, 1, "target shape"));
  if (target == Shape{1}) return target;
  bool fits = target.rank() == x.rank();
  for (std::size_t axis = 0; fits && axis < x.rank(); ++axis)
    fits = target[axis] == 1 || target[axis] == x[axis];
  require(fits, "a value of shape ", x.to_string(), " cannot be reduced to ", target.to_string());
  return target;
}

bool selects(ReduceMode mode) { return mode == ReduceMode::max || mode == ReduceMode::min; }

void check_type(ReduceMode mode, const TensorType& x) {
  if (x.quant) {
    require_supported(x.quant->is_per_tensor(), to_string(mode),
                      " over values with one scale per channel is not supported");
    require_supported(selects(mode) || mode == ReduceMode::sum, to_string(mode),
                      " over quantised values is not supported");
  }
  require(x.dtype != DType::boolean || selects(mode), to_string(mode),
          " does not take boolean values");
}

// Folds the elements of x into one accumulator per element of the kept shape, in row-major order.
template <typename T>
class Fold {
 public:
  Fold(const ConstView& x, const Shape& kept)
      : reader_(x),
        walk_(x.shape(), {&kept, 1}),
        outputs_(static_cast<std::size_t>(kept.elements())),
        buffer_(kChunk) {}

  // step(accumulator, element, its output) gives the next accumulator.
  template <typename Step>
  std::vector<T> operator()(T start, const Step& step) {
    std::vector<T> results(outputs_, start);
    walk_.for_each_run([&](std::int64_t at, std::span<const std::int64_t> offsets) {
      for (std::int64_t done = 0; done < walk_.run(); done += kChunk) {
        const std::int64_t count = std::min(kChunk, walk_.run() - done);
        reader_.read(at + done, 1, count, buffer_.data());
        for (std::int64_t i = 0; i < count; ++i) {
          const auto o = static_cast<std::size_t>(offsets[0] + (done + i) * walk_.stride(0));
          results[o] = step(results[o], buffer_[static_cast<std::size_t>(i)], o);
        }
      }
    });
    return results;
  }

 private:
  ElementReader reader_;
  BroadcastWalk walk_;
  std::size_t outputs_;
  std::vector<T> buffer_;
};

std::vector<double> log_sum_exp(Fold<double>& fold) {
  std::vector<double> largest = accumulate<double>(ReduceMode::max, fold);
  for (double& m : largest) m = finite_shift(m);
  std::vector<double> results =
      fold(0.0, [&](double a, double v, std::size_t o) { return a + std::exp(v - largest[o]); });
  for (std::size_t o = 0; o < results.size(); ++o) results[o] = largest[o] + std::log(results[o]);
  return results;
}

template <typename T>
std::vector<T> reduce(ReduceMode mode, Fold<T>& fold, T count) {
  if constexpr (std::is_same_v<T, double>)
    if (mode == ReduceMode::log_sum_exp) return log_sum_exp(fold);
  std::vector<T> results = accumulate<T>(mode, fold);
  for (T& result : results) result = finish_reduction(mode, result, count);
  return results;
}

}  // namespace

std::string_view to_string(ReduceMode mode) noexcept {
  return kNames[static_cast<std::size_t>(mode)];
}

Arithmetic reduce_arithmetic(ReduceMode mode, DType dtype) noexcept {
  const bool real =
      mode == ReduceMode::l2 || mode == ReduceMode::log_sum || mode == ReduceMode::log_sum_exp;
  return real || is_float(dtype) ? Arithmetic::binary64 : arithmetic_of(dtype);
}

Shape Reduce::kept_shape(const Shape& x, const Shape& target) const {
  if (by_shape && target.rank() == x.rank()) return target;
  Shape kept = x;
  std::vector<std::size_t> reduced;
  if (!by_shape) reduced = resolve_axes(axes, x.rank());
  if (reduced.empty())
    for (std::size_t axis = 0; axis < x.rank(); ++axis) reduced.push_back(axis);
  for (const std::size_t axis : reduced) kept[axis] = 1;
  return kept;
}

void Reduce::visit(AttributeVisitor& visitor) const {
  visitor.text("mode", to_string(mode));
  if (by_shape) return visitor.integer("by_shape", 1);
  visitor.integers("axes", axes);
  visitor.integer("keep_dims", keep_dims);
}

std::vector<TensorType> Reduce::infer(const InferArgs& args) const {
  require_inputs(args, by_shape ? 2 : 1, by_shape ? 2 : 1);
  const TensorType& x = args.types[0];
  check_type(mode, x);
  const Shape target = by_shape ? checked_target(args) : Shape{};
  const Shape kept = kept_shape(x.shape, target);
  require(!selects(mode) || x.shape.elements() > 0 || kept.elements() == 0, "the ", to_string(mode),
          " of no elements is asked for: the input is ", x.to_string());
  if (by_shape) return {with_shape(x, target)};
  return {with_shape(x, keep_dims ? kept : without_reduced(*this, x.shape))};
}

void Reduce::compute(std::span<const ConstView> inputs, std::span<const View> outputs) const {
  const ConstView& x = inputs[0];
  const Shape kept = kept_shape(x.shape(), outputs[0].shape());
  const std::int64_t results = kept.elements();
  if (results == 0) return;
  with_arithmetic(reduce_arithmetic(mode, x.dtype()), [&](auto tag) {
    using T = decltype(tag);
    if constexpr (!std::is_same_v<T, float>) {
      Fold<T> fold(x, kept);
      const std::vector<T> y = reduce(mode, fold, static_cast<T>(x.shape().elements() / results));
      // Sums of quantised values stay inside the dtype; plain integers wrap around.
      ElementWriter(outputs[0], QuantRule::mge)
          .write(0, 1, results, y.data(), x.type->is_quantised());
    }
  });
}

}  // namespace octet
