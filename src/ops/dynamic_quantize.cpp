#include <algorithm>

#include "ops/convert.hpp"
#include "ops/epilogue.hpp"
#include "ops/operands.hpp"
#include "ops/require.hpp"

namespace octet {

void DynamicQuantize::visit(AttributeVisitor&) const {}

std::vector<TensorType> DynamicQuantize::infer(const InferArgs& args) const {
  require_inputs(args, 1, 1);
  const TensorType& x = args.types[0];
  require(x.dtype == DType::f32, "the input is ", x, " where f32 is expected");
  return {TensorType{DType::u8, x.shape, kNCHW, std::nullopt},
          TensorType{DType::f32, Shape{}, kNCHW, std::nullopt},
          TensorType{DType::u8, Shape{}, kNCHW, std::nullopt}};
}

void DynamicQuantize::compute(std::span<const ConstView> inputs,
                              std::span<const View> outputs) const {
  const std::span<const float> x(inputs[0].as<float>(),
                                 static_cast<std::size_t>(inputs[0].shape().elements()));
  float least = 0.0f, most = 0.0f;
  for (const float value : x) {
    least = std::min(least, value);
    most = std::max(most, value);
  }
  Quantiser quantiser = Quantiser::make({DType::u8, std::nullopt}, QuantRule::onnx);
  // The zero point is what -least becomes, before there is a zero point to add.
  quantiser.factor = most == least ? 1.0f : (most - least) / quantiser.highest;
  quantiser.zero_point = quantiser(-least);
  for (std::size_t i = 0; i < x.size(); ++i)
    outputs[0].as<std::uint8_t>()[i] = static_cast<std::uint8_t>(quantiser(x[i]));
  outputs[1].as<float>()[0] = quantiser.factor;
  outputs[2].as<std::uint8_t>()[0] = static_cast<std::uint8_t>(quantiser.zero_point);
}

}  // namespace octet
