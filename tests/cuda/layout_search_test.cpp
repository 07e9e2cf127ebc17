// How much the choice of layouts has to measure on a Hopper GPU: the convolutions' own estimates,
// off by up to a quarter, stand for the times, and nothing is computed.
#include <gtest/gtest.h>

#include <cmath>
#include <utility>

#include "backends/cuda/conv/depthwise/plan.hpp"
#include "backends/cuda/conv/dp4a/plan.hpp"
#include "backends/cuda/conv/gather/plan.hpp"
#include "backends/cuda/conv/halo/plan.hpp"
#include "backends/cuda/conv/stem/plan.hpp"
#include "backends/cuda/conv/wgmma/plan.hpp"
#include "backends/cuda/conv/wgmma/tiles.hpp"
#include "base/hash.hpp"
#include "kernels/host_backend.hpp"
#include "models/make_model.hpp"
#include "ops/conv.hpp"
#include "ops/convert.hpp"
#include "passes/choose_layouts.hpp"
#include "passes/cuda_layouts.hpp"
#include "passes/fuse_stem.hpp"
#include "passes/pipelines.hpp"
#include "tuning/layout_costs.hpp"

namespace octet::cuda {
namespace {

constexpr int kMultiprocessors = 132;
constexpr double kBytesPerSecond = 4.8e12;
constexpr GemmTile kMmaTiles[] = {{128, 128, 2, 2, 4}, {256, 64, 4, 1, 4}, {128, 64, 2, 2, 4}};
constexpr int kGatherTiles[] = {128, 64};

double clock_ms = 0.0;
int entered = 0;  // kernels that were made ready to be timed

// What no family of the table above estimates: bytes at two thirds of the memory's rate.
double moving_us(const Problem& problem) {
  std::size_t bytes = 0;
  for (const auto* types : {&problem.inputs, &problem.outputs})
    for (const TensorType& type : *types) bytes += type.bytes();
  return 2.0 + static_cast<double>(bytes) / (0.66 * kBytesPerSecond) * 1e6;
}

class Timed final : public Executable {
 public:
  explicit Timed(double ms) : ms_(ms) {}
  void run(const RunArgs&) const override { clock_ms += ms_; }

 private:
  double ms_;
};

// What an estimate says, off by a factor between 0.8 and 1.25 that the problem and the row decide.
template <auto kEstimate>
std::unique_ptr<Executable> prepare(const Problem& problem, const Demands&) {
  ++entered;
  std::string text(problem.op->kind());
  for (const TensorType& type : problem.inputs)
    text += type.shape.to_string() + to_string(type.layout);
  const double us = kEstimate(problem);
  const auto part = static_cast<double>(hash_text(text + std::to_string(us)) % 1000) / 1000.0;
  return std::make_unique<Timed>(us / 1e3 * std::pow(1.25, 2.0 * part - 1.0));
}

template <auto kCheck, auto kEstimate>
Kernel row(std::string name) {
  return {std::move(name), [](const Problem& p, const Demands&) { return kCheck(p); },
          prepare<kEstimate>, kEstimate};
}

template <std::size_t kTile>
Kernel wgmma_row() {
  return row<[](const Problem& p) {
    const Verdict any = check_im2col_conv(p);
    return any ? check_wgmma_tile(p, kWgmmaTiles[kTile], kMultiprocessors) : any;
  },
             [](const Problem& p) {
               return estimate_im2col_conv(p, kWgmmaTiles[kTile], kMultiprocessors);
             }>("wgmma" + std::to_string(kTile));
}

template <std::size_t kShape>
Kernel halo_row() {
  return row<[](const Problem& p) {
    return check_halo_conv(p, kHaloShapes[kShape], ChannelRuns::all);
  },
             [](const Problem& p) {
               return estimate_halo_conv(p, kHaloShapes[kShape], kMultiprocessors);
             }>("halo" + std::to_string(kShape));
}

template <std::size_t kTile>
Kernel mma_row() {
  return row<[](const Problem& p) { return check_implicit_gemm(p); },
             [](const Problem& p) {
               return estimate_implicit_gemm(p, kMmaTiles[kTile], kMultiprocessors);
             }>("mma" + std::to_string(kTile));
}

template <std::size_t kTile>
Kernel gather_row() {
  return row<[](const Problem& p) {
    const Layout& x = p.inputs[0].layout;
    if (x == kNHWC4 || x == kNHWC || x == kNCHW) return Verdict::refuse("the layout");
    return check_gather_conv(p);
  },
             [](const Problem& p) {
               return estimate_gather_conv(p, kGatherTiles[kTile], kMultiprocessors);
             }>("gather" + std::to_string(kTile));
}

template <std::size_t kTile>
Kernel depthwise_row() {
  return row<[](const Problem& p) { return check_depthwise(p, kDepthwiseTiles[kTile]); },
             [](const Problem& p) {
               return estimate_depthwise(p, kDepthwiseTiles[kTile], kMultiprocessors);
             }>("depthwise" + std::to_string(kTile));
}

template <std::size_t... kRow>
void add(std::vector<Kernel>& list, std::index_sequence<kRow...>, auto make) {
  (list.push_back(make.template operator()<kRow>()), ...);
}

Verdict anything(const Problem&, const Demands&) { return Verdict::accept(); }

// An H200 as far as the search can tell. Its memory holds nothing.
class PaperGpu final : public HostBackend {
 public:
  PaperGpu() {
    add(conv_, std::make_index_sequence<std::size(kHaloShapes)>{},
        []<std::size_t I> { return halo_row<I>(); });
    add(conv_, std::make_index_sequence<kWgmmaTiles.size()>{},
        []<std::size_t I> { return wgmma_row<I>(); });
    add(conv_, std::make_index_sequence<std::size(kGatherTiles)>{},
        []<std::size_t I> { return gather_row<I>(); });
    add(conv_, std::make_index_sequence<std::size(kMmaTiles)>{},
        []<std::size_t I> { return mma_row<I>(); });
    add(conv_, std::make_index_sequence<std::size(kDepthwiseTiles)>{},
        []<std::size_t I> { return depthwise_row<I>(); });
    conv_.push_back(
        row<check_dp4a, [](const Problem& p) { return estimate_dp4a(p, kMultiprocessors); }>(
            "dp4a"));
    conv_.push_back({"direct", anything, prepare<moving_us>});
    others_.push_back({"moving", anything, prepare<moving_us>});
  }

