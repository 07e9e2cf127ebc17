#include <cstring>

#include "ops/convert.hpp"
#include "ops/operands.hpp"

namespace octet {

void SetQuant::visit(AttributeVisitor& visitor) const {
  if (!quant) return visitor.text("quant", "none");
  // The dtype stays that of the input; only the scales are an attribute.
  visitor.text("quant", to_string(*quant));
}

std::vector<TensorType> SetQuant::infer(const InferArgs& args) const {
  require_inputs(args, 1, 1);
  const TensorType& x = args.types[0];
  if (quant) check(*quant, x.dtype, x.shape);
  return {TensorType{x.dtype, x.shape, kNCHW, quant}};
}

void SetQuant::compute(std::span<const ConstView> inputs, std::span<const View> outputs) const {
  if (const std::size_t bytes = outputs[0].type->bytes(); bytes > 0)
    std::memcpy(outputs[0].data, inputs[0].data, bytes);
}

}  // namespace octet
