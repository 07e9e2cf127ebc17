#include "passes/merge_requantise.hpp"

#include "passes/builders.hpp"

namespace octet {
namespace {

using namespace octet::testing;

Graph round_trip(const TensorType& x, const TensorType& y, QuantRule rule) {
  Graph graph;
  const ValueId input = graph.add_input("x", x);
  graph.add_output(convert(graph, to_f32(graph, input), y.dtype, y.quant, rule), "y");
  return graph;
}

TEST(MergeRequantise, RemovesTheWayToTheSameType) {
  for (const QuantRule rule : {QuantRule::mge, QuantRule::onnx})
    for (const float scale : {0.1f, 0.0137f, 3.0f}) {
      const Graph graph = round_trip(s8({2, 200}, scale), s8({2, 200}, scale), rule);
      const Graph merged = expect_same_results(graph, {merge_requantise_pass()});
      EXPECT_EQ(kinds(merged), "") << scale;
    }
}

TEST(MergeRequantise, RemovesItForEveryChannel) {
  TensorType type = s8({2, 3, 50}, 1.0f);
  type.quant = Quant{{0.1f, 0.2f, 0.7f}, {1, 0, -5}, 1};
  const Graph graph = round_trip(type, type, QuantRule::onnx);
  const Graph merged = expect_same_results(graph, {merge_requantise_pass()});
  EXPECT_EQ(kinds(merged), "");
}

TEST(MergeRequantise, KeepsWhatIsNotTheIdentity) {
  // (127 * s) / s is NaN when the product is infinite.
  const Graph overflows = round_trip(s8({300}, 3e38f), s8({300}, 3e38f), QuantRule::onnx);
  EXPECT_NE(kinds(expect_same_results(overflows, {merge_requantise_pass()})), "");
}

TEST(MergeRequantise, JoinsDifferentTypesWhereTheBitsAreTheSame) {
  const TensorType x = s8({2, 200}, 0.25f);
  TensorType y{DType::u8, x.shape, kNCHW, Quant::per_tensor(0.3f, 128)};
  for (const QuantRule rule : {QuantRule::mge, QuantRule::onnx}) {
    const Graph graph = round_trip(x, y, rule);
    const Graph merged = expect_same_results(graph, {merge_requantise_pass()});
    EXPECT_EQ(kinds(merged), "convert");
  }
  y = s8(x.shape, 1.0f);
  y.quant = Quant{{0.1f, 0.4f}, {}, 0};
  const Graph graph = round_trip(x, y, QuantRule::onnx);
  EXPECT_EQ(kinds(expect_same_results(graph, {merge_requantise_pass()})), "convert");
}

TEST(MergeRequantise, TriesEveryPairOfScalesOut) {
  // Whatever it decides, the bits stay: 256 values of each, many of them near ties.
  int joined = 0;
  for (int i = 1; i <= 40; ++i) {
    const float from = 0.01f * static_cast<float>(i), to = 0.013f * static_cast<float>(41 - i);
    const Graph graph = round_trip(s8({4096}, from), s8({4096}, to), QuantRule::mge);
    const Graph merged = expect_same_results(graph, {merge_requantise_pass()});
    joined += kinds(merged) == "convert";
  }
  EXPECT_GT(joined, 20);
}

TEST(MergeRequantise, KeepsTheFloatForOthersAndWideTypesAlone) {
  Graph graph;
  const ValueId x = graph.add_input("x", s8({8}, 0.5f));
  const ValueId real = to_f32(graph, x);
  graph.add_output(real, "real");
  graph.add_output(convert(graph, real, DType::s8, Quant::per_tensor(0.5f)), "y");
  const Graph merged = expect_same_results(graph, {merge_requantise_pass()});
  EXPECT_EQ(kinds(merged), "convert");
  TensorType wide{DType::s32, Shape{8}, kNCHW, Quant::per_tensor(0.5f)};
  EXPECT_EQ(kinds(after({merge_requantise_pass()}, round_trip(wide, wide, QuantRule::mge))),
            "convert,convert");
}

}  // namespace
}  // namespace octet
