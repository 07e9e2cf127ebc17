// Random quantised convolutions for kernel tests.
#pragma once

#include "ops/conv.hpp"
#include "support/random_case.hpp"

namespace octet::testing {

// What the random choice is narrowed to, for kernels that take few of all convolutions.
struct ConvWishes {
  bool depthwise = false;
  std::int64_t channel_step = 1;  // input and output channels are multiples of it
  bool dense = false;             // one group
  std::int64_t most_channels = 90;
  std::int64_t filter = 0, stride = 0;  // 0: any
  bool many_images = false;             // up to 36 instead of 3
  bool same_size = false;  // dilation 1, and the padding that keeps a map's size with stride 1
};

Case random_conv(Random& random, const ConvWishes& wishes);
// A filter for each image, and for each output position; constant in half of the cases.
Case random_batch_conv(Random& random, const ConvWishes& wishes);
Case random_group_local(Random& random, const ConvWishes& wishes);

}  // namespace octet::testing
