// Brings an Epilogue to the device.
#pragma once

#include "backends/cuda/common/epilogue_params.hpp"
#include "backends/cuda/runtime/context.hpp"
#include "kernels/kernel.hpp"
#include "ops/epilogue.hpp"

namespace octet::cuda {

class DeviceEpilogue {
 public:
  explicit DeviceEpilogue(const Epilogue& epilogue);
  const EpilogueParams& params() const noexcept { return params_; }

 private:
  DeviceArray ibias_, m_, fbias_;
  EpilogueParams params_;
};

// Whether EpilogueParams::plain holds, but for the sign of z's type.
bool is_plain(const Epilogue& epilogue);

// False for functions whose last bit may differ between the host's library and the device's.
bool same_bits_on_device(const Activation& activation);
ActivationParams to_params(const Activation& activation);
QuantiserParams to_params(const Quantiser& quantiser);
// For exact_quotient(), of a quantiser that divides.
float reciprocal_of(const Quantiser& quantiser);

// The epilogue of a quantised Conv2d problem whose bias is a constant. `zero_point_sums` as in
// ops/epilogue.hpp: empty where the kernel subtracts the zero point of x itself.
Epilogue conv_epilogue(const Problem& problem, std::span<const std::int32_t> zero_point_sums);

}  // namespace octet::cuda
