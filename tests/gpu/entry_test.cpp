// Random first layers with the block behind them on the kernel that runs them as a whole, bit for
// bit.
#include <gtest/gtest.h>

#include "backends/cuda/backend.hpp"
#include "backends/cuda/conv/entry/plan.hpp"
#include "backends/cuda/kernel_lists.hpp"
#include "support/random_inverted.hpp"
#include "support/random_stem.hpp"

namespace octet::testing {
namespace {

const Backend& backend() {
  static const std::unique_ptr<Backend> cuda = make_cuda_backend();
  return *cuda;
}

TEST(CudaEntry, GivesTheReferenceBits) {
  for (const Kernel& kernel : cuda::entry_rows()) {
    int accepted = 0;
    for (int seed = 0; seed < 60; ++seed) {
      SCOPED_TRACE(kernel.name + ", seed " + std::to_string(seed));
      Random random(static_cast<std::uint64_t>(seed));
      if (expect_reference_bits(backend(), kernel, random_entry(random), kNCHW, kNHWC4)) ++accepted;
      if (HasFailure()) return;
    }
    EXPECT_GT(accepted, 20) << kernel.name;
  }
}

TEST(CudaEntry, RandomProblems) {
  for_seeds([&](Random& random) {
    const Case c = random_entry(random);
    for (const Kernel& kernel : cuda::entry_rows())
      static_cast<void>(
          expect_reference_bits(backend(), kernel, c, kNCHW, random.pick({kNHWC, kNHWC4})));
  });
}

TEST(CudaEntry, QuantisesWhatIsNoNumberAsTheReferenceDoes) {
  for (int seed = 0; seed < 20; ++seed) {
    Random random(static_cast<std::uint64_t>(seed));
    Case c = random_entry(random);
    Tensor& x = *c.inputs[0];
    if (x.dtype() != DType::f32) continue;
    scatter_odd_floats(random, x);
    for (const Kernel& kernel : cuda::entry_rows())
      static_cast<void>(expect_reference_bits(backend(), kernel, c, kNCHW, kNHWC4));
  }
}

}  // namespace
}  // namespace octet::testing
