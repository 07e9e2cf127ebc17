// Random inverted residual blocks on the Hopper kernel that runs them as a whole, bit for bit.
#include <gtest/gtest.h>

#include <algorithm>

#include "backends/cuda/backend.hpp"
#include "backends/cuda/conv/inverted_wgmma/params.hpp"
#include "backends/cuda/kernel_lists.hpp"
#include "support/random_inverted.hpp"

namespace octet::testing {
namespace {

const Backend& backend() {
  static const std::unique_ptr<Backend> cuda = make_cuda_backend();
  return *cuda;
}

TEST(CudaInvertedWgmma, GivesTheReferenceBits) {
  const auto kernels = cuda::inverted_wgmma_rows();
  for (std::size_t i = 0; i < kernels.size(); ++i) {
    int accepted = 0;
    const auto most = std::min(cuda::kInvertedWgmmaShapes[i].out_channels(), 160);
    for (int seed = 0; seed < 500 && accepted < 12; ++seed) {
      SCOPED_TRACE(kernels[i].name + ", seed " + std::to_string(seed));
      Random random(static_cast<std::uint64_t>(seed));
      const Case c = random_inverted(random, most);
      if (expect_reference_bits(backend(), kernels[i], c, kNHWC4, kNHWC4)) ++accepted;
      if (HasFailure()) return;
    }
    EXPECT_GT(accepted, 3) << kernels[i].name;
  }
}

TEST(CudaInvertedWgmma, RandomBlocks) {
  for_seeds([&](Random& random) {
    const Case c = random_inverted(random, 160);
    for (const Kernel& kernel : cuda::inverted_wgmma_rows())
      static_cast<void>(expect_reference_bits(backend(), kernel, c, kNHWC4, kNHWC4));
  });
}

}  // namespace
}  // namespace octet::testing
