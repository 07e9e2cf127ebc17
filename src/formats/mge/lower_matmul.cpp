#include "ops/matmul.hpp"

#include "formats/mge/lower.hpp"

namespace octet::mge {
namespace {

// MatrixMul and BatchedMatrixMul (a, b). Quantised operands give QuantizedS32(s_a * s_b).
std::vector<ValueId> lower_matmul(Context& context) {
  context.expect_inputs(2, 2);
  const auto& p = context.param<fbs::MatrixMul>();
  if (p.format() != fbs::MatrixMulFormat::DEFAULT)
    unsupported(concat("a MatrixMul of format ", fbs::EnumNameMatrixMulFormat(p.format()),
                       " is not supported"));
  MatMul op;
  op.transpose_a = p.transpose_a();
  op.transpose_b = p.transpose_b();
  // A sum of its own type is the natural result; only 8 bits need a rounding.
  if (const auto output = context.output_spec(); output && output->dtype == DType::s8) {
    op.output = *output;
    op.rule = EpilogueRule::mge_naive;
  }
  return {context.add(std::move(op), {context.input(0), context.input(1)})};
}

constexpr OperatorRow kRows[] = {
    {"MatrixMulV2", lower_matmul},
    {"MatrixMul", lower_matmul},
    {"BatchedMatrixMulV2", lower_matmul},
    {"BatchedMatrixMul", lower_matmul},
};

}  // namespace

std::span<const OperatorRow> matmul_operators() { return kRows; }

}  // namespace octet::mge
