#include <octet/status.hpp>

#include "base/format.hpp"
#include "ops/element_moves.hpp"
#include "ops/operands.hpp"
#include "ops/require.hpp"
#include "ops/resize_geometry.hpp"
#include "ops/sampling.hpp"

namespace octet {
namespace {

enum Input : std::size_t { kX, kScales, kSizes, kRoi };

std::vector<float> floats(const ConstView& view, std::string_view name) {
  require_supported(view.dtype() == DType::f32, "the ", name, " of a resize as ",
                    octet::to_string(view.dtype()));
  return {view.as<float>(), view.as<float>() + view.shape().elements()};
}

// The axes by operands of which absent ones are empty views.
std::vector<ResizeAxis> axes_by(const Resize& op, const Shape& x, const ConstView& scales,
                                const ConstView& sizes, const ConstView& roi) {
  return resize_axes(
      op, x, scales.data != nullptr ? floats(scales, "scales") : std::vector<float>{},
      sizes.data != nullptr ? to_integers(sizes) : std::vector<std::int64_t>{},
      roi.data != nullptr ? floats(roi, "region of interest") : std::vector<float>{});
}

ConstView known_operand(const InferArgs& args, std::size_t index, std::string_view name) {
  if (!has_input(args, index)) return {};
  const Tensor& tensor = known_tensor(args, index, name);
  // Exporters also write an empty vector for what is absent.
  return tensor.shape().elements() == 0 ? ConstView{} : ConstView(tensor);
}

ConstView given_operand(std::span<const ConstView> inputs, std::size_t index) {
  const bool present = index < inputs.size() && inputs[index].data != nullptr;
  return present && inputs[index].shape().elements() > 0 ? inputs[index] : ConstView{};
}

// Nearest elements move as they are, whatever they mean.
void move_nearest(const Resize& op, std::span<const std::vector<Taps>> taps, const ConstView& x,
                  const View& y) {
  const std::vector<std::int64_t> strides = strides_of(x.shape());
  OffsetTable table;
  for (std::size_t axis = 0; axis < taps.size(); ++axis) {
    std::vector<std::int64_t>& offsets = table.emplace_back();
    for (const Taps& at : taps[axis])
      offsets.push_back(at.empty() ? kFill : at.front().index * strides[axis]);
  }
  gather_by_offsets(x, y, table, resize_fill(op, *x.type).data());
}

// The weighted sum around one output element.
template <typename T>
class Interpolator {
 public:
  Interpolator(WeightOrder order, const ConstView& x, std::span<const Taps* const> taps)
      : order_(order),
        x_(x.as<T>()),
        strides_(strides_of(x.shape())),
        taps_(taps),
        weights_(taps.size()) {}

  float sum() {
    sum_ = 0.0f;
    visit(0, 0);
    return sum_;
  }

 private:
  void visit(std::size_t axis, std::int64_t offset) {
    if (axis == taps_.size()) {
      sum_ += weigh<static_cast<int>(Shape::kMaxRank)>(
          order_, static_cast<float>(x_[offset]), static_cast<int>(weights_.size()),
          [&](int along) { return weights_[static_cast<std::size_t>(along)]; });
      return;
    }
    for (const Tap& tap : *taps_[axis]) {
      weights_[axis] = tap.weight;
      visit(axis + 1, offset + tap.index * strides_[axis]);
    }
  }

