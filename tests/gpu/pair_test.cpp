// Random pairs of 1x1 convolutions on the kernels that run both, bit for bit.
#include <gtest/gtest.h>

#include "backends/cuda/backend.hpp"
#include "backends/cuda/kernel_lists.hpp"
#include "backends/cuda/runtime/device.hpp"
#include "support/random_pair.hpp"

namespace octet::testing {
namespace {

const Backend& backend() {
  static const std::unique_ptr<Backend> cuda = make_cuda_backend();
  return *cuda;
}

class CudaPair : public ::testing::TestWithParam<const Kernel*> {};

TEST_P(CudaPair, GivesTheReferenceBits) {
  const std::int64_t least_pixels = 64 * cuda::device().multiprocessors;
  int accepted = 0;
  for_seeds([&](Random& random) {
    const Case c = random_pair(random, least_pixels);
    if (expect_reference_bits(backend(), *GetParam(), c, kNHWC, kNHWC)) ++accepted;
  });
  EXPECT_GT(accepted, 0);
}

std::vector<const Kernel*> rows() {
  std::vector<const Kernel*> rows;
  for (const Kernel& kernel : cuda::pair_rows()) rows.push_back(&kernel);
  return rows;
}

INSTANTIATE_TEST_SUITE_P(Rows, CudaPair, ::testing::ValuesIn(rows()),
                         [](const auto& row) { return row.param->name; });

}  // namespace
}  // namespace octet::testing
