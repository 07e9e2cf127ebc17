#include <algorithm>

#include "base/limits.hpp"
#include "ops/operands.hpp"
#include "ops/product.hpp"
#include "ops/product_output.hpp"
#include "ops/require.hpp"
#include "ops/scratch.hpp"

namespace octet {
namespace {

constexpr std::size_t kX = 0, kW = 1, kBias = 2;
constexpr int kChannelAxis = 1;  // of the weight {C,K/G,R,S}

struct TransposeShape {
  std::int64_t n = 0, c = 0, h = 0, w = 0;
  std::int64_t k = 0, r = 0, s = 0;
  std::int64_t oh = 0, ow = 0;

  Shape output() const { return {n, k, oh, ow}; }

  static TransposeShape make(const ConvTranspose2d& op, const Shape& x, const Shape& filter);
};

// Numbers up to 2^31 each: the product and the sums stay far below 2^63.
std::int64_t output_extent(const ConvTranspose2d& op, std::size_t axis, std::int64_t extent,
                           std::int64_t kernel) {
  require(extent >= 1 && kernel >= 1, "a transposed convolution of extent ", extent,
          " with a kernel of extent ", kernel, " has nothing to compute");
  const std::int64_t extra = op.output_padding[axis];
  require(extra >= 0 && extra <= limits::kExtent, "the output padding ", extra, " is not in 0 .. ",
          limits::kExtent);
  const Window2d& window = op.window;
  const std::int64_t whole =
      (extent - 1) * window.stride[axis] + window.dilation[axis] * (kernel - 1) + 1 + extra;
  const std::int64_t pads = window.pad[axis] + window.pad[axis + 2];
  require(whole > pads, "the padding ", pads, " leaves nothing of the ", whole,
          " positions of a transposed convolution");
  return whole - pads;
}

TransposeShape TransposeShape::make(const ConvTranspose2d& op, const Shape& x,
                                    const Shape& filter) {
  check(op.window);
  require(x.rank() == 4, "the input has the shape ", x, " where {N,C,H,W} is expected");
  require(filter.rank() == 4, "the weight has the shape ", filter,
          " where {C,K/G,R,S} is expected");
  require(op.groups >= 1 && x[1] >= 1 && x[1] % op.groups == 0, op.groups, " groups do not divide ",
          x[1], " input channels");
  require(filter[0] == x[1], "the weight ", filter, " has ", filter[0],
          " input channels where the input has ", x[1]);
  require(filter[1] >= 1 && op.groups <= limits::kExtent / filter[1],
          "a transposed convolution of ", filter[1], " output channels in each of ", op.groups,
          " groups is not possible");
  TransposeShape shape{x[0], x[1], x[2], x[3], filter[1] * op.groups, filter[2], filter[3], 0, 0};
  shape.oh = output_extent(op, 0, shape.h, shape.r);
  shape.ow = output_extent(op, 1, shape.w, shape.s);
  return shape;
}

// Adds every input, times the filter, to the outputs that it reaches; one output channel at a time.
template <typename X, typename W, typename Tap, typename Sum>
class Scatterer {
 public:
  Scatterer(const ConvTranspose2d& op, const TransposeShape& shape, const ConstView& x,
            const ConstView& w, const ProductOutput& output)
      : window_(op.window),
        shape_(shape),
        x_(x),
        w_(w),
        output_(output),
        group_inputs_(shape.c / op.groups),
        group_outputs_(shape.k / op.groups),
        plane_(shape.oh * shape.ow),
        sums_(scratch<Sum, 2>(static_cast<std::size_t>(plane_))
                  .first(static_cast<std::size_t>(plane_))) {}

  void run() {
    for (std::int64_t n = 0; n < shape_.n; ++n)
      for (std::int64_t k = 0; k < shape_.k; ++k) {
        std::fill(sums_.begin(), sums_.end(), Sum{});
        const std::int64_t first = k / group_outputs_ * group_inputs_;
        for (std::int64_t c = first; c < first + group_inputs_; ++c) add_channel(n, c, k);
        output_.store(k, (n * shape_.k + k) * plane_, std::span<const Sum>(sums_));
      }
  }

