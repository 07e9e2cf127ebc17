// Times one kernel on one problem, or several in a row.
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
<<<<<<< HEAD
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
=======
    Launch launch(backend_, *context_, kernel, problem, tensors);
    output.assign(problem.outputs[0].bytes(), std::byte{0x5a});
    backend_.copy_in(launch.output(), output.data(), output.size(), *context_);
    launch.run(*context_);
    backend_.copy_out(output.data(), launch.output(), output.size(), *context_);
>>>>>>> tail
    backend_.synchronise(*context_);
    return median_microseconds([&] { launch.run(*context_); });
  }

  // Kernels that follow each other, each reading as its first operand what the one before wrote.
  struct Link {
    const Kernel& kernel;
    const Problem& problem;
    std::span<const Tensor> tensors;  // of the first link all operands, of others those behind x
  };
  double time_chain(std::span<const Link> links) {
    std::vector<Launch> launches;
    for (const Link& link : links)
      launches.emplace_back(backend_, *context_, link.kernel, link.problem, link.tensors,
                            launches.empty() ? nullptr : launches.back().output());
    return median_microseconds([&] {
      for (Launch& launch : launches) launch.run(*context_);
    });
  }

 private:
  // A kernel with its operands on the device.
  class Launch {
   public:
    // `x`, where there is one, is the first operand.
    Launch(const Backend& backend, ExecutionContext& context, const Kernel& kernel,
           const Problem& problem, std::span<const Tensor> tensors, const std::byte* x = nullptr)
        : executable_(kernel.prepare(problem, {})) {
      if (x != nullptr) inputs_.push_back(x);
      for (const Tensor& tensor : tensors) {
        memory_.push_back(backend.allocate(tensor.bytes()));
        backend.copy_in(memory_.back().get(), tensor.data(), tensor.bytes(), context);
        inputs_.push_back(memory_.back().get());
      }
      memory_.push_back(backend.allocate(executable_->workspace() + 1));
      memory_.push_back(backend.allocate(problem.outputs[0].bytes()));
    }

    std::byte* output() const { return memory_.back().get(); }
    void run(ExecutionContext& context) {
      std::byte* const outputs[] = {output()};
      RunArgs args;
      args.inputs = inputs_;
      args.outputs = outputs;
      args.workspace = memory_[memory_.size() - 2].get();
      args.context = &context;
      executable_->run(args);
    }

   private:
    std::unique_ptr<Executable> executable_;
    std::vector<std::shared_ptr<std::byte>> memory_;  // operands, workspace, output
    std::vector<const std::byte*> inputs_;
  };

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
