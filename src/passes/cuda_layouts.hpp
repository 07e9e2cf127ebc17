// Which layouts the CUDA backend's kernels like.
#pragma once

#include "passes/layout_policy.hpp"

namespace octet {

// NHWC with channels padded to 4 around the quantised convolutions: what the Hopper kernels take,
// and the first layer's few channels too.
LayoutPolicy cuda_layout_policy();

// The layouts that MegEngine's options name, around the convolutions that its passes convert
// (docs/layouts.md has the rules).
LayoutPolicy nchw4_layout_policy();
LayoutPolicy nchw32_layout_policy();
LayoutPolicy chwn4_layout_policy();

// All of them, for those who choose by time.
std::vector<LayoutPolicy> cuda_layout_policies();

}  // namespace octet
