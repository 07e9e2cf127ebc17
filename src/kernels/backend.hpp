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

// What must be the same for a measured time to be valid again.
struct DeviceIdentity {
  std::string device, capability, driver, library;
  friend bool operator==(const DeviceIdentity&, const DeviceIdentity&) = default;
};

// What the device can do at most, at the highest clocks it states; 0: nothing is known.
struct DevicePeaks {
  double int8_macs_per_second = 0.0;  // dense, by whatever is fastest at it
  double bytes_per_second = 0.0;      // to and from its memory
};

class Backend {
 public:
  virtual ~Backend() = default;

  virtual std::string_view name() const noexcept = 0;  // "reference", "onednn", "cuda"
  // The device or library behind it with its version, for reports; empty: nothing to say.
  virtual std::string description() const { return {}; }
  virtual DeviceIdentity identity() const = 0;
  // Why this backend cannot run on this machine, or accept().
  virtual Verdict available() const = 0;
  // Gets the device ready (a GPU's context), so that the calls after it do not pay for that.
  virtual void open() const {}
  virtual DevicePeaks peaks() const { return {}; }
  // The ordered list for an operator kind; empty when there is none.
  virtual std::span<const Kernel> kernels(std::string_view op_kind) const = 0;
  // Host memory when true: the plan's buffers are read and written directly.
  virtual bool is_host() const noexcept { return true; }

  virtual std::unique_ptr<ExecutionContext> make_context(const Demands& demands) const = 0;
  // 256-byte aligned memory of this backend. Throws Error(resource_exhausted).
  virtual std::shared_ptr<std::byte> allocate(std::size_t bytes) const = 0;
  // A zeroed tensor in the host memory that copy_in() and copy_out() are fastest with.
  // Throws Error(resource_exhausted).
  virtual Tensor make_host_tensor(const TensorType& type) const { return Tensor(type); }
  virtual void copy_in(std::byte* to, const std::byte* from_host, std::size_t bytes,
                       ExecutionContext& context) const = 0;
  virtual void copy_out(std::byte* to_host, const std::byte* from, std::size_t bytes,
                        ExecutionContext& context) const = 0;
  // Between two places in this backend's memory.
  virtual void copy_within(std::byte* to, const std::byte* from, std::size_t bytes,
                           ExecutionContext& context) const = 0;
  virtual void synchronise(ExecutionContext& context) const = 0;
  // Of the last cache before the memory, where measurements must reckon with it; 0: nothing is
  // known.
  virtual std::size_t cache_bytes() const { return 0; }

  // Calls `steps`, which run Executables on `context` and nothing else, and keeps what they enqueue
  // instead of running it. nullptr where the backend has nothing to gain from it. The memory that
  // the steps name must stay as it is while the recording lives.
  virtual std::unique_ptr<Recording> record(ExecutionContext& context,
                                            const std::function<void()>& steps) const {
    static_cast<void>(context), static_cast<void>(steps);
    return nullptr;
  }
  // Name what is enqueued between the two calls, for tools that draw a timeline. They nest.
  virtual void begin_range(const char* name) const { static_cast<void>(name); }
  virtual void end_range() const {}

  // nullptr: the backend works inside the call, and the caller's clock tells its time.
  virtual std::unique_ptr<Timer> make_timer() const { return nullptr; }
};

}  // namespace octet
