// Times every CUDA convolution kernel on the layers of ResNet18 and ResNet50, and checks that all
// of them give the same bits. One JSON object per layer and kernel on stdout.
//
//   octet_conv_layers [--batch N] [--filter PART_OF_LAYER_OR_KERNEL]
//
// Each figure is the median of 30 replays of a recording of 20 launches, over the same operands,
// with activations as they are after a ReLU: half zeros, small magnitudes.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "backends/cuda/backend.hpp"
#include "ops/conv.hpp"

namespace {

using namespace octet;

struct Layer {
  const char* name;
  std::int64_t c, k, extent, filter, stride;
  bool residual;
};

constexpr Layer kLayers[] = {
    {"r18_res2_3x3", 64, 64, 56, 3, 1, false},
    {"r18_res2_3x3_z", 64, 64, 56, 3, 1, true},
    {"r18_res3_3x3", 128, 128, 28, 3, 1, false},
    {"r18_res3_3x3_z", 128, 128, 28, 3, 1, true},
    {"r18_res4_3x3", 256, 256, 14, 3, 1, false},
    {"r18_res4_3x3_z", 256, 256, 14, 3, 1, true},
    {"r18_res5_3x3", 512, 512, 7, 3, 1, false},
    {"r18_res5_3x3_z", 512, 512, 7, 3, 1, true},
    {"r18_res3_down_3x3", 64, 128, 56, 3, 2, false},
    {"r18_res3_down_1x1", 64, 128, 56, 1, 2, false},
    {"r50_res2_reduce", 256, 64, 56, 1, 1, false},
    {"r50_res2_expand_z", 64, 256, 56, 1, 1, true},
    {"r50_res3_reduce", 512, 128, 28, 1, 1, false},
    {"r50_res3_expand_z", 128, 512, 28, 1, 1, true},
    {"r50_res4_reduce", 1024, 256, 14, 1, 1, false},
    {"r50_res4_expand_z", 256, 1024, 14, 1, 1, true},
    {"r50_res5_reduce", 2048, 512, 7, 1, 1, false},
    {"r50_res5_expand_z", 512, 2048, 7, 1, 1, true},
};

struct Operands {
  Problem problem;
  std::vector<Tensor> tensors;  // x, w, bias, z
};

Tensor random_bytes(TensorType type, std::mt19937& random, int lowest, int highest, bool relu) {
  Tensor tensor(std::move(type));
  std::uniform_int_distribution<int> value(lowest, highest);
  for (std::int8_t& byte : tensor.mutable_values<std::int8_t>()) {
    const int drawn = value(random);
    byte = static_cast<std::int8_t>(relu ? std::max(0, drawn) : drawn);
  }
  return tensor;
}

Conv2d make_conv(const Layer& layer) {
  Conv2d op;
  const std::int64_t pad = layer.filter / 2;
  op.window = {{layer.stride, layer.stride}, {pad, pad, pad, pad}, {1, 1}};
  op.rule = EpilogueRule::mge_dense;
  op.output = {DType::s8, Quant::per_tensor(0.06f)};
  op.activation.kind = ActivationKind::relu;
  if (layer.residual) {
    op.z_rounding = ZRounding::twice;
    op.mid = {DType::s8, Quant::per_tensor(0.05f)};
  }
  return op;
}

Operands make_operands(const Layer& layer, std::int64_t batch, const Layout& layout) {
  std::mt19937 random(7);
  const Conv2d op = make_conv(layer);
  const auto map = [&](std::int64_t channels, std::int64_t extent) {
    return TensorType{DType::s8, Shape{batch, channels, extent, extent}, layout,
                      Quant::per_tensor(0.05f)};
  };
  const std::int64_t out = (layer.extent + 2 * op.window.pad[0] - layer.filter) / layer.stride + 1;
  Operands operands;
  auto& tensors = operands.tensors;
  tensors.reserve(4);
  tensors.push_back(random_bytes(map(layer.c, layer.extent), random, -64, 63, true));
  const Shape filter{layer.k, layer.c, layer.filter, layer.filter};
  tensors.push_back(
      random_bytes({DType::s8, filter, kNCHW, Quant::per_tensor(0.002f)}, random, -50, 50, false));
  Tensor bias({DType::s32, Shape{1, layer.k, 1, 1}, kNCHW, Quant::per_tensor(0.05f * 0.002f)});
  for (std::int32_t& value : bias.mutable_values<std::int32_t>())
    value = static_cast<std::int32_t>(random() % 4001) - 2000;
  tensors.push_back(std::move(bias));
  if (layer.residual) tensors.push_back(random_bytes(map(layer.k, out), random, -64, 63, true));
  Problem& problem = operands.problem;
  problem.op = make_op<Conv2d>(op);
  for (const Tensor& tensor : tensors) {
    problem.inputs.push_back(tensor.type());
    problem.present.push_back(true);
    problem.constants.push_back(nullptr);
  }
  problem.constants[1] = &tensors[1];
  problem.constants[2] = &tensors[2];
  TensorType y = map(layer.k, out);
  y.quant = op.output.quant;
  problem.outputs.push_back(y);
  return operands;
}

class Bench {
 public:
  explicit Bench(const Backend& backend) : backend_(backend), context_(backend.make_context({})) {}

