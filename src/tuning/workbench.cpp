#include "tuning/workbench.hpp"

#include <algorithm>
#include <cmath>

#include "base/format.hpp"
#include "base/stopwatch.hpp"
#include "tuning/content.hpp"

namespace octet {
namespace {

constexpr std::size_t kMostSets = 8;
// A sample shall be long beside the clock's steps and short beside the patience of a user.
constexpr double kSampleMs = 0.25;
constexpr double kMostLaunches = 32;

double timed(const Backend& backend, ExecutionContext& context,
             const std::function<void()>& launches) {
  const auto timer = backend.make_timer();
  if (timer == nullptr) {
    const Stopwatch watch;
    launches();
    return watch.milliseconds();
  }
  timer->start(context);
  launches();
  timer->stop(context);
  return timer->milliseconds();
}

}  // namespace

std::size_t operand_bytes(const Problem& problem) {
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < problem.inputs.size(); ++i)
    if (problem.has_input(i) && problem.constants[i] == nullptr) bytes += problem.inputs[i].bytes();
  for (const TensorType& type : problem.outputs) bytes += type.bytes();
  return bytes;
}

std::size_t operand_sets(std::size_t bytes_per_set, std::size_t cache_bytes) {
  if (bytes_per_set < cache_bytes / 4 || cache_bytes == 0) return 1;
  return std::min(kMostSets, 2 + cache_bytes / bytes_per_set);
}

class Workbench::LaunchContender final : public Contender {
 public:
  LaunchContender(const Workbench& bench, std::unique_ptr<Executable> executable)
      : bench_(bench), executable_(std::move(executable)) {
    const Backend& backend = bench.backend_;
    ExecutionContext& context = *bench.context_;
    if (executable_->workspace() > bench.demands_.workspace_limit)
      throw Error(StatusCode::unsupported, "it needs more workspace than is allowed");
    workspace_ = backend.allocate(executable_->workspace());
    run(1);  // loads code, and tells whether it works
    backend.synchronise(context);
    const double once = timed(backend, context, [&] { run(1); });
    launches_ = std::clamp(std::ceil(kSampleMs / std::max(once, 1e-6)), 1.0, kMostLaunches);
    if (once < kSampleMs * kMostLaunches)
      launches_ = std::max(launches_, static_cast<double>(bench.sets_.size()));
    if (launches_ > 1)
      recording_ = backend.record(context, [&] { run(static_cast<std::size_t>(launches_)); });
  }

  double sample() override {
    return timed(bench_.backend_, *bench_.context_,
                 [&] {
                   if (recording_) recording_->replay(*bench_.context_);
                   else run(static_cast<std::size_t>(launches_));
                 }) /
           launches_;
  }

 private:
  void run(std::size_t launches) const {
    for (std::size_t i = 0; i < launches; ++i) {
      const OperandSet& set = bench_.sets_[i % bench_.sets_.size()];
      executable_->run({set.inputs, set.outputs, workspace_.get(), bench_.context_.get()});
    }
  }

  const Workbench& bench_;
  std::unique_ptr<Executable> executable_;
  std::shared_ptr<std::byte> workspace_;
  std::unique_ptr<Recording> recording_;
  double launches_ = 1;
};

Workbench::Workbench(const Backend& backend, const Problem& problem, const Demands& demands)
    : backend_(backend),
      problem_(problem),
      demands_(demands),
      context_(backend.make_context(demands)) {
  for (std::size_t i = 0; i < problem.inputs.size(); ++i) {
    const Tensor* constant = problem.has_input(i) ? problem.constants[i] : nullptr;
    constants_.push_back(nullptr);
    if (constant == nullptr) continue;
    std::byte* copy = add_memory(constant->bytes());
    backend.copy_in(copy, constant->data(), constant->bytes(), *context_);
    constants_.back() = copy;
  }
  const std::size_t sets = operand_sets(operand_bytes(problem), backend.cache_bytes());
  for (std::size_t i = 0; i < sets; ++i) add_set();
  backend.synchronise(*context_);
}

std::byte* Workbench::add_memory(std::size_t bytes) {
  return memory_.emplace_back(backend_.allocate(bytes)).get();
}

void Workbench::add_set() {
  OperandSet& set = sets_.emplace_back();
  for (std::size_t i = 0; i < problem_.inputs.size(); ++i) {
    if (!problem_.has_input(i) || constants_[i] != nullptr) {
      set.inputs.push_back(constants_[i]);
      continue;
    }
    std::byte* input = add_memory(problem_.inputs[i].bytes());
    fill_plausibly(backend_, problem_.inputs[i], input, *context_);
    set.inputs.push_back(input);
  }
  for (const TensorType& type : problem_.outputs) set.outputs.push_back(add_memory(type.bytes()));
}

std::unique_ptr<Workbench::Contender> Workbench::enter(const Kernel& kernel) {
  return std::make_unique<LaunchContender>(*this, kernel.prepare(problem_, demands_));
}

}  // namespace octet