  WeightOrder order_;
  const T* x_;
  std::vector<std::int64_t> strides_;
  std::span<const Taps* const> taps_;
  std::vector<float> weights_;
  float sum_ = 0.0f;
};

template <typename T>
void interpolate(const Resize& op, std::span<const std::vector<Taps>> taps, const ConstView& x,
                 const View& y) {
  const SampleRounding rounding = resize_rounding(op, x.dtype());
  const float border = resize_outside(op, *x.type);
  const std::vector<std::int64_t> strides = strides_of(y.shape());
  std::vector<const Taps*> current(taps.size());
  Interpolator<T> interpolator(weight_order(op), x, current);
  const std::int64_t count = y.shape().elements();
  for (std::int64_t i = 0; i < count; ++i) {
    bool outside = false;
    for (std::size_t axis = 0; axis < taps.size(); ++axis) {
      current[axis] = &taps[axis][static_cast<std::size_t>(i / strides[axis] % y.shape()[axis])];
      outside = outside || current[axis]->empty();
    }
    y.as<T>()[i] = to_sample<T>(outside ? border : interpolator.sum(), rounding);
  }
}

}  // namespace

std::string_view to_string(Interpolation interpolation) noexcept {
  switch (interpolation) {
    case Interpolation::nearest: return "nearest";
    case Interpolation::linear: return "linear";
    case Interpolation::cubic: return "cubic";
  }
  return "?";
}

std::string_view to_string(CoordinateMode mode) noexcept {
  switch (mode) {
    case CoordinateMode::half_pixel: return "half_pixel";
    case CoordinateMode::half_pixel_symmetric: return "half_pixel_symmetric";
    case CoordinateMode::pytorch_half_pixel: return "pytorch_half_pixel";
    case CoordinateMode::align_corners: return "align_corners";
    case CoordinateMode::asymmetric: return "asymmetric";
    case CoordinateMode::tf_half_pixel_for_nn: return "tf_half_pixel_for_nn";
    case CoordinateMode::tf_crop_and_resize: return "tf_crop_and_resize";
  }
  return "?";
}

std::string_view to_string(NearestMode mode) noexcept {
  switch (mode) {
    case NearestMode::round_prefer_floor: return "round_prefer_floor";
    case NearestMode::round_prefer_ceil: return "round_prefer_ceil";
    case NearestMode::floor: return "floor";
    case NearestMode::ceil: return "ceil";
  }
  return "?";
}

SampleRounding resize_rounding(const Resize& op, DType dtype) {
  if (!op.mge) return {Rounding::towards_zero};
  // MegEngine does not saturate QuantizedS8 here, but Quantized8Asymm it does.
  return {Rounding::away, op.interpolation == Interpolation::cubic && dtype == DType::s8};
}

WeightOrder weight_order(const Resize& op) {
  return op.mge ? WeightOrder::value_first : WeightOrder::weights_first;
}

float resize_outside(const Resize& op, const TensorType& x) {
  return x.quant ? static_cast<float>(x.quant->zero_point()) : op.extrapolation;
}

Tensor resize_fill(const Resize& op, const TensorType& x) {
  Tensor fill(TensorType{x.dtype, {}, kNCHW, std::nullopt});
  if (x.dtype == DType::f32) fill.mutable_values<float>()[0] = op.extrapolation;
  if (size_of(x.dtype) == 1)
    fill.mutable_data()[0] = static_cast<std::byte>(static_cast<int>(resize_outside(op, x)));
  return fill;
}

std::vector<std::vector<Taps>> resize_taps(const Resize& op, std::span<const ConstView> inputs) {
  std::vector<std::vector<Taps>> taps;
  for (const ResizeAxis& axis : axes_by(op, inputs[kX].shape(), given_operand(inputs, kScales),
                                        given_operand(inputs, kSizes), given_operand(inputs, kRoi)))
    taps.push_back(resize_taps(op, axis));
  return taps;
}

void Resize::visit(AttributeVisitor& visitor) const {
  visitor.text("interpolation", to_string(interpolation));
  visitor.text("coordinates", to_string(coordinates));
  if (interpolation == Interpolation::nearest) visitor.text("nearest", to_string(nearest));
  if (interpolation == Interpolation::cubic)
    visitor.number("cubic_coefficient", static_cast<double>(cubic_coefficient));
  if (extrapolation != 0.0f) visitor.number("extrapolation", static_cast<double>(extrapolation));
  if (exclude_outside) visitor.integer("exclude_outside", 1);
  if (spatial_only) visitor.integer("spatial_only", 1);
  if (mge) visitor.integer("mge", 1);
}

std::vector<TensorType> Resize::infer(const InferArgs& args) const {
  require_inputs(args, 2, 4);
  const TensorType& x = args.types[kX];
  const std::vector<ResizeAxis> axes =
      axes_by(*this, x.shape, known_operand(args, kScales, "scales"),
              known_operand(args, kSizes, "sizes"), known_operand(args, kRoi, "roi"));
  const bool moves = interpolation == Interpolation::nearest;
  if (!moves) require_interpolable(x, "interpolation");
  require_supported(extrapolation == 0.0f || x.dtype == DType::f32, "a resize of ", x.to_string(),
                    " with an extrapolation value");
  TensorType y = with_shape(x, {});
  for (std::size_t axis = 0; axis < axes.size(); ++axis) {
    if (axes[axis].out != axes[axis].in) require_common_scale(x, axis, "a resize of");
    y.shape.push_back(axes[axis].out);
  }
  return {y};
}

void Resize::compute(std::span<const ConstView> inputs, std::span<const View> outputs) const {
  const std::vector<std::vector<Taps>> taps = resize_taps(*this, inputs);
  if (interpolation == Interpolation::nearest)
    return move_nearest(*this, taps, inputs[kX], outputs[0]);
  with_sample_type(inputs[kX].dtype(), [&](auto zero) {
    interpolate<decltype(zero)>(*this, taps, inputs[kX], outputs[0]);
  });
}

}  // namespace octet
