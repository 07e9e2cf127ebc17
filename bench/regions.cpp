// Times the CUDA kernels that run a region of a network as a whole, beside the kernels that would
// run its operators one by one, and checks that both give the same bits. One JSON object per region
// on stdout.
//
//   octet_regions [--batch N] [--filter PART_OF_REGION]
//
// Each figure is the median of 30 replays of a recording of 20 launches, over the same operands:
// uniform noise. Regions are first layers, the pairs of 1x1 convolutions of ResNet50, the inverted
// residual blocks of MobileNetV2, and the first of those with the first layer.
#include <cmath>
#include <cstdio>
#include <cstring>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "backends/cuda/backend.hpp"
#include "backends/cuda/kernel_lists.hpp"
#include "kernel_bench.hpp"
#include "kernels/chooser.hpp"
#include "ops/conv.hpp"
#include "ops/convert.hpp"
#include "ops/pool.hpp"
#include "ops/subgraph.hpp"

namespace {

using namespace octet;

// A first layer: 3 channels of 224 x 224 to `k` channels, stride 2.
struct Stem {
  const char* name;
  DType input;  // f32 is quantised to `quantised`
  DType quantised;
  EpilogueRule rule;
  std::int64_t filter, k;
  bool pool;
};

constexpr Stem kStems[] = {
    {"resnet_stem_f32", DType::f32, DType::s8, EpilogueRule::mge_dense, 7, 64, true},
    {"resnet_stem_s8", DType::s8, DType::s8, EpilogueRule::mge_dense, 7, 64, true},
    {"resnet_stem_onnx_f32", DType::f32, DType::u8, EpilogueRule::onnx, 7, 64, true},
    {"resnet_stem_onnx_u8", DType::u8, DType::u8, EpilogueRule::onnx, 7, 64, true},
    {"mobilenet_stem_f32", DType::f32, DType::s8, EpilogueRule::mge_dense, 3, 32, false},
    {"mobilenet_stem_s8", DType::s8, DType::s8, EpilogueRule::mge_dense, 3, 32, false},
};

// A 1x1 convolution with a residual and the 1x1 convolution behind it.
struct Pair {
  const char* name;
  std::int64_t size, c, wide, k;
};

constexpr Pair kPairs[] = {{"pair_56_64_256_64", 56, 64, 256, 64},
                           {"pair_56_64_256_128", 56, 64, 256, 128},
                           {"pair_28_128_512_128", 28, 128, 512, 128},
                           {"pair_28_128_512_256", 28, 128, 512, 256},
                           {"pair_14_256_1024_256", 14, 256, 1024, 256}};

// An inverted residual block: input channels and side of its map. With as many hidden channels as
// input channels nothing expands.
struct Block {
  const char* name;
  std::int64_t in, side, hidden, stride, out;
  bool residual;
};

constexpr Block kBlocks[] = {
    {"block_112_32_32_16", 32, 112, 32, 1, 16, false},
    {"block_112_16_96_24_s2", 16, 112, 96, 2, 24, false},
    {"block_56_24_144_24", 24, 56, 144, 1, 24, true},
    {"block_56_24_144_32_s2", 24, 56, 144, 2, 32, false},
    {"block_28_32_192_32", 32, 28, 192, 1, 32, true},
    {"block_28_32_192_64_s2", 32, 28, 192, 2, 64, false},
    {"block_14_64_384_64", 64, 14, 384, 1, 64, true},
    {"block_14_64_384_96", 64, 14, 384, 1, 96, false},
    {"block_14_96_576_96", 96, 14, 576, 1, 96, true},
    {"block_14_96_576_160_s2", 96, 14, 576, 2, 160, false},
    {"block_7_160_960_160", 160, 7, 960, 1, 160, true},
    {"block_7_160_960_320", 160, 7, 960, 1, 320, false},
};

// A first layer and the block behind it, which expands nothing.
struct Entry {
  const char* name;
  Stem stem;
  Block block;
};

constexpr Entry kEntries[] = {{"entry_f32", kStems[4], kBlocks[0]},
                              {"entry_s8", kStems[5], kBlocks[0]}};

// What is timed as a whole by `kernels`, and operator by operator.
struct Region {
  std::string name;
  Graph graph;
  std::span<const Kernel> kernels;
  double products;
};

void fill(Tensor& tensor, std::mt19937& random) {
  if (tensor.dtype() == DType::f32) {
    for (float& value : tensor.mutable_values<float>())
      value = static_cast<float>(random() % 4096) / 1024.0f - 2.0f;
    return;
  }
  const bool words = tensor.dtype() == DType::s32;
  if (words)
    for (std::int32_t& value : tensor.mutable_values<std::int32_t>())
      value = static_cast<std::int32_t>(random() % 4001) - 2000;
  else
    for (std::byte& value : tensor.mutable_values<std::byte>())
      value = static_cast<std::byte>(random() % 256);
}

Tensor filled(TensorType type, std::mt19937& random) {
  Tensor tensor(std::move(type));
  fill(tensor, random);
  return tensor;
}

// The value that a first layer gives, of an input that it adds.
ValueId add_stem(Graph& graph, const Stem& stem, std::int64_t batch, std::mt19937& random) {
  const bool onnx = stem.rule == EpilogueRule::onnx;
  const OutputSpec q{stem.quantised,
                     Quant::per_tensor(0.0181f, stem.quantised == DType::u8 ? 128 : 0)};
  TensorType x{stem.input, Shape{batch, 3, 224, 224}, kNCHW, std::nullopt};
  if (stem.input != DType::f32) x.quant = q.quant;
  const ValueId input = graph.add_input("x", x);
  ValueId y = kNoValue;
  const auto add = [&](OpPtr op, std::vector<ValueId> inputs) {
    y = graph.add(std::move(op), std::move(inputs));
    graph.set_layout(y, kNHWC4);
  };
  if (stem.input == DType::f32) {
    Convert op;
    op.output = q;
    op.rule = onnx ? QuantRule::onnx : QuantRule::mge;
    add(make_op<Convert>(op), {input});
  } else {
    Relayout op;
    op.layout = kNHWC4;
    add(make_op<Relayout>(op), {input});
  }
  Conv2d conv;
  const std::int64_t pad = stem.filter / 2;
  conv.window = {{2, 2}, {pad, pad, pad, pad}, {1, 1}};
  conv.rule = stem.rule;
  conv.output = {DType::s8, Quant::per_tensor(0.0613f)};
  if (onnx) conv.output = {DType::u8, Quant::per_tensor(0.0613f, 0)};
  else conv.activation.kind = ActivationKind::relu;
  const Shape filter{stem.k, 3, stem.filter, stem.filter};
  add(make_op<Conv2d>(conv),
      {y, graph.add_constant(filled({DType::s8, filter, kNCHW, Quant::per_tensor(0.002f)}, random)),
       graph.add_constant(filled({DType::s32, Shape{stem.k}, kNCHW, std::nullopt}, random))});
  if (stem.pool) {
    Pool2d pool;
    pool.kernel = {3, 3};
    pool.window = {{2, 2}, {1, 1, 1, 1}, {1, 1}};
    pool.rule = onnx ? QuantRule::onnx : QuantRule::mge;
    add(make_op<Pool2d>(pool), {y});
  }
  return y;
}

double products(const Stem& stem, std::int64_t batch) {
  return static_cast<double>(batch * 112 * 112 * stem.k * 3 * stem.filter * stem.filter);
}

Region make_region(const Stem& stem, std::int64_t batch) {
  std::mt19937 random(7);
  Graph graph;
  graph.add_output(add_stem(graph, stem, batch, random), "y");
  return {stem.name, std::move(graph), cuda::stem_rows(), products(stem, batch)};
}

Region make_region(const Pair& pair, std::int64_t batch) {
  std::mt19937 random(7);
  Graph graph;
  const auto type = [&](std::int64_t channels, float scale) {
    return TensorType{DType::s8, Shape{batch, channels, pair.size, pair.size}, kNHWC,
                      Quant::per_tensor(scale)};
  };
  const auto conv = [&](ValueId x, std::int64_t k, const Conv2d& op, ValueId z) {
    const std::int64_t c = graph.type(x).shape[1];
    // Sums grow with the root of the channels: so small are the scales of real filters.
    const float scale = 0.1f / std::sqrt(static_cast<float>(c));
    const TensorType filter{DType::s8, Shape{k, c, 1, 1}, kNCHW, Quant::per_tensor(scale)};
    std::vector<ValueId> inputs{
        x, graph.add_constant(filled(filter, random)),
        graph.add_constant(filled({DType::s32, Shape{k}, kNCHW, std::nullopt}, random))};
    if (z != kNoValue) inputs.push_back(z);
    const ValueId y = graph.add(make_op<Conv2d>(op), std::move(inputs));
    graph.set_layout(y, kNHWC);
    return y;
  };
  Conv2d op;
  op.window = {{1, 1}, {0, 0, 0, 0}, {1, 1}};
  op.rule = EpilogueRule::mge_dense;
  op.activation.kind = ActivationKind::relu;
  Conv2d expand = op;
  expand.output = {DType::s8, Quant::per_tensor(0.0613f)};
  expand.mid = {DType::s8, Quant::per_tensor(0.0437f)};
  expand.z_rounding = ZRounding::twice;
  expand.z_rule = QuantRule::mge;
  op.output = {DType::s8, Quant::per_tensor(0.0713f)};
  const ValueId x = graph.add_input("x", type(pair.c, 0.0181f));
  const ValueId z = graph.add_input("z", type(pair.wide, 0.0523f));
  const ValueId y = conv(x, pair.wide, expand, z);
  const ValueId r = conv(y, pair.k, op, kNoValue);
  graph.add_output(y, "y");
  graph.add_output(r, "r");
  return {pair.name, std::move(graph), cuda::pair_rows(),
          static_cast<double>(batch * pair.size * pair.size * pair.wide * (pair.c + pair.k))};
}

bool expands(const Block& block) { return block.hidden != block.in; }

// Scales such that no layer saturates or dies: sums of `depth` random products.
Conv2d block_layer(std::int64_t size, std::int64_t stride, std::int64_t groups, double depth) {
  Conv2d conv;
  const std::int64_t pad = size / 2;
  conv.window = {{stride, stride}, {pad, pad, pad, pad}, {1, 1}};
  conv.groups = groups;
  conv.rule = groups == 1 ? EpilogueRule::mge_dense : EpilogueRule::mge_packed;
  conv.output = {DType::s8, Quant::per_tensor(static_cast<float>(0.0513 * std::sqrt(depth)))};
  return conv;
}

std::span<const Kernel> block_rows() {
  static const std::vector<Kernel> rows = [] {
    const auto hopper = cuda::inverted_wgmma_rows(), all = cuda::inverted_rows();
    std::vector<Kernel> both(hopper.begin(), hopper.end());
    both.insert(both.end(), all.begin(), all.end());
    return both;
  }();
  return rows;
}

ValueId add_block(Graph& graph, ValueId x, const Block& block, std::mt19937& random) {
  ValueId y = x;
  const auto add = [&](const Conv2d& conv, std::int64_t k, bool residual) {
    const std::int64_t c = graph.type(y).shape[1] / conv.groups, size = conv.window.pad[0] * 2 + 1;
    const TensorType filter{DType::s8, Shape{k, c, size, size}, kNCHW, Quant::per_tensor(0.0117f)};
    std::vector<ValueId> inputs{
        y, graph.add_constant(filled(filter, random)),
        graph.add_constant(filled({DType::s32, Shape{k}, kNCHW, std::nullopt}, random))};
    if (residual) inputs.push_back(x);
    y = graph.add(make_op<Conv2d>(conv), std::move(inputs));
    graph.set_layout(y, kNHWC4);
  };
  Conv2d expand = block_layer(1, 1, 1, static_cast<double>(block.in));
  Conv2d depthwise = block_layer(3, block.stride, block.hidden, 9.0);
  Conv2d project = block_layer(1, 1, 1, static_cast<double>(block.hidden));
  expand.activation.kind = depthwise.activation.kind = ActivationKind::relu;
  if (block.residual) {
    project.z_rounding = ZRounding::twice;
    project.mid = project.output;
    project.output.quant = Quant::per_tensor(0.0713f);
  }
  if (expands(block)) add(expand, block.hidden, false);
  add(depthwise, block.hidden, false);
  add(project, block.out, block.residual);
  return y;
}

double products(const Block& block, std::int64_t batch) {
  const std::int64_t in = block.side * block.side, out = in / (block.stride * block.stride);
  return static_cast<double>(batch * block.hidden *
                             (in * (expands(block) ? block.in : 0) + out * (9 + block.out)));
}

Region make_region(const Block& block, std::int64_t batch) {
  std::mt19937 random(7);
  Graph graph;
  const ValueId x = graph.add_input("x", {DType::s8, Shape{batch, block.in, block.side, block.side},
                                          kNHWC4, Quant::per_tensor(0.0487f)});
  graph.add_output(add_block(graph, x, block, random), "y");
  return {block.name, std::move(graph), block_rows(), products(block, batch)};
}

Region make_region(const Entry& entry, std::int64_t batch) {
  std::mt19937 random(7);
  Graph graph;
  const ValueId map = add_stem(graph, entry.stem, batch, random);
  graph.add_output(add_block(graph, map, entry.block, random), "y");
  return {entry.name, std::move(graph), cuda::entry_rows(),
          products(entry.stem, batch) + products(entry.block, batch)};
}

Problem problem_of(const Graph& graph) {
  Problem problem;
  problem.op = make_op<Subgraph>(graph);
  for (const ValueId input : graph.inputs()) problem.inputs.push_back(graph.type(input));
  for (const auto& output : graph.outputs()) problem.outputs.push_back(graph.type(output.value));
  problem.constants.assign(problem.inputs.size(), nullptr);
  problem.present.assign(problem.inputs.size(), true);
  return problem;
}

// Operator by operator, each by the kernel that the backend would choose; gives the outputs.
double time_apart(Bench& bench, const Backend& backend, const Graph& graph,
                  std::span<const Tensor> inputs, std::vector<std::byte>& outputs) {
  const Backend* const backends[] = {&backend};
  std::map<ValueId, Tensor> values;
  for (std::size_t i = 0; i < inputs.size(); ++i)
    values.emplace(graph.inputs()[i], inputs[i].clone());
  double sum = 0.0;
  for (const NodeId id : graph.order()) {
    const Problem problem = Problem::of(graph, id);
    std::vector<Candidate> candidates = candidates_for(problem, {}, backends, {});
    const Kernel& kernel = *candidates[FirstAccepting().choose(problem, {}, candidates)].kernel;
    std::vector<Tensor> operands;
    for (std::size_t i = 0; i < problem.inputs.size(); ++i)
      operands.push_back(problem.constants[i] != nullptr
                             ? problem.constants[i]->clone()
                             : values.at(graph.node(id).inputs[i]).clone());
    std::vector<std::byte> output;
    sum += bench.time(kernel, problem, operands, output);
    Tensor value(problem.outputs[0]);
    std::memcpy(value.mutable_data(), output.data(), output.size());
    values.insert_or_assign(graph.node(id).outputs[0], std::move(value));
  }
  outputs.clear();
  for (const auto& output : graph.outputs()) {
    const Tensor& value = values.at(output.value);
    outputs.insert(outputs.end(), value.data(), value.data() + value.bytes());
  }
  return sum;
}

// The bytes of the inputs and the outputs, each once, at what a copy reaches; the products at the
// nominal peak of an H200.
double floor_microseconds(const Region& region, const Problem& problem) {
  double bytes = 0.0;
  for (const TensorType& type : problem.inputs) bytes += static_cast<double>(type.bytes());
  for (const TensorType& type : problem.outputs) bytes += static_cast<double>(type.bytes());
  return std::max(region.products / (1979e12 / 2), bytes / 4.3e12) * 1e6;
}

void run_region(Bench& bench, const Backend& backend, const Region& region, std::int64_t batch) {
  const Problem problem = problem_of(region.graph);
  std::mt19937 random(11);
  std::vector<Tensor> inputs;
  for (const TensorType& type : problem.inputs) inputs.push_back(filled(type, random));
  std::vector<std::byte> apart, output;
  const double apart_us = time_apart(bench, backend, region.graph, inputs, apart);
  for (const Kernel& kernel : region.kernels) {
    if (!kernel.check(problem, {})) continue;
    const double us = bench.time(kernel, problem, inputs, output);
    std::printf(
        "{\"region\":\"%s\",\"batch\":%lld,\"kernel\":\"%s\",\"us\":%.2f,\"apart_us\":%.2f,"
        "\"floor_us\":%.2f,\"same_bits\":%s}\n",
        region.name.c_str(), static_cast<long long>(batch), kernel.name.c_str(), us, apart_us,
        floor_microseconds(region, problem), output == apart ? "true" : "false");
    std::fflush(stdout);
  }
}

void run(std::int64_t batch, const std::string& filter) {
  const auto backend = make_cuda_backend();
  if (const Verdict verdict = backend->available(); !verdict)
    throw Error(StatusCode::unavailable, verdict.reason());
  Bench bench(*backend);
  const auto run_all = [&](const auto& regions) {
    for (const auto& region : regions)
      if (std::string(region.name).find(filter) != std::string::npos)
        run_region(bench, *backend, make_region(region, batch), batch);
  };
  run_all(kStems);
  run_all(kPairs);
  run_all(kBlocks);
  run_all(kEntries);
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
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
