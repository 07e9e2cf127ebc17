// Random inverted residual blocks on the kernel that runs them as a whole, bit for bit.
#include <gtest/gtest.h>

#include <utility>

#include "backends/cuda/backend.hpp"
#include "backends/cuda/conv/inverted/plan.hpp"
#include "backends/cuda/kernel_lists.hpp"
#include "backends/cuda/runtime/device.hpp"
#include "support/random_inverted.hpp"

namespace octet::testing {
namespace {

const Backend& backend() {
  static const std::unique_ptr<Backend> cuda = make_cuda_backend();
  return *cuda;
}

// Whatever the kernel can do, also where it would not be worth it.
template <std::size_t kShape>
Kernel row_of() {
  Kernel kernel = cuda::inverted_rows()[kShape];
  kernel.check = [](const Problem& problem, const Demands&) {
    return cuda::check_inverted(problem, cuda::kInvertedShapes[kShape],
                                static_cast<int>(cuda::device().shared_memory_per_block));
  };
  return kernel;
}

template <std::size_t... kShape>
std::vector<Kernel> rows(std::index_sequence<kShape...>) {
  return {row_of<kShape>()...};
}
std::vector<Kernel> rows() {
  return rows(std::make_index_sequence<std::size(cuda::kInvertedShapes)>{});
}

TEST(CudaInverted, GivesTheReferenceBits) {
  const std::vector<Kernel> kernels = rows();
  for (std::size_t i = 0; i < kernels.size(); ++i) {
    int accepted = 0;
    for (int seed = 0; seed < 24; ++seed) {
      SCOPED_TRACE(kernels[i].name + ", seed " + std::to_string(seed));
      Random random(static_cast<std::uint64_t>(seed));
      const cuda::InvertedShape& shape = cuda::kInvertedShapes[i];
      const Case c = random_inverted(random, shape.n, shape.expands);
      if (expect_reference_bits(backend(), kernels[i], c, kNHWC4, kNHWC4)) ++accepted;
      if (HasFailure()) return;
    }
    EXPECT_GT(accepted, 3) << kernels[i].name;
  }
}

TEST(CudaInverted, RandomBlocks) {
  const std::vector<Kernel> kernels = rows();
  for_seeds([&](Random& random) {
    const Case c = random_inverted(random, 160, random.chance(0.7));
    for (const Kernel& kernel : kernels)
      static_cast<void>(expect_reference_bits(backend(), kernel, c, kNHWC4, kNHWC4));
  });
}

}  // namespace
}  // namespace octet::testing
