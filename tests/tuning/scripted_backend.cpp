#include "tuning/scripted_backend.hpp"

#include <cmath>

#include "kernels/chooser.hpp"

namespace octet::testing {
namespace {

constexpr double kSlowMs = 1000.0;

}  // namespace

class ScriptedBackend::ScriptedExecutable final : public Executable {
 public:
  ScriptedExecutable(std::unique_ptr<Executable> inner, double ms)
      : inner_(std::move(inner)), ms_(ms) {}

  void run(const RunArgs& args) const override {
    inner_->run(args);
    clock_ms_ += ms_;
  }
  std::size_t workspace() const override { return inner_->workspace(); }
  bool reads_input(std::size_t index) const override { return inner_->reads_input(index); }

 private:
  std::unique_ptr<Executable> inner_;
  double ms_;
};

class ScriptedBackend::ScriptedTimer final : public Timer {
 public:
  void start(ExecutionContext&) override { begin_ = clock_ms_; }
  void stop(ExecutionContext&) override { end_ = clock_ms_; }
  double milliseconds() override { return end_ - begin_; }

 private:
  double begin_ = 0.0, end_ = 0.0;
};

ScriptedBackend::ScriptedBackend(Script script)
    : kernels_{{"scripted", check, prepare}, {"slow", check_slow, prepare, nullptr, true}} {
  script_ = std::move(script);
  prepared_ = 0;
}

std::unique_ptr<Timer> ScriptedBackend::make_timer() const {
  return std::make_unique<ScriptedTimer>();
}

const Backend& ScriptedBackend::reference() {
  static const std::unique_ptr<Backend> instance = make_reference_backend();
  return *instance;
}

Verdict ScriptedBackend::check(const Problem& problem, const Demands&) {
  return std::isinf(script_(problem)) ? Verdict::refuse("the script says so") : Verdict::accept();
}

Verdict ScriptedBackend::check_slow(const Problem&, const Demands&) { return Verdict::accept(); }

std::unique_ptr<Executable> ScriptedBackend::prepare(const Problem& problem,
                                                     const Demands& demands) {
  ++prepared_;
  const Backend* const backends[] = {&reference()};
  for (const Candidate& candidate : candidates_for(problem, demands, backends))
    if (candidate.verdict.ok()) {
      const double ms = script_(problem);
      return std::make_unique<ScriptedExecutable>(candidate.kernel->prepare(problem, demands),
                                                  std::isinf(ms) ? kSlowMs : ms);
    }
  throw Error(StatusCode::internal, "the reference runs everything");
}

}  // namespace octet::testing
