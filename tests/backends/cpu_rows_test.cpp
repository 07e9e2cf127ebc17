// Random problems on the rows of our CPU kernels other than convolutions, bit for bit.
#include <gtest/gtest.h>

#include "backends/cpu_rows.hpp"
#include "ops/convert.hpp"
#include "ops/elementwise.hpp"
#include "ops/matmul.hpp"
#include "ops/move.hpp"
#include "ops/pool.hpp"
#include "support/random_ops.hpp"

namespace octet::testing {
namespace {

class CpuRow : public ::testing::TestWithParam<const Kernel*> {
 protected:
  bool is(std::string_view prefix) const { return GetParam()->name.starts_with(prefix); }
};
using CpuPoolRow = CpuRow;
using CpuConvertRow = CpuRow;
using CpuRelayoutRow = CpuRow;
using CpuElementwiseRow = CpuRow;
using CpuMoveRow = CpuRow;
using CpuMatMulRow = CpuRow;

TEST_P(CpuPoolRow, GivesTheReferenceBits) {
  expect_row_bits(*GetParam(), is("adaptive") ? random_adaptive_pool : random_pool, kNHWC, kNHWC);
}

TEST_P(CpuConvertRow, GivesTheReferenceBitsInEveryOrder) {
  for (const auto& [from, to] : {std::pair{kNHWC, kNHWC}, {kNCHW, kNHWC}, {kNHWC, kNCHW}})
    expect_row_bits(*GetParam(), random_convert, from, to);
}

TEST_P(CpuRelayoutRow, GivesTheReferenceBitsBothWays) {
  const auto draw = [](const Layout& to) {
    return [to](Random& random) { return random_relayout(random, to); };
  };
  expect_row_bits(*GetParam(), draw(kNHWC), kNCHW, kNHWC);
  expect_row_bits(*GetParam(), draw(kNCHW), kNHWC, kNCHW);
}

TEST_P(CpuElementwiseRow, GivesTheReferenceBits) {
  for (const Layout& layout : {kNHWC, kNCHW})
    expect_row_bits(*GetParam(), is("elementwise_q8_table") ? random_unary : random_binary, layout,
                    layout);
}

TEST_P(CpuMoveRow, GivesTheReferenceBits) {
  const auto draw = is("concat")  ? random_concat
                    : is("split") ? random_split
                    : is("slice") ? random_slice
                                  : random_gather;
  for (const Layout& layout : {kNHWC, kNCHW}) expect_row_bits(*GetParam(), draw, layout, layout);
}

TEST_P(CpuMatMulRow, GivesTheReferenceBits) {
  expect_row_bits(*GetParam(), random_matmul, kNCHW, kNCHW);
}

const auto kRowName = [](const auto& row) { return row.param->name; };

INSTANTIATE_TEST_SUITE_P(Rows, CpuPoolRow,
                         ::testing::ValuesIn(cpu_rows({Pool2d::kKind, AdaptivePool2d::kKind})),
                         kRowName);
INSTANTIATE_TEST_SUITE_P(Rows, CpuConvertRow, ::testing::ValuesIn(cpu_rows({Convert::kKind})),
                         kRowName);
INSTANTIATE_TEST_SUITE_P(Rows, CpuRelayoutRow, ::testing::ValuesIn(cpu_rows({Relayout::kKind})),
                         kRowName);
INSTANTIATE_TEST_SUITE_P(Rows, CpuElementwiseRow,
                         ::testing::ValuesIn(cpu_rows({Elementwise::kKind})), kRowName);
INSTANTIATE_TEST_SUITE_P(Rows, CpuMoveRow,
                         ::testing::ValuesIn(cpu_rows({Concat::kKind, Split::kKind, Slice::kKind,
                                                       Gather::kKind})),
                         kRowName);
INSTANTIATE_TEST_SUITE_P(Rows, CpuMatMulRow, ::testing::ValuesIn(cpu_rows({MatMul::kKind})),
                         kRowName);

}  // namespace
}  // namespace octet::testing
