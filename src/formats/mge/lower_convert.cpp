// Operators that change the element type, and those that change nothing.
#include "formats/mge/lower.hpp"
#include "formats/mge/types.hpp"
#include "ops/convert.hpp"

namespace octet::mge {
namespace {

std::vector<ValueId> lower_type_cvt(Context& context) {
  context.expect_inputs(1, 1);
  const OutputSpec target = spec_of(&context.param<fbs::DType>());
  const ValueId x = context.input(0);
  const TensorType& type = context.type(x);
  if (type.dtype == target.dtype && type.quant == target.quant) return {x};
  if (type.quant || target.quant) {
    Convert op;
    op.output = target;
    return {context.add(std::move(op), {x})};
  }
  Cast op;
  op.dtype = target.dtype;
  return {context.add(op, {x})};
}

// Copies between devices, marks for MegEngine's optimiser, order without data.
std::vector<ValueId> lower_pass_through(Context& context) { return {context.input(0)}; }

constexpr OperatorRow kRows[] = {
    {"TypeCvtV2", lower_type_cvt},          {"TypeCvt", lower_type_cvt},
    {"Copy", lower_pass_through},           {"Identity", lower_pass_through},
    {"MarkDynamicVar", lower_pass_through}, {"MarkNoBroadcastElemwise", lower_pass_through},
    {"VirtualDep", lower_pass_through},
};

}  // namespace

std::span<const OperatorRow> convert_operators() { return kRows; }

}  // namespace octet::mge
