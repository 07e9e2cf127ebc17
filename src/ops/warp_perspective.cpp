#include <array>
#include <cmath>
#include <octet/status.hpp>

#include "base/format.hpp"
#include "ops/image.hpp"
#include "ops/operands.hpp"
#include "ops/require.hpp"
#include "ops/sampling.hpp"

namespace octet {
namespace {

std::string_view to_string(BorderMode mode) noexcept {
  switch (mode) {
    case BorderMode::replicate: return "replicate";
    case BorderMode::reflect: return "reflect";
    case BorderMode::reflect_101: return "reflect_101";
    case BorderMode::wrap: return "wrap";
    case BorderMode::constant: return "constant";
  }
  return "?";
}

constexpr std::int64_t kOutside = -1;

std::int64_t positive_modulo(std::int64_t a, std::int64_t b) { return ((a % b) + b) % b; }

// The element that stands for place i of an axis, or kOutside.
std::int64_t border_index(BorderMode mode, std::int64_t i, std::int64_t extent) {
  if (i >= 0 && i < extent) return i;
  switch (mode) {
    case BorderMode::replicate: return i < 0 ? 0 : extent - 1;
    case BorderMode::wrap: return positive_modulo(i, extent);
    case BorderMode::reflect: {  // the border's element repeats: 1 0 | 0 1 2
      const std::int64_t phase = positive_modulo(i, 2 * extent);
      return phase < extent ? phase : 2 * extent - 1 - phase;
    }
    case BorderMode::reflect_101: {  // it does not: 2 1 | 0 1 2
      if (extent == 1) return 0;
      const std::int64_t phase = positive_modulo(i, 2 * (extent - 1));
      return phase < extent ? phase : 2 * (extent - 1) - phase;
    }
    case BorderMode::constant: break;
  }
  return kOutside;
}

// One coordinate split into the elements on both sides and the weight of the second.
struct Neighbours {
  std::array<std::int64_t, 2> index;
  std::array<float, 2> weight;
};

Neighbours neighbours(BorderMode mode, float coordinate, std::int64_t extent) {
  // A matrix may send points to infinity; far away is far enough.
  constexpr float kFar = 1 << 24;
  const float bounded = coordinate > -kFar ? std::min(coordinate, kFar) : -kFar;
  const float low = std::floor(bounded), weight = bounded - low;
  const auto index = static_cast<std::int64_t>(low);
  return {{border_index(mode, index, extent), border_index(mode, index + 1, extent)},
          {1.0f - weight, weight}};
}

template <typename T>
float interpolate(const T* plane, std::int64_t width, const Neighbours& h, const Neighbours& w,
                  float border_value) {
  float sum = 0.0f;
  for (std::size_t i = 0; i < 2; ++i)
    for (std::size_t j = 0; j < 2; ++j) {
      const bool inside = h.index[i] != kOutside && w.index[j] != kOutside;
      const float value =
          inside ? static_cast<float>(plane[h.index[i] * width + w.index[j]]) : border_value;
      sum += value * h.weight[i] * w.weight[j];
    }
  return sum;
}

template <typename T>
void warp(const WarpPerspective& op, const ConstView& x, const float* matrices, const View& y) {
  const Shape &in = x.shape(), &out = y.shape();
  const std::int64_t channels = in[1], plane_in = in[2] * in[3], plane_out = out[2] * out[3];
  for (std::int64_t n = 0; n < in[0]; ++n) {
    const float* m = matrices + n * 9;
    const T* image = x.as<T>() + n * channels * plane_in;
    T* result = y.as<T>() + n * channels * plane_out;
    for (std::int64_t i = 0; i < plane_out; ++i) {
      const auto h = static_cast<float>(i / out[3]), w = static_cast<float>(i % out[3]);
      const auto row = [&](std::size_t r) { return m[r] * w + m[r + 1] * h + m[r + 2]; };
      const float denominator = row(6);
      const Neighbours across = neighbours(op.border, row(0) / denominator, in[3]);
      const Neighbours down = neighbours(op.border, row(3) / denominator, in[2]);
      for (std::int64_t c = 0; c < channels; ++c)
        result[c * plane_out + i] =
            to_sample<T>(interpolate(image + c * plane_in, in[3], down, across, op.border_value),
                         Rounding::away);
    }
  }
}

}  // namespace

void WarpPerspective::visit(AttributeVisitor& visitor) const {
  visitor.text("border", to_string(border));
  if (border == BorderMode::constant)
    visitor.number("border_value", static_cast<double>(border_value));
}

std::vector<TensorType> WarpPerspective::infer(const InferArgs& args) const {
  require_inputs(args, 3, 3);
  const TensorType &x = args.types[0], &matrix = args.types[1];
  require_supported(interpolation == Interpolation::linear,
                    "a perspective warp without linear interpolation");
  require_interpolable(x, "a perspective warp");
  require(x.shape.rank() == 4, "a perspective warp of a value of shape ", x.shape.to_string());
  require(matrix.dtype == DType::f32 && matrix.shape == Shape{x.shape[0], 3, 3},
          "matrices of type ", matrix.to_string(), " do not fit ", x.shape[0], " images");
  const std::vector<std::int64_t> size = known_integers(args, 2, "size");
  require(size.size() == 2, "the target size has ", size.size(), " extents where it needs 2");
  const Shape shape = checked_shape(std::array{x.shape[0], x.shape[1], size[0], size[1]});
  require(x.shape[2] * x.shape[3] > 0 || shape.elements() == 0,
          "a perspective warp of empty images");
  return {with_shape(x, shape)};
}

void WarpPerspective::compute(std::span<const ConstView> inputs,
                              std::span<const View> outputs) const {
  with_sample_type(inputs[0].dtype(), [&](auto zero) {
    warp<decltype(zero)>(*this, inputs[0], inputs[1].as<float>(), outputs[0]);
  });
}

}  // namespace octet