  std::string_view name() const noexcept override { return "paper"; }
  std::span<const Kernel> kernels(std::string_view kind) const override {
    return kind == Conv2d::kKind ? conv_ : others_;
  }
  DevicePeaks peaks() const override { return {1.0e15, kBytesPerSecond}; }
  std::size_t cache_bytes() const override { return std::size_t{50} << 20; }
  std::shared_ptr<std::byte> allocate(std::size_t) const override { return nullptr; }
  void copy_in(std::byte*, const std::byte*, std::size_t, ExecutionContext&) const override {}
  void copy_within(std::byte*, const std::byte*, std::size_t, ExecutionContext&) const override {}
  std::unique_ptr<Timer> make_timer() const override {
    class PaperTimer final : public Timer {
      void start(ExecutionContext&) override { from_ = clock_ms; }
      void stop(ExecutionContext&) override { to_ = clock_ms; }
      double milliseconds() override { return to_ - from_; }
      double from_ = 0.0, to_ = 0.0;
    };
    return std::make_unique<PaperTimer>();
  }

 private:
  std::vector<Kernel> conv_, others_;
};

// What a session of the CUDA backend does on Hopper before it chooses layouts.
Graph prepared(std::string_view model, std::int64_t batch) {
  Graph graph = make_model(model).graph;
  TensorType pictures = graph.type(graph.inputs()[0]);
  pictures.shape[0] = batch;
  graph.set_input_types({{"data", pictures}});
  graph.compact();
  Pipeline pipeline = cuda_pipeline();
  pipeline.push_back(fuse_stem_pass([](const Problem& p) { return check_stem(p).ok(); }));
  run_pipeline(pipeline, graph);
  return graph;
}

// Times the kernels of all steps, as a plan does.
void time_steps(const Graph& graph, FastRun& search, const PaperGpu& gpu) {
  const Backend* const backends[] = {&gpu};
  for (const NodeId id : graph.order()) {
    if (graph.node(id).op->inner() != nullptr) continue;
    const Problem problem = Problem::of(graph, id);
    auto candidates = candidates_for(problem, {}, backends);
    search.choose(problem, {}, candidates);
  }
}

int kernels_timed(Graph& graph, bool with_choice) {
  const PaperGpu gpu;
  FastRun search;
  entered = 0;
  const auto costs = std::make_shared<LayoutCosts>(search, LayoutSetting{{&gpu}, {}, {}, 1e9});
  if (with_choice) choose_layouts_pass(cuda_layout_policies(), costs, costs).run(graph);
  graph.compact();
  time_steps(graph, search, gpu);
  return entered;
}

// Where nothing beats NHWC by far, to find that out takes little more than timing NHWC's kernels,
// though every operator could run in five layouts.
TEST(LayoutSearch, MeasuresFewAlternativesOnHopper) {
  Graph as_it_is = prepared("resnet18", 128), chosen = as_it_is;
  const int anyway = kernels_timed(as_it_is, false), timed = kernels_timed(chosen, true);
  EXPECT_GT(anyway, 100);
  EXPECT_LT(timed, anyway * 3 / 2);
  EXPECT_TRUE(to_text(chosen) == to_text(as_it_is));
}

}  // namespace
}  // namespace octet::cuda
