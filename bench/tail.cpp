// Times the kernels that a classifier ends with: the average of whole maps of s8, the way to f32, a
// product with 1000 columns, a softmax. One JSON object per width of the network on stdout, with
// each kernel by itself and all in a row.
//
//   octet_tail [--batch N]
//
// Each figure is the median of 30 replays of a recording of 20 launches, over the same operands.
#include <cstdio>
#include <cstring>
#include <random>

#include "backends/cuda/backend.hpp"
#include "kernel_bench.hpp"
#include "kernels/chooser.hpp"
#include "ops/convert.hpp"
#include "ops/matmul.hpp"
#include "ops/pool.hpp"
#include "ops/reduce.hpp"

namespace {

using namespace octet;

Tensor filled(const TensorType& type, std::mt19937& random) {
  Tensor tensor(type);
  if (type.dtype == DType::f32)
    for (float& value : tensor.mutable_values<float>())
      value = static_cast<float>(random() % 4096) / 1024.0f - 2.0f;
  else
    for (std::byte& value : tensor.mutable_values<std::byte>())
      value = static_cast<std::byte>(random() % 256);
  return tensor;
}

// A step with its operands: of the first all, of others those behind the first.
struct Step {
  Problem problem;
  std::vector<Tensor> tensors;

  // `constants` are moved to where the problem finds them.
  Step(OpPtr op, TensorType x, TensorType y, std::vector<Tensor> constants)
      : tensors(std::move(constants)) {
    problem.op = std::move(op);
    problem.inputs = {std::move(x)};
    problem.outputs = {std::move(y)};
    problem.constants = {nullptr};
    for (const Tensor& tensor : tensors) {
      problem.inputs.push_back(tensor.type());
      problem.constants.push_back(&tensor);
    }
    problem.present.assign(problem.inputs.size(), true);
  }
};

std::vector<Step> make_steps(std::int64_t batch, std::int64_t channels, std::mt19937& random) {
  constexpr std::int64_t kClasses = 1000;
  const Quant quant = Quant::per_tensor(0.05f);
  const auto floats = [](Shape shape) {
    return TensorType{DType::f32, std::move(shape), kNCHW, std::nullopt};
  };
  Pool2d pool;
  pool.mode = PoolMode::average;
  pool.global = true;
  Convert convert;
  convert.output = {DType::f32, std::nullopt};
  MatMul matmul;
  matmul.transpose_b = true;
  Softmax softmax;
  softmax.axis = 1;
  std::vector<Step> steps;
  steps.reserve(4);
  const TensorType maps{DType::s8, Shape{batch, channels, 7, 7}, kNHWC, quant};
  steps.emplace_back(make_op<Pool2d>(pool), maps,
                     TensorType{DType::s8, Shape{batch, channels, 1, 1}, kNHWC, quant},
                     std::vector<Tensor>());
  steps.emplace_back(make_op<Convert>(convert),
                     TensorType{DType::s8, Shape{batch, channels}, kNCHW, quant},
                     floats({batch, channels}), std::vector<Tensor>());
  std::vector<Tensor> weights;
  weights.push_back(filled(floats({kClasses, channels}), random));
  weights.push_back(filled(floats({kClasses}), random));
  steps.emplace_back(make_op<MatMul>(matmul), floats({batch, channels}), floats({batch, kClasses}),
                     std::move(weights));
  steps.emplace_back(make_op<Softmax>(softmax), floats({batch, kClasses}),
                     floats({batch, kClasses}), std::vector<Tensor>());
  return steps;
}

void run_tail(Bench& bench, const Backend& backend, std::int64_t batch, std::int64_t channels) {
  std::mt19937 random(7);
  std::vector<Step> steps = make_steps(batch, channels, random);
  const Backend* const backends[] = {&backend};
  const Tensor x = filled(steps[0].problem.inputs[0], random);
  std::vector<Bench::Link> links;
  std::printf("{\"channels\":%lld,\"batch\":%lld", static_cast<long long>(channels),
              static_cast<long long>(batch));
  for (Step& step : steps) {
    std::vector<Candidate> candidates = candidates_for(step.problem, {}, backends, {});
    const Kernel& kernel =
        *candidates[FirstAccepting().choose(step.problem, {}, candidates)].kernel;
    std::vector<Tensor> operands;
    operands.push_back(links.empty() ? x.clone() : filled(step.problem.inputs[0], random));
    for (const Tensor& tensor : step.tensors) operands.push_back(tensor.clone());
    std::vector<std::byte> output;
    std::printf(",\"%s\":%.2f", kernel.name.c_str(),
                bench.time(kernel, step.problem, operands, output));
    links.push_back(
        {kernel, step.problem,
         links.empty() ? std::span<const Tensor>(&x, 1) : std::span<const Tensor>(step.tensors)});
  }
  std::printf(",\"in_a_row\":%.2f}\n", bench.time_chain(links));
  std::fflush(stdout);
}

void run(std::int64_t batch) {
  const auto backend = make_cuda_backend();
  if (const Verdict verdict = backend->available(); !verdict)
    throw Error(StatusCode::unavailable, verdict.reason());
  Bench bench(*backend);
  for (const std::int64_t channels : {512, 1280, 2048}) run_tail(bench, *backend, batch, channels);
}

}  // namespace

int main(int argc, char** argv) {
  std::int64_t batch = 128;
  for (int i = 1; i + 1 < argc; i += 2)
    if (std::strcmp(argv[i], "--batch") == 0) batch = std::atoll(argv[i + 1]);
  try {
    run(batch);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
