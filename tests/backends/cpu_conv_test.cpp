// Random convolutions on every convolution row of our own CPU kernels, bit for bit.
#include <gtest/gtest.h>

#include "backends/cpu_rows.hpp"
#include "support/random_conv.hpp"

namespace octet::testing {
namespace {

class CpuConvRow : public ::testing::TestWithParam<const Kernel*> {};

TEST_P(CpuConvRow, GivesTheReferenceBits) {
  const bool depthwise = GetParam()->name.find("depthwise") != std::string::npos;
  const auto draw = [&](Random& random) {
    ConvWishes wishes;
    wishes.depthwise = depthwise || random.chance(0.1);
    return random_conv(random, wishes);
  };
  expect_row_bits(*GetParam(), draw, kNHWC, kNHWC);
}

INSTANTIATE_TEST_SUITE_P(Rows, CpuConvRow, ::testing::ValuesIn(cpu_rows({Conv2d::kKind})),
                         [](const auto& row) { return row.param->name; });

}  // namespace
}  // namespace octet::testing
