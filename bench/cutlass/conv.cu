// Times CUTLASS's implicit GEMM convolution of sm_90 (s8, NHWC) on the dense layers of ResNet18 and
// ResNet50: of several tiles and clusters the fastest. One JSON object per layer on stdout, with
// the names of bench/conv_layers.cpp.
//
//   octet_cutlass_conv [--batch N]
//
// Its epilogue is one scale and a ReLU to s8: no bias, no scales by channel and no residual, so it
// does less than ours. Each figure is the median of 30 replays of a recording of 20 launches, on
// bytes as they are after a ReLU: half zeros, small magnitudes.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <vector>

// clang-format off: CUTLASS's headers need these before them
#include "cute/tensor.hpp"
#include "cutlass/kernel_hardware_info.hpp"
// clang-format on
#include "cutlass/conv/collective/collective_builder.hpp"
#include "cutlass/conv/convnd_problem_shape.hpp"
#include "cutlass/conv/device/conv_universal_adapter.hpp"
#include "cutlass/conv/kernel/conv_universal.hpp"
#include "cutlass/epilogue/collective/collective_builder.hpp"
#include "cutlass/epilogue/thread/activation.h"

namespace {

using namespace cute;

struct Layer {
  const char* name;
  int c, k, extent, filter, stride;
};

constexpr Layer kLayers[] = {
    {"r18_res2_3x3", 64, 64, 56, 3, 1},          {"r18_res3_3x3", 128, 128, 28, 3, 1},
    {"r18_res4_3x3", 256, 256, 14, 3, 1},        {"r18_res5_3x3", 512, 512, 7, 3, 1},
    {"r18_res3_down_3x3", 64, 128, 56, 3, 2},    {"r18_res4_down_3x3", 128, 256, 28, 3, 2},
    {"r18_res5_down_3x3", 256, 512, 14, 3, 2},   {"r18_res3_down_1x1", 64, 128, 56, 1, 2},
    {"r18_res4_down_1x1", 128, 256, 28, 1, 2},   {"r18_res5_down_1x1", 256, 512, 14, 1, 2},
    {"r50_res2_first", 64, 64, 56, 1, 1},        {"r50_res2_reduce", 256, 64, 56, 1, 1},
    {"r50_res2_down_1x1", 64, 256, 56, 1, 1},    {"r50_res3_first", 256, 128, 56, 1, 1},
    {"r50_res3_3x3_s2", 128, 128, 56, 3, 2},     {"r50_res3_reduce", 512, 128, 28, 1, 1},
    {"r50_res3_down_1x1", 256, 512, 56, 1, 2},   {"r50_res4_first", 512, 256, 28, 1, 1},
    {"r50_res4_3x3_s2", 256, 256, 28, 3, 2},     {"r50_res4_reduce", 1024, 256, 14, 1, 1},
    {"r50_res4_down_1x1", 512, 1024, 28, 1, 2},  {"r50_res5_first", 1024, 512, 14, 1, 1},
    {"r50_res5_3x3_s2", 512, 512, 14, 3, 2},     {"r50_res5_reduce", 2048, 512, 7, 1, 1},
    {"r50_res5_down_1x1", 1024, 2048, 14, 1, 2},
};

void check(cudaError_t error) {
  if (error == cudaSuccess) return;
  std::fprintf(stderr, "octet_cutlass_conv: %s\n", cudaGetErrorString(error));
  std::exit(1);
}

// Bytes on the device; it lives as long as the program, as a layer's do.
std::int8_t* device_bytes(std::size_t count, bool relu) {
  std::mt19937 random(7);
  std::uniform_int_distribution<int> value(-40, 40);
  std::vector<std::int8_t> bytes(count);
  for (std::int8_t& byte : bytes) {
    const int drawn = value(random);
    byte = static_cast<std::int8_t>(relu ? std::max(0, drawn) : drawn);
  }
  void* memory = nullptr;
  check(cudaMalloc(&memory, count));
  check(cudaMemcpy(memory, bytes.data(), count, cudaMemcpyHostToDevice));
  return static_cast<std::int8_t*>(memory);
}

template <typename Run>
double median_microseconds(cudaStream_t stream, Run run) {
  constexpr int kLaunches = 20, kReplays = 30, kWarmUps = 3;
  cudaGraph_t graph = nullptr;
  cudaGraphExec_t recording = nullptr;
  check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal));
  for (int i = 0; i < kLaunches; ++i) run();
  check(cudaStreamEndCapture(stream, &graph));
  check(cudaGraphInstantiate(&recording, graph, 0));
  cudaEvent_t start = nullptr, stop = nullptr;
  check(cudaEventCreate(&start));
  check(cudaEventCreate(&stop));
  std::vector<double> times;
  for (int i = 0; i < kReplays + kWarmUps; ++i) {
    check(cudaEventRecord(start, stream));
    check(cudaGraphLaunch(recording, stream));
    check(cudaEventRecord(stop, stream));
    check(cudaEventSynchronize(stop));
    float milliseconds = 0;
    check(cudaEventElapsedTime(&milliseconds, start, stop));
    if (i >= kWarmUps) times.push_back(1000.0 * milliseconds / kLaunches);
  }
  cudaEventDestroy(start);
  cudaEventDestroy(stop);
  cudaGraphExecDestroy(recording);
  cudaGraphDestroy(graph);
  std::nth_element(times.begin(), times.begin() + kReplays / 2, times.end());
  return times[kReplays / 2];
}

struct Operands {
  const std::int8_t *x, *w;
  std::int8_t* y;
};

