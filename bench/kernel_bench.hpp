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
    Launch launch(backend_, *context_, kernel, problem, tensors);
    std::size_t written = 0;
    for (const TensorType& type : problem.outputs) written += type.bytes();
    output.assign(written, std::byte{0x5a});
    launch.for_outputs(output.data(), [&](std::byte* device, std::byte* host, std::size_t bytes) {
      backend_.copy_in(device, host, bytes, *context_);
    });
    launch.run(*context_);
    launch.for_outputs(output.data(), [&](std::byte* device, std::byte* host, std::size_t bytes) {
      backend_.copy_out(host, device, bytes, *context_);
    });
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
        : types_(problem.outputs), executable_(kernel.prepare(problem, {})) {
      if (x != nullptr) inputs_.push_back(x);
      for (const Tensor& tensor : tensors) {
        memory_.push_back(backend.allocate(tensor.bytes()));
        backend.copy_in(memory_.back().get(), tensor.data(), tensor.bytes(), context);
        inputs_.push_back(memory_.back().get());
      }
      for (const TensorType& type : types_) {
        memory_.push_back(backend.allocate(type.bytes()));
        outputs_.push_back(memory_.back().get());
      }
      memory_.push_back(backend.allocate(executable_->workspace() + 1));
    }

    std::byte* output() const { return outputs_.front(); }
    // function(on the device, on the host, bytes) for each; those of the host lie in a row.
    template <typename Function>
    void for_outputs(std::byte* host, Function function) const {
      for (std::size_t i = 0; i < outputs_.size(); ++i) {
        function(outputs_[i], host, types_[i].bytes());
        host += types_[i].bytes();
      }
    }
    void run(ExecutionContext& context) {
      RunArgs args;
      args.inputs = inputs_;
      args.outputs = outputs_;
      args.workspace = memory_.back().get();
      args.context = &context;
      executable_->run(args);
    }

   private:
    std::vector<TensorType> types_;  // of the outputs
    std::unique_ptr<Executable> executable_;
    std::vector<std::shared_ptr<std::byte>> memory_;  // operands, outputs, workspace
    std::vector<const std::byte*> inputs_;
    std::vector<std::byte*> outputs_;
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
