#include <algorithm>
#include <array>

#include "ops/convert.hpp"
#include "ops/elements.hpp"
#include "ops/operands.hpp"
#include "ops/product.hpp"
#include "ops/require.hpp"

namespace octet {
namespace {

// Where the elements of a layout lie: n, block of channels, h and w have a stride each, and the
// channels inside a block lie side by side.
struct Strides {
  std::int64_t n = 0, block = 0, h = 0, w = 0, vector = 1;

  static Strides of(const TensorType& type) {
    const Shape& shape = type.shape;
    Strides strides;
    strides.vector = type.layout.vector;
    std::int64_t step = strides.vector;
    for (auto axis = type.layout.order.rbegin(); axis != type.layout.order.rend(); ++axis) {
      switch (*axis) {
        case 'N': strides.n = step, step *= shape[0]; break;
        case 'C':
          strides.block = step, step *= (shape[1] + strides.vector - 1) / strides.vector;
          break;
        case 'H': strides.h = step, step *= shape[2]; break;
        default: strides.w = step, step *= shape[3]; break;
      }
    }
    return strides;
  }
  std::int64_t channel(std::int64_t c) const noexcept { return c / vector * block + c % vector; }
};

template <typename T>
void copy(const T* from, const Strides& in, T* to, const Strides& out, const Shape& shape) {
  for (std::int64_t n = 0; n < shape[0]; ++n)
    for (std::int64_t c = 0; c < shape[1]; ++c)
      for (std::int64_t h = 0; h < shape[2]; ++h) {
        const T* x = from + n * in.n + in.channel(c) + h * in.h;
        T* y = to + n * out.n + out.channel(c) + h * out.h;
        for (std::int64_t w = 0; w < shape[3]; ++w) y[w * out.w] = x[w * in.w];
      }
}

template <typename T>
void fill_padding(T* to, const Strides& out, const Shape& shape, T value) {
  const std::int64_t end = (shape[1] + out.vector - 1) / out.vector * out.vector;
  for (std::int64_t n = 0; n < shape[0]; ++n)
    for (std::int64_t c = shape[1]; c < end; ++c)
      for (std::int64_t h = 0; h < shape[2]; ++h)
        for (std::int64_t w = 0; w < shape[3]; ++w)
          to[n * out.n + out.channel(c) + h * out.h + w * out.w] = value;
}

bool is_known(const Layout& layout) { return parse_layout(to_string(layout)) == layout; }

}  // namespace

void copy_layout(const ConstView& from, const View& to) {
  const TensorType& type = *to.type;
  const Strides in = Strides::of(*from.type), out = Strides::of(type);
  with_storage(type.dtype, [&]<typename T>(std::type_identity<T>) {
    copy(from.as<T>(), in, to.as<T>(), out, type.shape);
    const double zero_point = quant_of(type).zero_point();
    fill_padding(to.as<T>(), out, type.shape, from_real<T>(zero_point, type.dtype));
  });
}

void Relayout::visit(AttributeVisitor& visitor) const { visitor.text("layout", to_string(layout)); }

std::vector<TensorType> Relayout::infer(const InferArgs& args) const {
  require_inputs(args, 1, 1);
  TensorType y = args.types[0];
  require(y.shape.rank() == 4, "the layout ", to_string(layout), " of a value of shape ", y.shape,
          " has no meaning: it needs {N,C,H,W}");
  require_supported(is_known(layout), "the layout ", to_string(layout), " is not supported");
  y.layout = layout;
  return {y};
}

void Relayout::compute(std::span<const ConstView> inputs, std::span<const View> outputs) const {
  copy_layout(inputs[0], outputs[0]);
}

}  // namespace octet
