#include "ops/operands.hpp"
#include "ops/pool_geometry.hpp"
#include "ops/require.hpp"

namespace octet {

void AdaptivePool2d::visit(AttributeVisitor& visitor) const {
  visitor.text("mode", to_string(mode));
}

std::vector<TensorType> AdaptivePool2d::infer(const InferArgs& args) const {
  require_inputs(args, 2, 2);
  const std::vector<std::int64_t> target = known_integers(args, 1, "target");
  require(target.size() == 2, "the target of adaptive pooling has ", target.size(),
          " elements where height and width are expected");
  const Pool2d pool = fixed_pool(*this, args.types[0].shape, target[0], target[1]);
  return pool.infer({args.types.first(1), args.known.first(1)});
}

void AdaptivePool2d::compute(std::span<const ConstView> inputs,
                             std::span<const View> outputs) const {
  const Shape& y = outputs[0].shape();
  fixed_pool(*this, inputs[0].shape(), y[2], y[3]).compute(inputs.first(1), outputs);
}

}  // namespace octet
