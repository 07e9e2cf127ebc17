#include <array>
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

template <typename T>
void warp(const WarpPerspective& op, const ConstView& x, const float* matrices, const View& y) {
  const Shape &in = x.shape(), &out = y.shape();
  const std::int64_t channels = in[1], plane_in = in[2] * in[3], plane_out = out[2] * out[3];
  for (std::int64_t n = 0; n < in[0]; ++n) {
    const float* m = matrices + n * 9;
    const T* image = x.as<T>() + n * channels * plane_in;
    T* result = y.as<T>() + n * channels * plane_out;
    for (std::int64_t i = 0; i < plane_out; ++i) {
      const WarpPoint at = warp_point(op.border, m, static_cast<float>(i / out[3]),
                                      static_cast<float>(i % out[3]), in[2], in[3]);
      for (std::int64_t c = 0; c < channels; ++c)
        result[c * plane_out + i] = to_sample<T>(
            interpolate(image + c * plane_in, in[3], at.down, at.across, op.border_value),
            {Rounding::away});
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
