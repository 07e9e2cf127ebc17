// The context of every backend that computes in host memory: the CPU threads of one run.
#pragma once

#include <atomic>
#include <thread>
#include <vector>

#include "kernels/kernel.hpp"

namespace octet {

// Owns threads - 1 workers, which wait while nothing is asked of them; the caller's thread is the
// first. One run at a time uses a context, so parallel() is never called twice at once.
class HostContext final : public ExecutionContext {
 public:
  explicit HostContext(int threads);  // throws Error(resource_exhausted)
  ~HostContext() override;
  HostContext(const HostContext&) = delete;
  HostContext& operator=(const HostContext&) = delete;

  int threads() const noexcept { return static_cast<int>(workers_.size()) + 1; }

  // Calls task(index, thread) once for every index in [0, count), spread over the threads, and
  // returns when all are done. `thread` is below threads(), for scratch memory. Tasks must not
  // throw. Allocates nothing.
  template <typename Task>
  void parallel(std::int64_t count, Task&& task) {
    if (workers_.empty() || count <= 1) {
      for (std::int64_t i = 0; i < count; ++i) task(i, 0);
      return;
    }
    using Plain = std::remove_reference_t<Task>;
    dispatch(count, const_cast<void*>(static_cast<const void*>(&task)),
             [](void* object, std::int64_t index, int thread) {
               (*static_cast<Plain*>(object))(index, thread);
             });
  }

 private:
  using Call = void (*)(void* object, std::int64_t index, int thread);

  void dispatch(std::int64_t count, void* object, Call call);
  void take_tasks(int thread);
  void work(int thread);
  void join();

  std::vector<std::thread> workers_;
  void* object_ = nullptr;
  Call call_ = nullptr;
  std::int64_t count_ = 0;
  std::atomic<std::int64_t> next_{0};
  std::atomic<int> busy_{0};             // workers that have not finished the round
  std::atomic<std::uint32_t> round_{0};  // changes when there is work, or the end
  std::atomic<bool> stop_{false};
};

// The threads of a run. Kernels of host backends get such a context or, in a bare call, none.
class HostThreads {
 public:
  explicit HostThreads(ExecutionContext* context) : context_(dynamic_cast<HostContext*>(context)) {}

  int count() const noexcept { return context_ == nullptr ? 1 : context_->threads(); }
  template <typename Task>
  void parallel(std::int64_t count, Task&& task) const {
    if (context_ != nullptr) return context_->parallel(count, task);
    for (std::int64_t i = 0; i < count; ++i) task(i, 0);
  }

 private:
  HostContext* context_;
};

}  // namespace octet
