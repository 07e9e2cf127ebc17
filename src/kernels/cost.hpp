// How much work a problem is, independent of who does it.
#pragma once

#include "kernels/kernel.hpp"

namespace octet {

struct Cost {
  std::int64_t macs = 0;   // multiply-accumulates of convolutions and matrix products
  std::int64_t bytes = 0;  // of all operands, each once
};

Cost cost_of(const Problem& problem);

}  // namespace octet
