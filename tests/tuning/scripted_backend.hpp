// A backend that computes as the reference does, on a clock of its own: a script says how long each
// problem takes, and in which layouts.
#pragma once

#include <functional>

#include "backends/reference/backend.hpp"
#include "kernels/host_backend.hpp"

namespace octet::testing {

class ScriptedBackend final : public HostBackend {
 public:
  // Milliseconds of a problem; infinity: no kernel runs it but the slow one.
  using Script = std::function<double(const Problem&)>;

  // Kernels are plain functions, so there is one script at a time.
  explicit ScriptedBackend(Script script);

  std::string_view name() const noexcept override { return "scripted"; }
  std::span<const Kernel> kernels(std::string_view) const override { return kernels_; }
  std::unique_ptr<ExecutionContext> make_context(const Demands& demands) const override {
    return reference().make_context(demands);
  }
  std::unique_ptr<Timer> make_timer() const override;

  static double clock_ms() { return clock_ms_; }
  static int prepared() { return prepared_; }  // kernels, since the backend was made

 private:
  class ScriptedExecutable;
  class ScriptedTimer;

  static const Backend& reference();
  static Verdict check(const Problem& problem, const Demands& demands);
  static Verdict check_slow(const Problem& problem, const Demands& demands);
  static std::unique_ptr<Executable> prepare(const Problem& problem, const Demands& demands);

  static inline Script script_;
  static inline double clock_ms_ = 0.0;
  static inline int prepared_ = 0;

  std::vector<Kernel> kernels_;
};

}  // namespace octet::testing