 private:
  void add_channel(std::int64_t n, std::int64_t c, std::int64_t k) {
    const X* x = x_.as<X>() + (n * shape_.c + c) * shape_.h * shape_.w;
    const std::int64_t in_group = k % group_outputs_;
    const W* w = w_.as<W>() + (c * group_outputs_ + in_group) * shape_.r * shape_.s;
    const Quant& quant = quant_of(*w_.type);
    const Tap zero = static_cast<Tap>(quant.zero_point(static_cast<std::size_t>(in_group)));
    for (std::int64_t r = 0; r < shape_.r; ++r)
      for (std::int64_t s = 0; s < shape_.s; ++s) add_tap(x, static_cast<Tap>(*w++ - zero), r, s);
  }

  void add_tap(const X* x, Tap w, std::int64_t r, std::int64_t s) {
    const Tap zero = static_cast<Tap>(quant_of(*x_.type).zero_point());
    for (std::int64_t h = 0; h < shape_.h; ++h) {
      const std::int64_t oh = h * window_.stride[0] + r * window_.dilation[0] - window_.pad[0];
      if (oh < 0 || oh >= shape_.oh) continue;
      Sum* row = sums_.data() + oh * shape_.ow;
      std::int64_t ow = s * window_.dilation[1] - window_.pad[1];
      for (std::int64_t i = 0; i < shape_.w; ++i, ow += window_.stride[1])
        if (ow >= 0 && ow < shape_.ow)
          add_product(row[ow], w, static_cast<Tap>(x[h * shape_.w + i] - zero));
    }
  }

  const Window2d& window_;
  const TransposeShape& shape_;
  ConstView x_, w_;
  const ProductOutput& output_;
  std::int64_t group_inputs_, group_outputs_, plane_;
  std::span<Sum> sums_;
};

}  // namespace

Quant repeated(const Quant& quant, std::int64_t groups) {
  Quant all = quant;
  const std::size_t scales = quant.scales.size(), points = quant.zero_points.size();
  for (std::int64_t g = 1; g < groups && scales > 1; ++g)
    all.scales.insert(all.scales.end(), quant.scales.begin(), quant.scales.end());
  for (std::int64_t g = 1; g < groups && points > 1; ++g)
    all.zero_points.insert(all.zero_points.end(), quant.zero_points.begin(),
                           quant.zero_points.end());
  return all;
}

void ConvTranspose2d::visit(AttributeVisitor& visitor) const {
  octet::visit(visitor, window);
  visitor.integer("groups", groups);
  visitor.integers("output_padding", output_padding);
  octet::visit(visitor, activation);
  octet::visit(visitor, output);
  visitor.text("rule", to_string(rule));
}

std::vector<TensorType> ConvTranspose2d::infer(const InferArgs& args) const {
  require_inputs(args, 2, 3);
  const TensorType& x = args.types[kX];
  const TensorType& w = args.types[kW];
  const TransposeShape shape = TransposeShape::make(*this, x.shape, w.shape);
  if (check_factors(x, w, kChannelAxis)) {
    require(output == OutputSpec{}, "a float convolution with the output ",
            octet::to_string(output), " instead of f32");
  } else {
    check_epilogue(rule, activation, output);
  }
  if (has_input(args, kBias)) check_bias(args.types[kBias], shape.k, x, w);
  return {output_type(output, checked_shape(shape.output().extents()))};
}

void ConvTranspose2d::compute(std::span<const ConstView> inputs,
                              std::span<const View> outputs) const {
  const ConstView &x = inputs[kX], &w = inputs[kW];
  const TransposeShape shape = TransposeShape::make(*this, x.shape(), w.shape());
  ProductOutput to{nullptr, activation, operand(inputs, kBias), {}, outputs[0]};
  if (x.dtype() == DType::f32)
    return Scatterer<float, float, float, double>(*this, shape, x, w, to).run();
  const Epilogue epilogue = make_epilogue(rule, activation, output, shape.k, quant_of(*x.type),
                                          repeated(quant_of(*w.type), groups),
                                          to.bias.data != nullptr ? &to.bias : nullptr, {});
  to.epilogue = &epilogue;
  with_byte_types(x.dtype(), w.dtype(), [&]<typename X, typename W>(X, W) {
    Scatterer<X, W, std::int16_t, std::int32_t>(*this, shape, x, w, to).run();
  });
}

}  // namespace octet
