#include "ops/local_core.hpp"
#include "ops/operands.hpp"
#include "ops/product.hpp"
#include "ops/require.hpp"

namespace octet {

void GroupLocal::visit(AttributeVisitor& visitor) const {
  octet::visit(visitor, window);
  if (flip_filter) visitor.integer("flip_filter", 1);
  octet::visit(visitor, output);
  visitor.text("rule", to_string(rule));
}

std::vector<TensorType> GroupLocal::infer(const InferArgs& args) const {
  require_inputs(args, 2, 2);
  const TensorType &x = args.types[0], &w = args.types[1];
  const LocalShape shape = LocalShape::make(x.shape, w.shape, window);
  require(shape.region_rows == shape.oh && shape.region_columns == shape.ow, "the weight ", w.shape,
          " has filters for ", shape.region_rows, " x ", shape.region_columns,
          " positions where the output has ", shape.oh, " x ", shape.ow);
  constexpr int kNoChannelAxis = -1;
  if (check_factors(x, w, kNoChannelAxis)) {
    require(output == OutputSpec{}, "a float convolution with the output ",
            octet::to_string(output), " instead of f32");
  } else {
    check_epilogue(rule, {}, output);
  }
  return {output_type(output, checked_shape(shape.output().extents()))};
}

void GroupLocal::compute(std::span<const ConstView> inputs, std::span<const View> outputs) const {
  const ConstView &x = inputs[0], &w = inputs[1];
  LocalTask task{LocalShape::make(x.shape(), w.shape(), window),
                 window,
                 flip_filter,
                 x,
                 w,
                 {nullptr, {}, {}, {}, outputs[0]}};
  if (x.dtype() == DType::f32) return run(task);
  const Epilogue epilogue = make_epilogue(rule, {}, output, outputs[0].shape()[1],
                                          quant_of(*x.type), quant_of(*w.type), nullptr, {});
  task.output.epilogue = &epilogue;
  run(task);
}

}  // namespace octet
