// Random pairs of convolutions on the kernels that run both, bit for bit.
#include <gtest/gtest.h>

#include "backends/cuda/backend.hpp"
#include "backends/cuda/kernel_lists.hpp"
#include "support/random_siblings.hpp"

namespace octet::testing {
namespace {

const Backend& backend() {
  static const std::unique_ptr<Backend> cuda = make_cuda_backend();
  return *cuda;
}

class CudaSiblingsRow : public ::testing::TestWithParam<const Kernel*> {};

TEST_P(CudaSiblingsRow, GivesTheReferenceBits) {
  int accepted = 0;
  for_seeds([&](Random& random) {
    const Case c = random_siblings(random);
    if (expect_reference_bits(backend(), *GetParam(), c, kNHWC4, kNHWC4)) ++accepted;
  });
  EXPECT_GT(accepted, 0);
}

std::vector<const Kernel*> rows() {
  std::vector<const Kernel*> rows;
  for (const Kernel& kernel : cuda::conv_siblings_rows()) rows.push_back(&kernel);
  return rows;
}

INSTANTIATE_TEST_SUITE_P(Rows, CudaSiblingsRow, ::testing::ValuesIn(rows()),
                         [](const auto& row) { return row.param->name; });

}  // namespace
}  // namespace octet::testing
