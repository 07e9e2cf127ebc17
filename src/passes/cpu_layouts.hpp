// Layouts for the CPU kernels: NHWC around quantised convolutions and whatever can follow them.
#pragma once

#include "passes/layout_policy.hpp"

namespace octet {

LayoutPolicy cpu_layout_policy();

}  // namespace octet
