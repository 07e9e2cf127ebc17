// Times one kernel on one problem.
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "kernels/backend.hpp"

namespace octet {

class Bench {
 public:
  explicit Bench(const Backend& backend) : backend_(backend), context_(backend.make_context({})) {}

  // Microseconds of one launch; fills `output` with what the kernel wrote, output after output.
  double time(const Kernel& kernel, const Problem& problem, std::span<const Tensor> tensors,
              std::vector<std::byte>& output) {
    const auto executable = kernel.prepare(problem, {});
    std::vector<std::shared_ptr<std::byte>> memory;
    std::vector<const std::byte*> inputs;
    for (const Tensor& tensor : tensors) {
      memory.push_back(backend_.allocate(tensor.bytes()));
      backend_.copy_in(memory.back().get(), tensor.data(), tensor.bytes(), *context_);
      inputs.push_back(memory.back().get());
    }
    std::size_t written = 0;
    for (const TensorType& type : problem.outputs) written += type.bytes();
    output.assign(written, std::byte{0x5a});
    std::vector<std::byte*> outputs;
    std::byte* host = output.data();
    for (const TensorType& type : problem.outputs) {
      memory.push_back(backend_.allocate(type.bytes()));
      backend_.copy_in(memory.back().get(), host, type.bytes(), *context_);
      outputs.push_back(memory.back().get());
      host += type.bytes();
    }
    const auto workspace = backend_.allocate(executable->workspace() + 1);
    RunArgs args;
    args.inputs = inputs;
    args.outputs = outputs;
    args.workspace = workspace.get();
    args.context = context_.get();
    executable->run(args);
    host = output.data();
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      backend_.copy_out(host, outputs[i], problem.outputs[i].bytes(), *context_);
      host += problem.outputs[i].bytes();
    }
    backend_.synchronise(*context_);
    return median_microseconds([&] { executable->run(args); });
  }

 private:
  template <typename Run>
  double median_microseconds(Run run) {
    constexpr int kLaunches = 20, kReplays = 30, kWarmUps = 3;
    const auto recording = backend_.record(*context_, [&] {
      for (int i = 0; i < kLaunches; ++i) run();
    });
    const auto timer = backend_.make_timer();
    std::vector<double> times;
    for (int i = 0; i < kReplays + kWarmUps; ++i) {
      timer->start(*context_);
      recording->replay(*context_);
      timer->stop(*context_);
      const double microseconds = timer->milliseconds() * 1000.0 / kLaunches;
      if (i >= kWarmUps) times.push_back(microseconds);
    }
    std::nth_element(times.begin(), times.begin() + kReplays / 2, times.end());
    return times[kReplays / 2];
  }

  const Backend& backend_;
  std::unique_ptr<ExecutionContext> context_;
};

}  // namespace octet
