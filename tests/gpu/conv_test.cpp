// Random convolutions on every convolution row of the CUDA backend, bit for bit.
#include <gtest/gtest.h>

#include "backends/cuda/backend.hpp"
#include "support/random_conv.hpp"

namespace octet::testing {
namespace {

const Backend& backend() {
  static const std::unique_ptr<Backend> cuda = make_cuda_backend();
  return *cuda;
}

bool names(const Kernel& kernel, std::string_view part) {
  return kernel.name.find(part) != std::string::npos;
}

// The layouts of input and output that exercise a row, and problems that it tends to accept.
Layout input_layout(const Kernel& kernel, Random& random) {
  if (names(kernel, "_nhwc4_")) return kNHWC4;
  if (names(kernel, "_nchw4_")) return kNCHW4;
  if (names(kernel, "_nchw32_")) return kNCHW32;
  if (names(kernel, "_chwn4_")) return kCHWN4;
  if (names(kernel, "_nhwc_")) return random.pick({kNHWC, kNHWC4});
  return random.pick({kNCHW, kNHWC, kNCHW4, kNCHW32, kCHWN4});
}

Layout output_layout(const Layout& input, const Kernel& kernel, Random& random) {
  if (names(kernel, "_imma_") && !(input == kCHWN4) && random.chance(0.3))
    return random.pick({kNHWC, kNCHW4, kNCHW32});
  return input;
}

ConvWishes wishes_for(const Kernel& kernel, Random& random) {
  ConvWishes wishes;
  wishes.dense = !names(kernel, "_direct_");
  if (names(kernel, "_nhwc_")) wishes.channel_step = 16;
  wishes.most_channels = random.chance(0.2) ? 300 : 140;
  return wishes;
}

class CudaConvRow : public ::testing::TestWithParam<const Kernel*> {};

TEST_P(CudaConvRow, GivesTheReferenceBits) {
  const Kernel& kernel = *GetParam();
  int accepted = 0;
  for_seeds([&](Random& random) {
    const Layout input = input_layout(kernel, random);
    const Layout output = output_layout(input, kernel, random);
    const Case c = random_conv(random, wishes_for(kernel, random));
    if (expect_reference_bits(backend(), kernel, c, input, output)) ++accepted;
  });
  RecordProperty("accepted", accepted);
  EXPECT_GT(accepted, 0);
}

std::vector<const Kernel*> rows() {
  std::vector<const Kernel*> rows;
  for (const Kernel& kernel : backend().kernels(Conv2d::kKind)) rows.push_back(&kernel);
  return rows;
}

INSTANTIATE_TEST_SUITE_P(Rows, CudaConvRow, ::testing::ValuesIn(rows()),
                         [](const auto& row) { return row.param->name; });

}  // namespace
}  // namespace octet::testing
