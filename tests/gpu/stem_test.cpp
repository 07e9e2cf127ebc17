// Random first layers on the kernel that runs them as a whole, bit for bit.
#include <gtest/gtest.h>

#include "backends/cuda/backend.hpp"
#include "backends/cuda/kernel_lists.hpp"
#include "support/random_stem.hpp"

namespace octet::testing {
namespace {

const Backend& backend() {
  static const std::unique_ptr<Backend> cuda = make_cuda_backend();
  return *cuda;
}

const Kernel& row() { return cuda::stem_rows().front(); }

TEST(CudaStem, GivesTheReferenceBits) {
  int accepted = 0;
  for_seeds([&](Random& random) {
    const Case c = random_stem(random);
    if (expect_reference_bits(backend(), row(), c, kNCHW,
                              random.pick({kNHWC, kNHWC4, kNCHW32, kNCHW4, kCHWN4})))
      ++accepted;
  });
  EXPECT_GT(accepted, 0);
}

// Every kernel that is compiled meets a problem of its own.
TEST(CudaStem, ManyProblems) {
  int accepted = 0;
  for (int seed = 1000; seed < 1080; ++seed) {
    Random random(static_cast<std::uint64_t>(seed));
    if (expect_reference_bits(backend(), row(), random_stem(random), kNCHW, kNHWC4)) ++accepted;
  }
  EXPECT_GT(accepted, 40);
}

TEST(CudaStem, ManyProblemsInPlanes) {
  int accepted = 0;
  for (int seed = 2000; seed < 2080; ++seed) {
    Random random(static_cast<std::uint64_t>(seed));
    if (expect_reference_bits(backend(), row(), random_stem(random), kNCHW, kNCHW32)) ++accepted;
  }
  EXPECT_GT(accepted, 10);
}

TEST(CudaStem, ManyProblemsByWords) {
  for (const Layout& layout : {kNCHW4, kCHWN4}) {
    int accepted = 0;
    for (int seed = 3000; seed < 3040; ++seed) {
      Random random(static_cast<std::uint64_t>(seed));
      if (expect_reference_bits(backend(), row(), random_stem(random), kNCHW, layout)) ++accepted;
    }
    EXPECT_GT(accepted, 10);
  }
}

TEST(CudaStem, QuantisesWhatIsNoNumberAsTheReferenceDoes) {
  for (int seed = 0; seed < 20; ++seed) {
    Random random(static_cast<std::uint64_t>(seed));
    Case c = random_stem(random);
    Tensor& x = *c.inputs[0];
    if (x.dtype() != DType::f32) continue;
    scatter_odd_floats(random, x);
    static_cast<void>(expect_reference_bits(backend(), row(), c, kNCHW, kNHWC4));
  }
}

}  // namespace
}  // namespace octet::testing
