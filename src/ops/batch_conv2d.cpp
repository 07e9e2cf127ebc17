#include "ops/conv_core.hpp"
#include "ops/operands.hpp"
#include "ops/product.hpp"
#include "ops/require.hpp"

namespace octet {
namespace {

constexpr std::size_t kX = 0, kW = 1, kBias = 2, kZ = 3;

// What one image goes through.
Conv2d single(const BatchConv2d& op) {
  Conv2d conv;
  conv.window = op.window;
  conv.groups = op.groups;
  conv.activation = op.activation;
  conv.output = op.output;
  conv.rule = op.rule;
  return conv;
}

TensorType filter_of_one_image(const TensorType& w) {
  require(w.shape.rank() == 5, "the weight has the shape ", w.shape,
          " where {N,K,C/G,R,S} is expected");
  require_supported(quant_of(w).is_per_tensor(), "a weight with a scale per channel (", w,
                    ") is not supported here");
  TensorType filter = w;
  filter.shape = Shape(w.shape.extents().subspan(1));
  return filter;
}

}  // namespace

void BatchConv2d::visit(AttributeVisitor& visitor) const { single(*this).visit(visitor); }

std::vector<TensorType> BatchConv2d::infer(const InferArgs& args) const {
  require_inputs(args, 2, 4);
  const Shape& x = args.types[kX].shape;
  const TensorType& w = args.types[kW];
  std::vector<TensorType> types(args.types.begin(), args.types.end());
  types[kW] = filter_of_one_image(w);
  require(x.rank() != 4 || w.shape[0] == x[0], "there are filters for ", w.shape[0],
          " images where the input ", x, " has ", x[0]);
  return single(*this).infer({types, args.known});
}

void BatchConv2d::compute(std::span<const ConstView> inputs, std::span<const View> outputs) const {
  const ConstView &x = inputs[kX], &w = inputs[kW];
  const Shape filter(w.shape().extents().subspan(1));
  ConvTask task{ConvShape::make(x.shape(), filter, groups, window), window, false, true, x, w, {}};
  task.output = {nullptr, activation, operand(inputs, kBias), operand(inputs, kZ), outputs[0]};
  if (x.dtype() == DType::f32) return run(task);
  run_integers(single(*this), task);
}

}  // namespace octet