// A tile of kM x kN outputs, kK of the depth at a time, in clusters of kClusterM x kClusterN.
template <int kM, int kN, int kK, int kClusterM, int kClusterN>
struct ConvTile {
  using Byte = std::int8_t;
  using Map = cutlass::layout::TensorNHWC;
  using Shape_ = Shape<Int<kM>, Int<kN>, Shape<Int<kK>>>;
  using Cluster = Shape<Int<kClusterM>, Int<kClusterN>, _1>;
  using Fusion = cutlass::epilogue::fusion::LinCombEltAct<cutlass::epilogue::thread::ReLu, Byte,
                                                          float, void, float>;
  using Epilogue = typename cutlass::epilogue::collective::CollectiveBuilder<
      cutlass::arch::Sm90, cutlass::arch::OpClassTensorOp, Shape_, Cluster,
      cutlass::epilogue::collective::EpilogueTileAuto, std::int32_t, float, void, Map, 16, Byte,
      Map, 16, cutlass::epilogue::TmaWarpSpecialized, Fusion>::CollectiveOp;
  using Mainloop = typename cutlass::conv::collective::CollectiveBuilder<
      cutlass::arch::Sm90, cutlass::arch::OpClassTensorOp, cutlass::conv::Operator::kFprop, Byte,
      Map, 16, Byte, Map, 16, std::int32_t, Shape_, Cluster,
      cutlass::conv::collective::StageCountAutoCarveout<static_cast<int>(
          sizeof(typename Epilogue::SharedStorage))>,
      cutlass::conv::collective::KernelScheduleAuto>::CollectiveOp;
  using Problem = cutlass::conv::ConvProblemShape<cutlass::conv::Operator::kFprop, 2>;
  using Conv = cutlass::conv::device::ConvUniversalAdapter<
      cutlass::conv::kernel::ConvUniversal<Problem, Mainloop, Epilogue>>;

  static std::string name() {
    return std::to_string(kM) + "x" + std::to_string(kN) + "x" + std::to_string(kK) + "_" +
           std::to_string(kClusterM) + "x" + std::to_string(kClusterN);
  }

  // Microseconds; below zero where CUTLASS refuses the layer.
  static double time(const Layer& layer, int batch, const Operands& operands, cudaStream_t stream) {
    const int pad = layer.filter / 2;
    const Problem problem(cutlass::conv::Mode::kCrossCorrelation,
                          {batch, layer.extent, layer.extent, layer.c},
                          {layer.k, layer.filter, layer.filter, layer.c}, {pad, pad}, {pad, pad},
                          {layer.stride, layer.stride}, {1, 1}, 1);
    using Stride = typename Conv::ConvKernel::StrideD;
    Stride stride{};
    for_each(make_seq<rank<0>(Stride{})>{},
             [&](auto i) { get<0, i>(stride) = problem.stride_C[Problem::RankT - 2 - i]; });
    typename Conv::Arguments arguments{
        problem, {operands.x, operands.w}, {{}, nullptr, {}, operands.y, stride}, {}, {}};
    arguments.epilogue.thread.alpha = 0.004f;
    arguments.epilogue.thread.beta = 0.0f;
    Conv conv;
    if (conv.can_implement(arguments) != cutlass::Status::kSuccess) return -1;
    if (Conv::get_workspace_size(arguments) != 0) return -1;
    if (conv.initialize(arguments, nullptr, stream) != cutlass::Status::kSuccess) return -1;
    if (conv.run(stream) != cutlass::Status::kSuccess) return -1;
    check(cudaStreamSynchronize(stream));
    return median_microseconds(stream, [&] { conv.run(stream); });
  }
};

struct Best {
  double microseconds = -1;
  std::string tile;
};

template <typename... Tiles>
Best best_of(const Layer& layer, int batch, const Operands& operands, cudaStream_t stream) {
  Best best;
  const auto consider = [&](double microseconds, const std::string& name) {
    if (microseconds > 0 && (best.microseconds < 0 || microseconds < best.microseconds))
      best = {microseconds, name};
  };
  (consider(Tiles::time(layer, batch, operands, stream), Tiles::name()), ...);
  return best;
}

}  // namespace

int main(int count, char** arguments) {
  int batch = 128;
  for (int i = 1; i < count; ++i) {
    if (std::strcmp(arguments[i], "--batch") == 0 && i + 1 < count) {
      batch = std::atoi(arguments[++i]);
    } else {
      std::fprintf(stderr, "usage: octet_cutlass_conv [--batch N]\n");
      return 2;
    }
  }
  if (batch < 1) {
    std::fprintf(stderr, "octet_cutlass_conv: --batch must be a positive number\n");
    return 2;
  }
  cudaStream_t stream = nullptr;
  check(cudaStreamCreate(&stream));
  for (const Layer& layer : kLayers) {
    const std::size_t in = layer.extent, out = (in - 1) / layer.stride + 1;
    const std::size_t images = batch;
    const Operands operands{
        device_bytes(images * in * in * layer.c, true),
        device_bytes(std::size_t(layer.k) * layer.filter * layer.filter * layer.c, false),
        device_bytes(images * out * out * layer.k, true)};
    const Best best = best_of<ConvTile<64, 64, 64, 1, 1>, ConvTile<128, 64, 64, 1, 1>,
                              ConvTile<128, 128, 64, 1, 1>, ConvTile<128, 128, 128, 2, 1>,
                              ConvTile<128, 256, 64, 2, 1>, ConvTile<256, 128, 64, 2, 1>>(
        layer, batch, operands, stream);
    std::printf("{\"layer\": \"%s\", \"batch\": %d, \"kernel\": \"cutlass_%s\", \"us\": %.2f}\n",
                layer.name, batch, best.tile.c_str(), best.microseconds);
    std::fflush(stdout);
    for (const std::int8_t* memory :
         {operands.x, operands.w, static_cast<const std::int8_t*>(operands.y)})
      cudaFree(const_cast<std::int8_t*>(memory));
  }
  return 0;
}
