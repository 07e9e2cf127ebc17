// What a backend is: memory, a way to run, and lists of kernels.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "kernels/kernel.hpp"

namespace octet {

// A sequence of launches that was recorded once and is replayed as a whole (a CUDA graph).
class Recording {
 public:
  virtual ~Recording() = default;
  virtual void replay(ExecutionContext& context) const = 0;
};

// Time on the backend's own clock between two points of a context's work.
class Timer {
 public:
  virtual ~Timer() = default;
  virtual void start(ExecutionContext& context) = 0;
  virtual void stop(ExecutionContext& context) = 0;
  virtual double milliseconds() = 0;  // waits until the stop has been reached
};

class Backend {
 public:
  virtual ~Backend() = default;

  virtual std::string_view name() const noexcept = 0;  // "reference", "onednn", "cuda"
  // The device or library behind it with its version, for reports; empty: nothing to say.
  virtual std::string description() const { return {}; }
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

  // Calls `steps`, which run Executables on `context` and nothing else, and keeps what they enqueue
  // instead of running it. nullptr where the backend has nothing to gain from it. The memory that
  // the steps name must stay as it is while the recording lives.
  virtual std::unique_ptr<Recording> record(ExecutionContext& context,
                                            const std::function<void()>& steps) const {
    static_cast<void>(context), static_cast<void>(steps);
    return nullptr;
  }
  // nullptr: the backend works inside the call, and the caller's clock tells its time.
  virtual std::unique_ptr<Timer> make_timer() const { return nullptr; }
};

}  // namespace octet
