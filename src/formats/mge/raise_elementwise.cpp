// Elementwise functions, changes of element type and matrix products.
#include "formats/mge/elemwise_modes.hpp"
#include "formats/mge/encode_parts.hpp"
#include "formats/mge/raise.hpp"
#include "ops/convert.hpp"
#include "ops/matmul.hpp"
#include "ops/shape.hpp"

namespace octet::mge {
namespace {

Var elemwise(NodeWriter& writer, fbs::ElemwiseMode mode, std::vector<Var> operands) {
  fbs::ElemwiseT p;
  p.mode = mode;
  return writer.add("Elemwise", {param_of(p)}, std::move(operands));
}

// The mode of ElemwiseMultiType with this name.
fbs::MultiTypeMode multi_type_mode(std::string_view name) {
  for (const fbs::MultiTypeMode mode : fbs::EnumValuesMultiTypeMode())
    if (name == fbs::EnumNameMultiTypeMode(mode)) return mode;
  unsupported(concat("MegEngine has no elementwise mode ", name));
}

Var multi_type(NodeWriter& writer, std::string_view name, std::vector<Var> operands,
               const OutputSpec& output) {
  fbs::ElemwiseMultiTypeT p;
  p.mode = multi_type_mode(name);
  return writer.add("ElemwiseMultiType", {param_of(p)}, std::move(operands), output);
}

// What Octet writes as one function and MegEngine by other means; operands are floats.
Var composed(NodeWriter& writer, const Elementwise& op) {
  const Var x = writer.input(0);
  switch (op.mode) {
    case ElementwiseMode::clip:
      return elemwise(writer, fbs::ElemwiseMode::CLIP,
                      {x, writer.scalar(op.alpha), writer.scalar(op.beta)});
    case ElementwiseMode::leaky_relu:
      return elemwise(writer, fbs::ElemwiseMode::PRELU, {x, writer.scalar(op.alpha)});
    case ElementwiseMode::greater:
      return elemwise(writer, fbs::ElemwiseMode::LT, {writer.input(1), x});
    case ElementwiseMode::greater_equal:
      return elemwise(writer, fbs::ElemwiseMode::LEQ, {writer.input(1), x});
    case ElementwiseMode::reciprocal: {
      fbs::PowCT p;
      p.exp = -1.0f;
      return writer.add("PowC", {param_of(p)}, {x});
    }
    default:
      unsupported(concat("the function ", to_string(op.mode), " has no counterpart in MegEngine"));
  }
}

bool is_question(ElementwiseMode mode) {
  switch (mode) {
    case ElementwiseMode::equal:
    case ElementwiseMode::not_equal:
    case ElementwiseMode::less:
    case ElementwiseMode::less_equal:
    case ElementwiseMode::is_nan:
    case ElementwiseMode::is_inf: return true;
    default: return false;
  }
}

std::vector<Var> raise_elementwise(NodeWriter& writer) {
  const auto& op = writer.op<Elementwise>();
  const TensorType& result = writer.output_type();
  const auto same = same_function(op.mode);
  // A sum of integers of one scale needs no rounding.
  const bool plain_sum = !op.output && op.mode == ElementwiseMode::add;
  if (result.quant && !plain_sum) {
    const bool rounds = op.output.has_value();
    require_form(!rounds || op.rule == mge_rule(op.mode, writer.input_types(), result.dtype),
                 "MegEngine quantises ", to_string(op.mode), " not by the rule ",
                 to_string(op.rule));
    require_form(same.has_value(), "MegEngine has no quantised ", to_string(op.mode));
    return {multi_type(writer, concat("Q", fbs::EnumNameElemwiseMode(*same)), writer.inputs(),
                       {result.dtype, result.quant})};
  }
  require_form(!op.output || same.has_value(), "MegEngine has no ", to_string(op.mode),
               " with the output ", to_string(OutputSpec{result.dtype, result.quant}));
  if (!same) return {composed(writer, op)};
  if (is_question(op.mode) && !op.output)
    return {multi_type(writer, fbs::EnumNameElemwiseMode(*same), writer.inputs(),
                       {DType::boolean, std::nullopt})};
  return {elemwise(writer, *same, writer.inputs())};
}

Var type_cvt(NodeWriter& writer, Var x, const OutputSpec& target) {
  return writer.add("TypeCvtV2", {param_of(file_dtype(target))}, {x});
}

std::vector<Var> raise_convert(NodeWriter& writer) {
  const auto& op = writer.op<Convert>();
  require_form(!op.output.quant || op.rule == QuantRule::mge,
               "MegEngine quantises not by the rule ", to_string(op.rule));
  return {type_cvt(writer, writer.input(0), op.output)};
}

std::vector<Var> raise_cast(NodeWriter& writer) {
  return {type_cvt(writer, writer.input(0), {writer.op<Cast>().dtype, std::nullopt})};
}

std::vector<Var> raise_identity(NodeWriter& writer) { return {writer.input(0)}; }

std::vector<Var> raise_matmul(NodeWriter& writer) {
  const auto& op = writer.op<MatMul>();
  const std::size_t rank = writer.type(0).shape.rank();
  require_form(op.activation.kind == ActivationKind::none,
               "MegEngine has no matrix product with an activation");
  require_form(rank == writer.type(1).shape.rank() && (rank == 2 || rank == 3),
               "MegEngine multiplies matrices of 2 or 3 axes, both alike");
  require_form(!op.output || op.rule == EpilogueRule::mge_packed,
               "MegEngine rounds a matrix product not by the rule ", to_string(op.rule));
  fbs::MatrixMulT p;
  p.transpose_a = op.transpose_a;
  p.transpose_b = op.transpose_b;
  const Var product = writer.add(rank == 2 ? "MatrixMulV2" : "BatchedMatrixMulV2", {param_of(p)},
                                 {writer.input(0), writer.input(1)}, op.output);
  if (!writer.has_input(2)) return {product};
  require_form(is_float(writer.type(0).dtype), "MegEngine has no quantised product with a bias");
  return {elemwise(writer, fbs::ElemwiseMode::ADD, {product, writer.input(2)})};
}

constexpr RaiseRow kRows[] = {
    {Elementwise::kKind, raise_elementwise},
    {Convert::kKind, raise_convert},
    {Cast::kKind, raise_cast},
    {Identity::kKind, raise_identity},
    {MatMul::kKind, raise_matmul},
};

}  // namespace

std::span<const RaiseRow> raise_elementwise_rows() { return kRows; }

}  // namespace octet::mge
