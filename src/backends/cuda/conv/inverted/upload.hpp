// Brings the constants of a fused inverted residual block to the device.
#pragma once

#include <functional>

#include "backends/cuda/conv/inverted/plan.hpp"
#include "backends/cuda/runtime/context.hpp"

namespace octet::cuda {

class InvertedUpload {
 public:
  using Repack = std::function<void(std::vector<std::int8_t>&)>;
  // Lets `params`, whose `project` is set, point to them. What the filters are packed for is a
  // shape; `filters` may have another first one than the chain, and `repack` change what is packed.
  InvertedUpload(const InvertedChain& chain, const InvertedFilters& filters,
                 const InvertedShape& shape, InvertedParams& params, const Repack& repack = {});
  HiddenForm form() const noexcept { return form_; }

 private:
  HiddenForm form_;
  DeviceArray filters_, scales_, biases_;
};

}  // namespace octet::cuda
