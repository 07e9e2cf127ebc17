// Times every CUDA convolution kernel on the layers of ResNet18, ResNet50 and MobileNetV2, and
// checks that all of them give the same bits. One JSON object per layer and kernel on stdout.
//
//   octet_conv_layers [--batch N] [--filter PART,PART,..] [--layouts nhwc] [--numerics fast]
//
// The parts are of the names of layer and kernel; all must occur. --numerics fast adds cuDNN's
// plans, whose bits may differ.
//
// Each figure is the median of 30 replays of a recording of 20 launches, over the same operands,
// with activations as they are after a ReLU: half zeros, small magnitudes.
#include <algorithm>
#include <cstdio>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "kernel_bench.hpp"
#include "ops/conv.hpp"
#include "runtime/backend_registry.hpp"

namespace {

using namespace octet;

enum class After { relu, none, add };  // `add`: a residual, then a ReLU
constexpr const char* kAfterNames[] = {"relu", "none", "add"};

struct Layer {
  const char* name;
  std::int64_t c, k, extent, filter, stride;
  After after;
  std::int64_t groups = 1;
};

// Every distinct convolution of the two networks, the 1x1 ones of MobileNetV2 (24 channels are 32
// here: rows of 16 bytes) and some depthwise and grouped ones.
constexpr Layer kLayers[] = {
    {"r18_res2_3x3", 64, 64, 56, 3, 1, After::relu},
    {"r18_res2_3x3_z", 64, 64, 56, 3, 1, After::add},
    {"r18_res3_3x3", 128, 128, 28, 3, 1, After::relu},
    {"r18_res3_3x3_z", 128, 128, 28, 3, 1, After::add},
    {"r18_res4_3x3", 256, 256, 14, 3, 1, After::relu},
    {"r18_res4_3x3_z", 256, 256, 14, 3, 1, After::add},
    {"r18_res5_3x3", 512, 512, 7, 3, 1, After::relu},
    {"r18_res5_3x3_z", 512, 512, 7, 3, 1, After::add},
    {"r18_res3_down_3x3", 64, 128, 56, 3, 2, After::relu},
    {"r18_res4_down_3x3", 128, 256, 28, 3, 2, After::relu},
    {"r18_res5_down_3x3", 256, 512, 14, 3, 2, After::relu},
    {"r18_res3_down_1x1", 64, 128, 56, 1, 2, After::none},
    {"r18_res4_down_1x1", 128, 256, 28, 1, 2, After::none},
    {"r18_res5_down_1x1", 256, 512, 14, 1, 2, After::none},
    {"r50_res2_first", 64, 64, 56, 1, 1, After::relu},
    {"r50_res2_reduce", 256, 64, 56, 1, 1, After::relu},
    {"r50_res2_expand_z", 64, 256, 56, 1, 1, After::add},
    {"r50_res2_down_1x1", 64, 256, 56, 1, 1, After::none},
    {"r50_res3_first", 256, 128, 56, 1, 1, After::relu},
    {"r50_res3_3x3_s2", 128, 128, 56, 3, 2, After::relu},
    {"r50_res3_reduce", 512, 128, 28, 1, 1, After::relu},
    {"r50_res3_expand_z", 128, 512, 28, 1, 1, After::add},
    {"r50_res3_down_1x1", 256, 512, 56, 1, 2, After::none},
    {"r50_res4_first", 512, 256, 28, 1, 1, After::relu},
    {"r50_res4_3x3_s2", 256, 256, 28, 3, 2, After::relu},
    {"r50_res4_reduce", 1024, 256, 14, 1, 1, After::relu},
    {"r50_res4_expand_z", 256, 1024, 14, 1, 1, After::add},
    {"r50_res4_down_1x1", 512, 1024, 28, 1, 2, After::none},
    {"r50_res5_first", 1024, 512, 14, 1, 1, After::relu},
    {"r50_res5_3x3_s2", 512, 512, 14, 3, 2, After::relu},
    {"r50_res5_reduce", 2048, 512, 7, 1, 1, After::relu},
    {"r50_res5_expand_z", 512, 2048, 7, 1, 1, After::add},
    {"r50_res5_down_1x1", 1024, 2048, 14, 1, 2, After::none},
    {"mbv2_16_96_112", 16, 96, 112, 1, 1, After::relu},
    {"mbv2_96_32_56", 96, 32, 56, 1, 1, After::none},
    {"mbv2_32_144_56", 32, 144, 56, 1, 1, After::relu},
    {"mbv2_192_32_28", 192, 32, 28, 1, 1, After::none},
    {"mbv2_32_192_28", 32, 192, 28, 1, 1, After::relu},
    {"mbv2_64_384_14", 64, 384, 14, 1, 1, After::relu},
    {"mbv2_384_64_14", 384, 64, 14, 1, 1, After::none},
    {"mbv2_96_576_14", 96, 576, 14, 1, 1, After::relu},
    {"mbv2_576_96_14", 576, 96, 14, 1, 1, After::none},
    {"mbv2_160_960_7", 160, 960, 7, 1, 1, After::relu},
    {"mbv2_960_160_7", 960, 160, 7, 1, 1, After::none},
    {"mbv2_320_1280_7", 320, 1280, 7, 1, 1, After::relu},
    {"r18_conv1", 3, 64, 224, 7, 2, After::relu},
    {"mbv2_depthwise_112", 32, 32, 112, 3, 1, After::relu, 32},
    {"mbv2_depthwise_112_s2", 96, 96, 112, 3, 2, After::relu, 96},
    {"mbv2_depthwise_56", 144, 144, 56, 3, 1, After::relu, 144},
    {"mbv2_depthwise_14", 384, 384, 14, 3, 1, After::relu, 384},
    {"mbv2_depthwise_7", 960, 960, 7, 3, 1, After::relu, 960},
    {"resnext_group32_56", 128, 128, 56, 3, 1, After::relu, 32},
    {"resnext_group32_14", 512, 512, 14, 3, 1, After::relu, 32},
};

struct Options {
  std::int64_t batch = 128;
  std::string filter;
  bool nhwc_only = false;
  Demands demands;
};

struct Operands {
  Problem problem;
  std::vector<Tensor> tensors;  // x, w, bias, z
};

// Random values that repeat after a while: drawing 100 million would take longer than measuring.
Tensor random_bytes(TensorType type, std::mt19937& random, int lowest, int highest, bool relu) {
  Tensor tensor(std::move(type));
  std::uniform_int_distribution<int> value(lowest, highest);
  const auto bytes = tensor.mutable_values<std::int8_t>();
  constexpr std::size_t kPeriod = 1'000'003;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i >= kPeriod) {
      bytes[i] = bytes[i - kPeriod];
      continue;
    }
    const int drawn = value(random);
    bytes[i] = static_cast<std::int8_t>(relu ? std::max(0, drawn) : drawn);
  }
  return tensor;
}

