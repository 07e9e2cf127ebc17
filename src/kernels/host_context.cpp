#include "kernels/host_context.hpp"

#include <octet/status.hpp>
#include <system_error>

#include "base/format.hpp"

namespace octet {

HostContext::HostContext(int threads) {
  workers_.reserve(threads > 1 ? static_cast<std::size_t>(threads - 1) : 0);
  try {
    for (int thread = 1; thread < threads; ++thread)
      workers_.emplace_back([this, thread] { work(thread); });
  } catch (const std::system_error& error) {
    join();
    throw Error(StatusCode::resource_exhausted,
                concat("of ", threads, " threads ", threads - 1 - std::ssize(workers_),
                       " cannot be started: ", error.code().message()),
                {}, "use fewer threads");
  }
}

HostContext::~HostContext() { join(); }

void HostContext::join() {
  stop_ = true;
  round_.fetch_add(1, std::memory_order_release);
  round_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void HostContext::take_tasks(int thread) {
  for (std::int64_t i = next_.fetch_add(1, std::memory_order_relaxed); i < count_;
       i = next_.fetch_add(1, std::memory_order_relaxed))
    call_(object_, i, thread);
}

void HostContext::dispatch(std::int64_t count, void* object, Call call) {
  object_ = object;
  call_ = call;
  count_ = count;
  next_.store(0, std::memory_order_relaxed);
  busy_.store(static_cast<int>(workers_.size()), std::memory_order_relaxed);
  round_.fetch_add(1, std::memory_order_release);
  round_.notify_all();
  take_tasks(0);
  for (int busy = busy_.load(std::memory_order_acquire); busy != 0;
       busy = busy_.load(std::memory_order_acquire))
    busy_.wait(busy, std::memory_order_acquire);
}

void HostContext::work(int thread) {
  std::uint32_t seen = 0;
  for (;;) {
    round_.wait(seen, std::memory_order_acquire);
    seen = round_.load(std::memory_order_acquire);
    if (stop_) return;
    take_tasks(thread);
    if (busy_.fetch_sub(1, std::memory_order_acq_rel) == 1) busy_.notify_one();
  }
}

}  // namespace octet
