#include "ops/convert.hpp"
#include "ops/elements.hpp"
#include "ops/operands.hpp"
#include "ops/require.hpp"

namespace octet {
namespace {

template <typename Y, typename X>
Y cast(X value, DType dtype) noexcept {
  if constexpr (std::is_integral_v<X>) {
    return from_integer<Y>(value, dtype);
  } else {
    const double real = static_cast<double>(value);
    if constexpr (std::is_integral_v<Y>)
      if (dtype == DType::boolean) return real != 0.0 ? Y{1} : Y{0};
    return from_real<Y>(real, dtype);
  }
}

}  // namespace

void Cast::visit(AttributeVisitor& visitor) const { visitor.text("dtype", to_string(dtype)); }

std::vector<TensorType> Cast::infer(const InferArgs& args) const {
  require_inputs(args, 1, 1);
  const TensorType& x = args.types[0];
  require(!x.quant, "a cast reads the quantised value ", x,
          ", whose real value only a conversion keeps");
  return {TensorType{dtype, x.shape, kNCHW, std::nullopt}};
}

void Cast::compute(std::span<const ConstView> inputs, std::span<const View> outputs) const {
  const auto count = static_cast<std::size_t>(inputs[0].shape().elements());
  with_storage(inputs[0].dtype(), [&]<typename X>(std::type_identity<X>) {
    with_storage(dtype, [&]<typename Y>(std::type_identity<Y>) {
      const X* x = inputs[0].as<X>();
      Y* y = outputs[0].as<Y>();
      for (std::size_t i = 0; i < count; ++i) y[i] = cast<Y>(x[i], dtype);
    });
  });
}

}  // namespace octet
