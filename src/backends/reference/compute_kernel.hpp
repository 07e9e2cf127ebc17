// The main row of the reference backend: it calls Op::compute.
#pragma once

#include "kernels/kernel.hpp"

namespace octet::reference {

// The views that one operator is called with; kept between runs, so that their memory is too.
class ViewContext final : public ExecutionContext {
 public:
  std::vector<ConstView> inputs;
  std::vector<View> outputs;
};

Kernel compute_kernel();

}  // namespace octet::reference
