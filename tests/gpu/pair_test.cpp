// Random pairs of 1x1 convolutions on the kernels that run both, bit for bit.
#include <gtest/gtest.h>

#include "backends/cuda/backend.hpp"
#include "backends/cuda/conv/pair/params.hpp"
#include "backends/cuda/kernel_lists.hpp"
#include "backends/cuda/runtime/device.hpp"
#include "support/random_pair.hpp"

namespace octet::testing {
namespace {

const Backend& backend() {
  static const std::unique_ptr<Backend> cuda = make_cuda_backend();
  return *cuda;
}

class CudaPair : public ::testing::TestWithParam<std::size_t> {};

TEST_P(CudaPair, GivesTheReferenceBits) {
  const cuda::PairTile& tile = cuda::kPairTiles[GetParam()];
  const PairSize size{tile.least_pixels * cuda::device().multiprocessors, tile.depth,
                      tile.channels};
  int accepted = 0;
  for_seeds([&](Random& random) {
    const Case c = random_pair(random, size);
    if (expect_reference_bits(backend(), cuda::pair_rows()[GetParam()], c, kNHWC, kNHWC))
      ++accepted;
  });
  EXPECT_GT(accepted, 0);
}

INSTANTIATE_TEST_SUITE_P(Rows, CudaPair, ::testing::Range(std::size_t{0}, cuda::kPairTiles.size()),
                         [](const auto& row) { return cuda::pair_rows()[row.param].name; });

}  // namespace
}  // namespace octet::testing
