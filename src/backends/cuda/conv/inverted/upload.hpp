// Brings the constants of a fused inverted residual block to the device.
#pragma once

#include "backends/cuda/conv/inverted/plan.hpp"
#include "backends/cuda/runtime/context.hpp"

namespace octet::cuda {

class InvertedUpload {
 public:
  // Lets `params`, whose `project` is set, point to them. What the filters are packed for is a
  // shape; `filters` may have another first one than the chain.
  InvertedUpload(const InvertedChain& chain, const InvertedFilters& filters,
                 const InvertedShape& shape, InvertedParams& params);
  HiddenForm form() const noexcept { return form_; }

 private:
  HiddenForm form_;
  DeviceArray filters_, scales_, biases_;
};

}  // namespace octet::cuda
