#include "ops/local_core.hpp"
#include "ops/operands.hpp"
#include "ops/require.hpp"

namespace octet {

void LocalShare::visit(AttributeVisitor& visitor) const {
  octet::visit(visitor, window);
  if (flip_filter) visitor.integer("flip_filter", 1);
}

std::vector<TensorType> LocalShare::infer(const InferArgs& args) const {
  require_inputs(args, 2, 2);
  const TensorType &x = args.types[0], &w = args.types[1];
  require_supported(x.dtype == DType::f32 && w.dtype == DType::f32, "a local_share of ", x, " and ",
                    w, " is not supported: it works on f32");
  const LocalShape shape = LocalShape::make(x.shape, w.shape, window);
  return {TensorType{DType::f32, checked_shape(shape.output().extents()), kNCHW, std::nullopt}};
}

void LocalShare::compute(std::span<const ConstView> inputs, std::span<const View> outputs) const {
  const ConstView &x = inputs[0], &w = inputs[1];
  run(LocalTask{LocalShape::make(x.shape(), w.shape(), window),
                window,
                flip_filter,
                x,
                w,
                {nullptr, {}, {}, {}, outputs[0]}});
}

}  // namespace octet
