// Times the CUDA kernels that run a region of a network as a whole, beside the kernels that would
// run its operators one by one, and checks that both give the same bits. One JSON object per region
// on stdout.
//
//   octet_regions [--batch N] [--filter PART_OF_REGION]
//
// Each figure is the median of 30 replays of a recording of 20 launches, over the same operands:
// for a first layer, pictures of uniform noise.
#include <cmath>
#include <cstdio>
#include <cstring>
#include <map>
#include <random>
#include <string>

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

// An inverted residual block of MobileNetV2: input channels and side of its map.
struct Block {
  const char* name;
  std::int64_t in, side, hidden, stride, out;
  bool residual;
};

constexpr Block kBlocks[] = {
    {"block_16_96_24_112s2", 16, 112, 96, 2, 24, false},
    {"block_24_144_24_56", 24, 56, 144, 1, 24, true},
    {"block_24_144_32_56s2", 24, 56, 144, 2, 32, false},
    {"block_32_192_32_28", 32, 28, 192, 1, 32, true},
    {"block_32_192_64_28s2", 32, 28, 192, 2, 64, false},
    {"block_64_384_64_14", 64, 14, 384, 1, 64, true},
    {"block_64_384_96_14", 64, 14, 384, 1, 96, false},
    {"block_96_576_96_14", 96, 14, 576, 1, 96, true},
    {"block_96_576_160_14s2", 96, 14, 576, 2, 160, false},
    {"block_160_960_160_7", 160, 7, 960, 1, 160, true},
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

Graph make_graph(const Stem& stem, std::int64_t batch) {
  std::mt19937 random(7);
  const bool onnx = stem.rule == EpilogueRule::onnx;
  const OutputSpec q{stem.quantised,
                     Quant::per_tensor(0.0181f, stem.quantised == DType::u8 ? 128 : 0)};
  TensorType x{stem.input, Shape{batch, 3, 224, 224}, kNCHW, std::nullopt};
  if (stem.input != DType::f32) x.quant = q.quant;
  Graph graph;
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
  graph.add_output(y, "y");
  return graph;
}

// Scales such that no layer saturates or dies: sums of `depth` random products.
Conv2d block_layer(std::int64_t size, std::int64_t stride, std::int64_t groups, double depth) {
  Conv2d conv;
  const std::int64_t pad = size / 2;
  conv.window = {{stride, stride}, {pad, pad, pad, pad}, {1, 1}};
  conv.groups = groups;
  conv.rule = groups == 1 ? EpilogueRule::mge_dense : EpilogueRule::mge_packed;
  conv.output = {DType::s8, Quant::per_tensor(static_cast<float>(0.05 * std::sqrt(depth)))};
  return conv;
}

Graph make_graph(const Block& block, std::int64_t batch) {
  std::mt19937 random(7);
  Graph graph;
  const ValueId x =
      graph.add_input("x", {DType::s8, Shape{batch, block.in, block.side, block.side}, kNCHW,
                            Quant::per_tensor(0.05f)});
  graph.set_layout(x, kNHWC4);
  ValueId y = x;
  const auto add = [&](Conv2d conv, std::int64_t k, bool residual) {
    const std::int64_t c = graph.type(y).shape[1] / conv.groups, size = conv.window.pad[0] * 2 + 1;
    std::vector<ValueId> inputs{
        y,
        graph.add_constant(
            filled({DType::s8, Shape{k, c, size, size}, kNCHW, Quant::per_tensor(0.01f)}, random)),
        graph.add_constant(filled({DType::s32, Shape{k}, kNCHW, std::nullopt}, random))};
    if (residual) inputs.push_back(x);
    y = graph.add(make_op<Conv2d>(conv), inputs);
    graph.set_layout(y, kNHWC4);
  };
  Conv2d expand = block_layer(1, 1, 1, static_cast<double>(block.in));
  Conv2d depthwise = block_layer(3, block.stride, block.hidden, 9.0);
  Conv2d project = block_layer(1, 1, 1, static_cast<double>(block.hidden));
  expand.activation.kind = depthwise.activation.kind = ActivationKind::relu;
  if (block.residual) {
    project.z_rounding = ZRounding::twice;
    project.mid = project.output;
  }
  add(expand, block.hidden, false);
  add(depthwise, block.hidden, false);
  add(project, block.out, block.residual);
  graph.add_output(y, "y");
  return graph;
}

Problem problem_of(const Graph& graph) {
  Problem problem;
  problem.op = make_op<Subgraph>(graph);
  problem.inputs = {graph.type(graph.inputs()[0])};
  problem.outputs = {graph.type(graph.outputs()[0].value)};
  problem.constants = {nullptr};
  problem.present = {true};
  return problem;
}

// Operator by operator, each by the kernel that the backend would choose; gives the output.
double time_apart(Bench& bench, const Backend& backend, const Graph& graph, const Tensor& x,
                  std::vector<std::byte>& output) {
  const Backend* const backends[] = {&backend};
  double sum = 0.0;
  std::map<ValueId, Tensor> values;
  values[graph.inputs()[0]] = x.clone();
  for (const NodeId id : graph.order()) {
    const Problem problem = Problem::of(graph, id);
    std::vector<Candidate> candidates = candidates_for(problem, {}, backends, {});
    const Kernel& kernel = *candidates[FirstAccepting().choose(problem, {}, candidates)].kernel;
    const Node& node = graph.node(id);
    std::vector<Tensor> operands;
    for (std::size_t i = 0; i < problem.inputs.size(); ++i)
      operands.push_back(problem.constants[i] != nullptr ? problem.constants[i]->clone()
                                                         : values.at(node.inputs[i]).clone());
    sum += bench.time(kernel, problem, operands, output);
    Tensor value(problem.outputs[0]);
    std::memcpy(value.mutable_data(), output.data(), output.size());
    values[node.outputs[0]] = std::move(value);
  }
  return sum;
}

// The bytes of the input and the output, each once, at what a copy reaches; the products at the
// nominal peak of an H200.
double products_of(const Stem& stem) {
  return static_cast<double>(112 * 112 * stem.k * 3 * stem.filter * stem.filter);
}
double products_of(const Block& block) {
  const std::int64_t in = block.side * block.side, out = in / (block.stride * block.stride);
  return static_cast<double>(block.hidden * (in * block.in + out * (9 + block.out)));
}

template <typename Region>
double floor_microseconds(const Region& region, const Problem& problem) {
  const double bytes = static_cast<double>(problem.inputs[0].bytes() + problem.outputs[0].bytes());
  const double products =
      static_cast<double>(problem.inputs[0].shape[0]) * products_of(region);
  return std::max(products / (1979e12 / 2), bytes / 4.3e12) * 1e6;
}

template <typename Region>
void run_region(Bench& bench, const Backend& backend, const Region& region, std::int64_t batch) {
  const Graph graph = make_graph(region, batch);
  const Problem problem = problem_of(graph);
  std::mt19937 random(11);
  const Tensor x = filled(problem.inputs[0], random);
  std::vector<std::byte> apart, output;
  const double apart_us = time_apart(bench, backend, graph, x, apart);
  for (const Kernel& kernel : cuda::kernel_list(Subgraph::kKind)) {
    if (kernel.naive || !kernel.check(problem, {})) continue;
    const double us = bench.time(kernel, problem, {&x, 1}, output);
    std::printf(
        "{\"region\":\"%s\",\"batch\":%lld,\"kernel\":\"%s\",\"us\":%.2f,\"apart_us\":%.2f,"
        "\"floor_us\":%.2f,\"same_bits\":%s}\n",
        region.name, static_cast<long long>(batch), kernel.name.c_str(), us, apart_us,
        floor_microseconds(region, problem), output == apart ? "true" : "false");
    std::fflush(stdout);
  }
}

void run(std::int64_t batch, const std::string& filter) {
  const auto backend = make_cuda_backend();
  if (const Verdict verdict = backend->available(); !verdict)
    throw Error(StatusCode::unavailable, verdict.reason());
  Bench bench(*backend);
  const auto run_each = [&](const auto& regions) {
    for (const auto& region : regions)
      if (std::string(region.name).find(filter) != std::string::npos)
        run_region(bench, *backend, region, batch);
  };
  run_each(kStems);
  run_each(kBlocks);
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
