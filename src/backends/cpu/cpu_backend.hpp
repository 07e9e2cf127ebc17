// Our own vector kernels for the CPU. Where none of them accepts, another host backend has to.
#pragma once

#include "kernels/host_backend.hpp"

namespace octet {

class CpuBackend final : public HostBackend {
 public:
  std::string_view name() const noexcept override { return "cpu"; }
  std::span<const Kernel> kernels(std::string_view op_kind) const override;
};

}  // namespace octet
