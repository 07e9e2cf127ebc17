#include "tuning/measure.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>

#include "base/random.hpp"

namespace octet {
namespace {

constexpr int kRepeats = 7, kLaunches = 5;

std::vector<std::byte> random_content(const TensorType& type, std::uint64_t seed) {
  std::vector<std::byte> content(type.bytes());
  Random random(seed);
  if (type.dtype == DType::f32) {
    for (std::size_t i = 0; i + 4 <= content.size(); i += 4) {
      const float value = static_cast<float>(2.0 * random.uniform() - 1.0);
      std::memcpy(content.data() + i, &value, sizeof(value));
    }
    return content;
  }
  for (std::byte& byte : content) {
    const std::uint64_t bits = random.next();
    byte = (bits & 1) != 0 ? std::byte{0} : static_cast<std::byte>(bits >> 8 & 0x3f);
  }
  return content;
}

// The operands of a problem in the backend's memory.
class Operands {
 public:
  Operands(const Backend& backend, const Problem& problem, const Executable& executable,
           ExecutionContext& context) {
    for (std::size_t i = 0; i < problem.inputs.size(); ++i) {
      if (!problem.has_input(i)) {
        inputs_.push_back(nullptr);
        continue;
      }
      const TensorType& type = problem.inputs[i];
      inputs_.push_back(add(backend, type.bytes()));
      const Tensor* constant = problem.constants[i];
      const auto content = random_content(type, i + 1);
      backend.copy_in(memory_.back().get(), constant != nullptr ? constant->data() : content.data(),
                      type.bytes(), context);
      backend.synchronise(context);
    }
    for (const TensorType& type : problem.outputs) outputs_.push_back(add(backend, type.bytes()));
    args_.workspace = add(backend, executable.workspace());
    args_.inputs = inputs_;
    args_.outputs = outputs_;
    args_.context = &context;
  }
  Operands(const Operands&) = delete;
  Operands& operator=(const Operands&) = delete;

  const RunArgs& args() const noexcept { return args_; }

 private:
  std::byte* add(const Backend& backend, std::size_t bytes) {
    return memory_.emplace_back(backend.allocate(bytes)).get();
  }

  std::vector<std::shared_ptr<std::byte>> memory_;
  std::vector<const std::byte*> inputs_;
  std::vector<std::byte*> outputs_;
  RunArgs args_;
};

double timed(const Backend& backend, ExecutionContext& context,
             const std::function<void()>& launches) {
  const auto timer = backend.make_timer();
  if (timer == nullptr) {
    const auto start = std::chrono::steady_clock::now();
    launches();
    const std::chrono::duration<double, std::milli> elapsed =
        std::chrono::steady_clock::now() - start;
    return elapsed.count();
  }
  timer->start(context);
  launches();
  timer->stop(context);
  return timer->milliseconds();
}

}  // namespace

double measure_kernel(const Backend& backend, const Kernel& kernel, const Problem& problem,
                      const Demands& demands) {
  const auto executable = kernel.prepare(problem, demands);
  const auto context = backend.make_context(demands);
  const Operands operands(backend, problem, *executable, *context);
  const auto run_all = [&] {
    for (int i = 0; i < kLaunches; ++i) executable->run(operands.args());
  };
  run_all();
  backend.synchronise(*context);
  const auto recording = backend.record(*context, run_all);
  std::vector<double> times;
  for (int i = 0; i < kRepeats; ++i)
    times.push_back(timed(backend, *context, [&] {
      if (recording != nullptr) recording->replay(*context);
      else run_all();
    }));
  backend.synchronise(*context);
  std::nth_element(times.begin(), times.begin() + kRepeats / 2, times.end());
  return times[kRepeats / 2] / kLaunches;
}

}  // namespace octet
