// Convolutions that give every block of the Hopper kernels several tiles, and sums that go round
// the ring of stages: what the small random problems never do.
#include <gtest/gtest.h>

#include <cmath>

#include "backends/cuda/backend.hpp"
#include "backends/cuda/runtime/device.hpp"
#include "ops/conv.hpp"
#include "support/random_case.hpp"

namespace octet::testing {
namespace {

const Backend& backend() {
  static const std::unique_ptr<Backend> cuda = make_cuda_backend();
  return *cuda;
}

struct Shape4 {
  std::int64_t n, c, k, extent, filter;
};

Case make_case(const Shape4& shape, ActivationKind activation, bool residual) {
  Random random(11);
  Conv2d op;
  const std::int64_t pad = shape.filter / 2;
  op.window = {{1, 1}, {pad, pad, pad, pad}, {1, 1}};
  op.rule = EpilogueRule::mge_dense;
  op.activation.kind = activation;
  op.output = {DType::s8, Quant::per_tensor(0.9f)};
  if (residual) {
    op.z_rounding = ZRounding::twice;
    op.mid = {DType::s8, Quant::per_tensor(0.7f)};
  }
  const auto map = [&](std::int64_t channels, float scale) {
    return TensorType{DType::s8, Shape{shape.n, channels, shape.extent, shape.extent}, kNCHW,
                      Quant::per_tensor(scale)};
  };
  Case c;
  c.inputs.push_back(random_tensor(random, map(shape.c, 0.05f)));
  c.inputs.push_back(
      random_tensor(random, {DType::s8, Shape{shape.k, shape.c, shape.filter, shape.filter}, kNCHW,
                             Quant::per_tensor(0.01f)}));
  c.inputs.push_back(random_tensor(
      random, {DType::s32, Shape{1, shape.k, 1, 1}, kNCHW, Quant::per_tensor(0.05f * 0.01f)}));
  if (residual) c.inputs.push_back(random_tensor(random, map(shape.k, 0.6f)));
  c.constant = {false, true, true, false};
  c.op = make_op<Conv2d>(op);
  return c;
}

TEST(CudaWgmmaTurns, GiveTheReferenceBits) {
  struct Wanted {
    Shape4 shape;
    ActivationKind activation;
    bool residual;
  };
  // All teams together take multiprocessors x 4 x 64 pixels a turn; 4 images have more than two
  // turns' pixels.
  const auto extent =
      static_cast<std::int64_t>(std::sqrt(2 * 64 * cuda::device().multiprocessors)) + 2;
  const Wanted wanted[] = {
      {{4, 32, 80, extent, 1}, ActivationKind::relu, true},
      {{4, 32, 48, extent, 1}, ActivationKind::none, false},
      {{5, 16, 16, extent, 5}, ActivationKind::relu, false},
  };
  for (const Wanted& w : wanted) {
    const Case c = make_case(w.shape, w.activation, w.residual);
    for (const Kernel& kernel : backend().kernels(Conv2d::kKind)) {
      // Those that split sums refuse such problems.
      if (kernel.name.find("_wgmma_im2col_") == std::string::npos ||
          kernel.name.find("_split") != std::string::npos)
        continue;
      SCOPED_TRACE(kernel.name);
      const Verdict verdict = expect_reference_bits(backend(), kernel, c, kNHWC, kNHWC);
      EXPECT_TRUE(verdict.ok()) << verdict.reason();
    }
  }
}

}  // namespace
}  // namespace octet::testing
