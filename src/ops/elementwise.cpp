#include "ops/elementwise.hpp"

#include "ops/elementwise_functions.hpp"
#include "ops/elementwise_modes.hpp"
#include "ops/operands.hpp"

namespace octet {

void Elementwise::visit(AttributeVisitor& visitor) const {
  visitor.text("mode", to_string(mode));
  const ModeTraits& traits = traits_of(mode);
  if (traits.attributes >= 1) visitor.number("alpha", double{alpha});
  if (traits.attributes >= 2) visitor.number("beta", double{beta});
  if (!output) return;
  octet::visit(visitor, *output);
  if (output->quant) visitor.text("rule", to_string(rule));
}

std::vector<TensorType> Elementwise::infer(const InferArgs& args) const {
  const auto operands = static_cast<std::size_t>(operand_count(mode));
  require_inputs(args, operands, operands);
  Shape shape = args.types[0].shape;
  for (const TensorType& type : args.types.subspan(1)) shape = broadcast(shape, type.shape);
  return {make_plan(*this, args.types).output(checked_shape(shape.extents()))};
}

float evaluate(const Elementwise& op, const float* operands) noexcept {
  float result = 0.0f;
  detail::with_function<float>(op.function(), [&](const auto& f) {
    result = detail::call<float>(f, [&](std::size_t k) { return operands[k]; });
  });
  return result;
}

}  // namespace octet