Conv2d make_conv(const Layer& layer) {
  Conv2d op;
  const std::int64_t pad = layer.filter / 2;
  op.window = {{layer.stride, layer.stride}, {pad, pad, pad, pad}, {1, 1}};
  op.groups = layer.groups;
  // As MegEngine has them: dense ones, and all others.
  op.rule = layer.groups == 1 ? EpilogueRule::mge_dense : EpilogueRule::mge_packed;
  op.output = {DType::s8, Quant::per_tensor(0.0613f)};
  if (layer.after != After::none) op.activation.kind = ActivationKind::relu;
  if (layer.after == After::add) {
    op.z_rounding = ZRounding::twice;
    op.mid = {DType::s8, Quant::per_tensor(0.0471f)};
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
  const Shape filter{layer.k, layer.c / layer.groups, layer.filter, layer.filter};
  tensors.push_back(
      random_bytes({DType::s8, filter, kNCHW, Quant::per_tensor(0.002f)}, random, -50, 50, false));
  Tensor bias({DType::s32, Shape{1, layer.k, 1, 1}, kNCHW, Quant::per_tensor(0.05f * 0.002f)});
  for (std::int32_t& value : bias.mutable_values<std::int32_t>())
    value = static_cast<std::int32_t>(random() % 4001) - 2000;
  tensors.push_back(std::move(bias));
  if (layer.after == After::add)
    tensors.push_back(random_bytes(map(layer.k, out), random, -64, 63, true));
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

// The larger of the products at the nominal peak of an H200 and the bytes, each once, at what a
// copy reaches. Of the input only the pixels that the filter sees count.
double floor_microseconds(const Layer& layer, const Problem& problem) {
  const double outputs = static_cast<double>(problem.outputs[0].shape.elements());
  const double filter = static_cast<double>(problem.inputs[1].shape.elements());
  const double products =
      outputs * static_cast<double>(layer.c / layer.groups * layer.filter * layer.filter);
  const double seen = layer.filter == 1
                          ? outputs / static_cast<double>(layer.k) * static_cast<double>(layer.c)
                          : static_cast<double>(problem.inputs[0].shape.elements());
  const double bytes = seen + filter + outputs * (layer.after == After::add ? 2 : 1);
  return std::max(products / (1979e12 / 2), bytes / 4.3e12) * 1e6;
}

// True where every part of the filter is in "layer kernel".
bool is_asked_for(const Kernel& kernel, const Layer& layer, const std::string& filter) {
  const std::string text = std::string(layer.name) + " " + kernel.name;
  std::istringstream parts(filter);
  for (std::string part; std::getline(parts, part, ',');)
    if (text.find(part) == std::string::npos) return false;
  return true;
}

void run_layer(Bench& bench, const Backend& backend, const Layer& layer, const Operands& operands,
               const Options& options) {
  const Shape& y = operands.problem.outputs[0].shape;
  const double operations =
      2.0 * static_cast<double>(y.elements()) *
      static_cast<double>(layer.c / layer.groups * layer.filter * layer.filter);
  std::vector<std::byte> first, output;
  for (const Kernel& kernel : backend.kernels(Conv2d::kKind)) {
    if (!is_asked_for(kernel, layer, options.filter)) continue;
    // The kernels that accept everything are no candidates for speed.
    if (kernel.estimate == nullptr || !kernel.check(operands.problem, options.demands)) continue;
    const double microseconds = bench.time(kernel, operands.problem, operands.tensors, output);
    if (first.empty()) first = output;
    std::printf(
        "{\"layer\":\"%s\",\"batch\":%lld,\"c\":%lld,\"k\":%lld,\"extent\":%lld,\"filter\":%lld,"
        "\"stride\":%lld,\"after\":\"%s\",\"kernel\":\"%s\",\"us\":%.2f,\"floor_us\":%.2f,"
        "\"tops\":%.0f,\"estimate_us\":%.1f,\"same_bits\":%s}\n",
        layer.name, static_cast<long long>(y[0]), static_cast<long long>(layer.c),
        static_cast<long long>(layer.k), static_cast<long long>(layer.extent),
        static_cast<long long>(layer.filter), static_cast<long long>(layer.stride),
        kAfterNames[static_cast<std::size_t>(layer.after)], kernel.name.c_str(), microseconds,
        floor_microseconds(layer, operands.problem), operations / microseconds / 1e6,
        kernel.estimate(operands.problem), output == first ? "true" : "false");
    std::fflush(stdout);
  }
}

void run(const Options& options) {
  const Backend& backend = *find_backend("cuda").backend;
  Bench bench(backend);
  for (const Layer& layer : kLayers) {
    const auto kernels = backend.kernels(Conv2d::kKind);
    if (std::none_of(kernels.begin(), kernels.end(), [&](const Kernel& kernel) {
          return is_asked_for(kernel, layer, options.filter);
        }))
      continue;  // making operands takes longer than timing
    const Layout pixels = layer.c % 4 == 0 ? kNHWC : kNHWC4;
    for (const Layout& layout : {pixels, kNCHW4, kNCHW32, kCHWN4}) {
      if (options.nhwc_only && !(layout == pixels)) continue;
      run_layer(bench, backend, layer, make_operands(layer, options.batch, layout), options);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i], value = argv[i + 1];
    if (name == "--batch") options.batch = std::atoll(value.c_str());
    if (name == "--filter") options.filter = value;
    if (name == "--layouts") options.nhwc_only = value == "nhwc";
    if (name == "--numerics" && value == "fast") options.demands.numerics = Numerics::fast;
  }
  try {
    run(options);
    return 0;
  } catch (const Error& error) {
    std::fprintf(stderr, "octet_conv_layers: %s\n", error.what());
    return exit_code(error.status().code());
  }
}
