// What a backend is: memory, a way to run, and lists of kernels.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "kernels/kernel.hpp"

namespace octet {

// Who won for a node and who was refused, in list order.
struct Candidate {
  const Kernel* kernel = nullptr;
  Verdict verdict;
};

class Backend {
 public:
  virtual ~Backend() = default;

  virtual std::string_view name() const noexcept = 0;  // "reference", "onednn", "cuda"
  // Why this backend cannot run on this machine, or accept().
  virtual Verdict available() const = 0;
  // The ordered list for an operator kind; empty when there is none.
  virtual std::span<const Kernel> kernels(std::string_view op_kind) const = 0;
  // Host memory when true: the plan's buffers are read and written directly.
  virtual bool is_host() const noexcept { return true; }

  virtual std::unique_ptr<ExecutionContext> make_context(const Demands& demands) const = 0;
  // 256-byte aligned memory of this backend. Throws Error(resource_exhausted).
  virtual std::shared_ptr<std::byte> allocate(std::size_t bytes) const = 0;
  virtual void copy_in(std::byte* to, const std::byte* from_host, std::size_t bytes,
                       ExecutionContext& context) const = 0;
  virtual void copy_out(std::byte* to_host, const std::byte* from, std::size_t bytes,
                        ExecutionContext& context) const = 0;
  virtual void synchronise(ExecutionContext& context) const = 0;
};

}  // namespace octet
