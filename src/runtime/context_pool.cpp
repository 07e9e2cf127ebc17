#include "runtime/context_pool.hpp"

#include <exception>
#include <new>

namespace octet {

ContextPool::Lease::Lease(ContextPool& pool, std::unique_ptr<RunContext> context)
    : pool_(pool), context_(std::move(context)), exceptions_(std::uncaught_exceptions()) {}

ContextPool::Lease::~Lease() {
  if (std::uncaught_exceptions() > exceptions_) return;
  context_->release_inputs();
  try {
    const std::lock_guard lock(pool_.mutex_);
    pool_.idle_.push_back(std::move(context_));
  } catch (const std::bad_alloc&) {
    // The next run makes a new one.
  }
}

ContextPool::Lease ContextPool::acquire() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      std::unique_ptr<RunContext> context = std::move(idle_.back());
      idle_.pop_back();
      return Lease(*this, std::move(context));
    }
  }
  return Lease(*this, std::make_unique<RunContext>(plan_));
}

}  // namespace octet
