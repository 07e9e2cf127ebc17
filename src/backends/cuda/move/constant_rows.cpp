// Operators whose result is known when the plan is made: it is copied to where it is to be.
#include "backends/cuda/common/default_layout.hpp"
#include "backends/cuda/kernel_lists.hpp"
#include "backends/cuda/runtime/check.hpp"
#include "backends/cuda/runtime/context.hpp"

namespace octet::cuda {
namespace {

Verdict check_constant(const Problem& problem, const Demands& demands) {
  for (std::size_t i = 0; i < problem.inputs.size(); ++i)
    if (!problem.op->needs_only_types() && problem.has_input(i) && problem.constants[i] == nullptr)
      return Verdict::refuse("an input is not a constant");
  return check_default_layout(problem, demands);
}

std::vector<Tensor> compute(const Problem& problem) {
  std::vector<ConstView> in;
  for (std::size_t i = 0; i < problem.inputs.size(); ++i) {
    if (!problem.has_input(i)) in.emplace_back();
    else if (problem.constants[i] != nullptr) in.emplace_back(*problem.constants[i]);
    else in.emplace_back(problem.inputs[i], nullptr);  // whose type alone is looked at
  }
  std::vector<Tensor> results(problem.outputs.begin(), problem.outputs.end());
  const std::vector<View> out(results.begin(), results.end());
  problem.op->compute(in, out);
  return results;
}

std::unique_ptr<Executable> prepare_constant(const Problem& problem, const Demands&) {
  std::vector<DeviceArray> results;
  std::vector<std::size_t> bytes;
  for (const Tensor& result : compute(problem)) {
    results.emplace_back(result.data(), result.bytes());
    bytes.push_back(result.bytes());
  }
  return make_launch(
      [results, bytes](const RunArgs& args, cudaStream_t stream) {
        for (std::size_t i = 0; i < results.size(); ++i)
          OCTET_CUDA_CHECK(cudaMemcpyAsync(args.outputs[i], results[i].as<std::byte>(), bytes[i],
                                           cudaMemcpyDeviceToDevice, stream));
      },
      0, std::vector<bool>(problem.inputs.size(), false));
}

}  // namespace

std::span<const Kernel> constant_rows() {
  static const Kernel rows[] = {{"constant_any_memcpy_sm75", check_constant, prepare_constant}};
  return rows;
}

}  // namespace octet::cuda
