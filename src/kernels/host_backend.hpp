// What every backend that works in host memory has in common.
#pragma once

#include "kernels/backend.hpp"

namespace octet {

// Derive from it and add name() and kernels(). Its contexts are HostContexts.
class HostBackend : public Backend {
 public:
  Verdict available() const override { return Verdict::accept(); }
  DeviceIdentity identity() const override;
  std::unique_ptr<ExecutionContext> make_context(const Demands& demands) const override;
  std::shared_ptr<std::byte> allocate(std::size_t bytes) const override;
  void copy_in(std::byte* to, const std::byte* from_host, std::size_t bytes,
               ExecutionContext& context) const override;
  void copy_out(std::byte* to_host, const std::byte* from, std::size_t bytes,
                ExecutionContext& context) const override;
  void copy_within(std::byte* to, const std::byte* from, std::size_t bytes,
                   ExecutionContext& context) const override;
  void synchronise(ExecutionContext& context) const override;
};

}  // namespace octet
