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
  if (names(kernel, "_nhwc_"))
    return names(kernel, "_dp4a_") ? kNHWC : random.pick({kNHWC, kNHWC4});
  if (names(kernel, "_depthwise_")) return random.pick({kNHWC4, kNHWC4, kNCHW4, kNCHW32, kCHWN4});
  return random.pick({kNCHW, kNHWC, kNCHW4, kNCHW32, kCHWN4});
}

Layout output_layout(const Layout& input, const Kernel& kernel, Random& random) {
  if (names(kernel, "_imma_") && !(input == kCHWN4) && random.chance(0.3))
    return random.pick({kNHWC, kNCHW4, kNCHW32});
  return input;
}

ConvWishes wishes_for(const Kernel& kernel, Random& random) {
  ConvWishes wishes;
  wishes.dense = !names(kernel, "_direct_") && !names(kernel, "_dp4a_");
  wishes.depthwise = names(kernel, "_depthwise_") || names(kernel, "_diagonal_");
  for (const std::int64_t filter : {3, 5, 7})
    for (const std::int64_t stride : {1, 2})
      if (names(kernel, "_" + std::to_string(filter) + "x" + std::to_string(filter) + "s" +
                            std::to_string(stride))) {
        wishes.filter = filter;
        wishes.stride = stride;
      }
  wishes.same_size = names(kernel, "_halo_");
  if (names(kernel, "_nhwc_")) wishes.channel_step = names(kernel, "_dp4a_") ? 4 : 16;
  if (names(kernel, "_nchw32_wgmma_halo_")) wishes.channel_step = 32;
  if (names(kernel, "_wgmma_images_")) wishes.channel_step = 4;
  wishes.most_channels = random.chance(0.2) ? 300 : 140;
  if (names(kernel, "_chwn4_") &&
      random.chance(0.7)) {  // four images are a vector, 32 a tile's row
    wishes.many_images = true;
    wishes.most_channels = 40;
  }
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

std::vector<const Kernel*> rows(std::string_view kind) {
  std::vector<const Kernel*> rows;
  for (const Kernel& kernel : backend().kernels(kind)) rows.push_back(&kernel);
  return rows;
}
const auto kRowName = [](const auto& row) { return row.param->name; };

INSTANTIATE_TEST_SUITE_P(Rows, CudaConvRow, ::testing::ValuesIn(rows(Conv2d::kKind)), kRowName);

// Filters per image and per position: every row, and the problems that are left to others.
class CudaBatchConvRow : public ::testing::TestWithParam<const Kernel*> {};
class CudaLocalRow : public ::testing::TestWithParam<const Kernel*> {};

using Draw = Case (*)(Random&, const ConvWishes&);

void expect_row(const Kernel& kernel, Draw draw) {
  int accepted = 0;
  for_seeds([&](Random& random) {
    ConvWishes wishes;
    wishes.most_channels = 24;
    wishes.many_images = random.chance(0.5);
    wishes.same_size = names(kernel, "_halo_");
    if (names(kernel, "_nhwc_")) wishes.channel_step = 4;
    const bool plain = names(kernel, "round_trip");
    const Layout layout = plain ? kNCHW : input_layout(kernel, random);
    if (expect_reference_bits(backend(), kernel, draw(random, wishes), layout, layout)) ++accepted;
  });
  EXPECT_GT(accepted, 0);
}

TEST_P(CudaBatchConvRow, GivesTheReferenceBits) { expect_row(*GetParam(), random_batch_conv); }
TEST_P(CudaLocalRow, GivesTheReferenceBits) { expect_row(*GetParam(), random_group_local); }

INSTANTIATE_TEST_SUITE_P(Rows, CudaBatchConvRow, ::testing::ValuesIn(rows(BatchConv2d::kKind)),
                         kRowName);
INSTANTIATE_TEST_SUITE_P(Rows, CudaLocalRow, ::testing::ValuesIn(rows(GroupLocal::kKind)),
                         kRowName);

}  // namespace
}  // namespace octet::testing