  // Microseconds of one launch; fills `output` with what the kernel wrote.
  double time(const Kernel& kernel, const Operands& operands, std::vector<std::byte>& output) {
    const auto executable = kernel.prepare(operands.problem, {});
    std::vector<std::shared_ptr<std::byte>> memory;
    std::vector<const std::byte*> inputs;
    for (const Tensor& tensor : operands.tensors) {
      memory.push_back(backend_.allocate(tensor.bytes()));
      backend_.copy_in(memory.back().get(), tensor.data(), tensor.bytes(), *context_);
      inputs.push_back(memory.back().get());
    }
    output.assign(operands.problem.outputs[0].bytes(), std::byte{0x5a});
    memory.push_back(backend_.allocate(output.size()));
    backend_.copy_in(memory.back().get(), output.data(), output.size(), *context_);
    std::byte* const outputs[] = {memory.back().get()};
    const auto workspace = backend_.allocate(executable->workspace() + 1);
    RunArgs args;
    args.inputs = inputs;
    args.outputs = outputs;
    args.workspace = workspace.get();
    args.context = context_.get();
    executable->run(args);
    backend_.copy_out(output.data(), memory.back().get(), output.size(), *context_);
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

void run_layer(Bench& bench, const Backend& backend, const Layer& layer, const Operands& operands,
               const std::string& filter) {
  const Shape& y = operands.problem.outputs[0].shape;
  const double operations = 2.0 * static_cast<double>(y.elements()) *
                            static_cast<double>(layer.c * layer.filter * layer.filter);
  std::vector<std::byte> first, output;
  for (const Kernel& kernel : backend.kernels(Conv2d::kKind)) {
    const std::string text = std::string(layer.name) + " " + kernel.name;
    if (text.find(filter) == std::string::npos) continue;
    // The kernels that accept everything are no candidates for speed.
    if (kernel.estimate == nullptr || !kernel.check(operands.problem, {})) continue;
    const double microseconds = bench.time(kernel, operands, output);
    if (first.empty()) first = output;
    std::printf(
        "{\"layer\":\"%s\",\"batch\":%lld,\"kernel\":\"%s\",\"us\":%.2f,\"tops\":%.0f,"
        "\"estimate_us\":%.1f,\"same_bits\":%s}\n",
        layer.name, static_cast<long long>(y[0]), kernel.name.c_str(), microseconds,
        operations / microseconds / 1e6, kernel.estimate(operands.problem),
        output == first ? "true" : "false");
    std::fflush(stdout);
  }
}

void run(std::int64_t batch, const std::string& filter) {
  const auto backend = make_cuda_backend();
  if (const Verdict verdict = backend->available(); !verdict)
    throw Error(StatusCode::unavailable, verdict.reason());
  Bench bench(*backend);
  for (const Layer& layer : kLayers)
    for (const Layout& layout : {kNHWC, kNCHW4, kNCHW32, kCHWN4})
      run_layer(bench, *backend, layer, make_operands(layer, batch, layout), filter);
}

}  // namespace

int main(int argc, char** argv) {
  std::int64_t batch = 128;
  std::string filter;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--batch") == 0) batch = std::atoll(argv[i + 1]);
    if (std::strcmp(argv[i], "--filter") == 0) filter = argv[i + 1];
  }
  try {
    run(batch, filter);
    return 0;
  } catch (const Error& error) {
    std::fprintf(stderr, "octet_conv_layers: %s\n", error.what());
    return exit_code(error.status().code());
  }
}
