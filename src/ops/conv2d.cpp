#include "ops/conv_core.hpp"
#include "ops/operands.hpp"
#include "ops/product.hpp"
#include "ops/require.hpp"

namespace octet {
namespace {

constexpr std::size_t kX = 0, kW = 1, kBias = 2, kZ = 3;

void check_z(const Conv2d& op, const TensorType& z, const Shape& output, bool is_float) {
  check_residual(z, output, is_float);
  require(op.output.dtype != DType::s32,
          "a residual operand cannot be added to sums that stay s32");
  if (op.z_rounding == ZRounding::once) return;
  require(!is_float && op.mid.quant.has_value(),
          "a residual addition rounded twice needs a quantised result in between");
}

// The output of the sums, before a residual operand that is added with a rounding of its own.
void check_rules(const Conv2d& op, bool has_z) {
  if (!has_z || op.z_rounding == ZRounding::once)
    return check_epilogue(op.rule, op.activation, op.output);
  check_epilogue(op.rule, op.mid_activation, op.mid);
  // The sum is in real numbers, where every activation has a meaning.
  check_epilogue(EpilogueRule::mge_dense, op.activation, op.output);
}

}  // namespace

void Conv2d::visit(AttributeVisitor& visitor) const {
  octet::visit(visitor, window);
  visitor.integer("groups", groups);
  if (flip_filter) visitor.integer("flip_filter", 1);
  octet::visit(visitor, activation);
  octet::visit(visitor, output);
  visitor.text("rule", to_string(rule));
  if (z_rounding == ZRounding::once) return;
  visitor.text("z_rounding", "twice");
  octet::visit(visitor, mid, "mid");
  octet::visit(visitor, mid_activation, "mid_");
  visitor.text("z_rule", to_string(z_rule));
}

std::vector<TensorType> Conv2d::infer(const InferArgs& args) const {
  require_inputs(args, 2, 4);
  const TensorType& x = args.types[kX];
  const TensorType& w = args.types[kW];
  const ConvShape shape = ConvShape::make(x.shape, w.shape, groups, window);
  const bool is_float = check_factors(x, w, 0);
  const bool has_z = has_input(args, kZ);
  if (is_float) {
    require(output == OutputSpec{}, "a float convolution with the output ",
            octet::to_string(output), " instead of f32");
  } else {
    check_rules(*this, has_z);
  }
  if (has_input(args, kBias)) check_bias(args.types[kBias], shape.k, x, w);
  const Shape output_shape = checked_shape(shape.output().extents());
  if (has_z) check_z(*this, args.types[kZ], output_shape, is_float);
  return {output_type(output, output_shape)};
}

void Conv2d::compute(std::span<const ConstView> inputs, std::span<const View> outputs) const {
  const ConstView &x = inputs[kX], &w = inputs[kW];
  ConvTask task{
      ConvShape::make(x.shape(), w.shape(), groups, window), window, flip_filter, false, x, w, {}};
  task.output = {nullptr, activation, operand(inputs, kBias), operand(inputs, kZ), outputs[0]};
  if (x.dtype() == DType::f32) return run(task);
  run_integers(*this, task);
}

}  // namespace octet
