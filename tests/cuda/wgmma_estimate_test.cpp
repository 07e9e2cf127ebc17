// The estimates of the Hopper convolutions against the figures kept in bench/results.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "backends/cuda/conv/wgmma/plan.hpp"
#include "backends/cuda/conv/wgmma/tiles.hpp"
#include "ops/conv.hpp"

namespace octet::cuda {
namespace {

constexpr int kMultiprocessors = 132;

struct Figure {
  std::string layer;
  std::int64_t batch;
  double measured, estimated;
};

Problem problem_of(const nlohmann::json& row) {
  const std::string after = row["after"];
  const std::int64_t extent = row["extent"], filter = row["filter"], stride = row["stride"];
  const std::int64_t pad = filter / 2, out = (extent + 2 * pad - filter) / stride + 1;
  Conv2d op;
  op.window = {{stride, stride}, {pad, pad, pad, pad}, {1, 1}};
  op.rule = EpilogueRule::mge_dense;
  op.output = {DType::s8, Quant::per_tensor(0.06f)};
  if (after != "none") op.activation.kind = ActivationKind::relu;
  const auto map = [&](const char* channels, std::int64_t size) {
    return TensorType{DType::s8, Shape{row["batch"], row[channels], size, size}, kNHWC,
                      Quant::per_tensor(0.05f)};
  };
  Problem problem;
  problem.inputs = {
      map("c", extent),
      {DType::s8, Shape{row["k"], row["c"], filter, filter}, kNCHW, Quant::per_tensor(0.002f)},
      {DType::s32, Shape{1, row["k"], 1, 1}, kNCHW, Quant::per_tensor(0.0001f)}};
  if (after == "add") {
    op.z_rounding = ZRounding::twice;
    op.mid = {DType::s8, Quant::per_tensor(0.05f)};
    problem.inputs.push_back(map("k", out));
  }
  problem.outputs = {map("k", out)};
  problem.op = make_op<Conv2d>(op);
  problem.constants.assign(problem.inputs.size(), nullptr);
  problem.present.assign(problem.inputs.size(), true);
  return problem;
}

const WgmmaTile* tile_of(const std::string& kernel) {
  for (const WgmmaTile& tile : kWgmmaTiles)
    if (kernel.ends_with("_sm90a_" + wgmma_tile_name(tile))) return &tile;
  return nullptr;
}

std::vector<Figure> figures() {
  std::ifstream file(OCTET_BENCH_RESULTS "/conv_wgmma_h200.json");
  const auto document = nlohmann::json::parse(file);
  std::vector<Figure> figures;
  for (const auto& row : document["results"])
    if (const WgmmaTile* tile = tile_of(row["kernel"]))
      figures.push_back({row["layer"], row["batch"], row["us"],
                         estimate_im2col_conv(problem_of(row), *tile, kMultiprocessors)});
  return figures;
}

TEST(WgmmaEstimate, IsNearWhatWasMeasured) {
  std::vector<double> off;
  for (const Figure& f : figures()) off.push_back(std::abs(std::log(f.estimated / f.measured)));
  ASSERT_GT(off.size(), 900u);
  std::sort(off.begin(), off.end());
  EXPECT_LT(off[off.size() / 2], 0.12);
  EXPECT_LT(off[off.size() * 9 / 10], 0.40);
}

// What a run without fast-run loses: the sum over the layers of the figures of what the estimates
// choose, against that of the best.
TEST(WgmmaEstimate, ChoosesWithinATenthOfTheBest) {
  struct Layer {
    double best = 1e9, chosen = 0.0, least_estimate = 1e9;
  };
  std::map<std::pair<std::int64_t, std::string>, Layer> layers;
  for (const Figure& f : figures()) {
    Layer& layer = layers[{f.batch, f.layer}];
    layer.best = std::min(layer.best, f.measured);
    if (f.estimated >= layer.least_estimate) continue;
    layer.least_estimate = f.estimated;
    layer.chosen = f.measured;
  }
  std::map<std::int64_t, std::pair<double, double>> sums;
  for (const auto& [key, layer] : layers) {
    sums[key.first].first += layer.chosen;
    sums[key.first].second += layer.best;
  }
  ASSERT_EQ(sums.size(), 3u);
  for (const auto& [batch, sum] : sums) EXPECT_LT(sum.first, 1.1 * sum.second) << "batch " << batch;
}

}  // namespace
}  // namespace octet::cuda
