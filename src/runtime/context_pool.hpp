// Contexts of one plan, made when all others are busy and kept for the next run.
#pragma once

#include <mutex>

#include "runtime/run_context.hpp"

namespace octet {

// Thread safe.
class ContextPool {
 public:
  explicit ContextPool(std::shared_ptr<const Plan> plan) : plan_(std::move(plan)) {}

  // Has a context for itself. Gives it back in the end, unless an exception is on its way: then the
  // context is dropped, since nobody knows what it was doing.
  class Lease {
   public:
    Lease(ContextPool& pool, std::unique_ptr<RunContext> context);
    ~Lease();
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    RunContext& operator*() const noexcept { return *context_; }
    RunContext* operator->() const noexcept { return context_.get(); }

   private:
    ContextPool& pool_;
    std::unique_ptr<RunContext> context_;
    int exceptions_;
  };

  Lease acquire();
  const Plan& plan() const noexcept { return *plan_; }
  const std::shared_ptr<const Plan>& shared_plan() const noexcept { return plan_; }

 private:
  std::shared_ptr<const Plan> plan_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<RunContext>> idle_;
};

}  // namespace octet
