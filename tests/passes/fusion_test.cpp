// The fusing passes keep the bits, and leave alone what they cannot fuse exactly.
#include <gtest/gtest.h>

#include "ops/convert.hpp"
#include "ops/matmul.hpp"
#include "passes/fuse_activation.hpp"
#include "passes/fuse_requantise.hpp"
#include "passes/fuse_z.hpp"
#include "passes/pass_harness.hpp"

namespace octet::testing {
namespace {

const Shape kImage{2, 6, 5, 7};

struct FusionTest : ::testing::Test {
  GraphMaker g;
  ValueId x = g.input(DType::s8, kImage, Quant::per_tensor(0.05f));
};
using FuseActivation = FusionTest;
using FuseZ = FusionTest;
using FuseRequantise = FusionTest;

TEST_F(FuseActivation, TakesReluOnStoredIntegers) {
  for (const EpilogueRule rule : {EpilogueRule::mge_dense, EpilogueRule::mge_packed,
                                  EpilogueRule::mge_ratio, EpilogueRule::onnx}) {
    GraphMaker maker;
    Conv2d op;
    op.rule = rule;
    op.output = {DType::u8, Quant::per_tensor(0.03f, 100)};
    const ValueId conv =
        maker.conv(maker.input(DType::s8, kImage, Quant::per_tensor(0.05f)), 8, 3, op);
    maker.output(maker.elementwise(ElementwiseMode::relu, {conv}, op.output));
    const Graph fused = expect_same_results(maker.graph, {fuse_activation_pass()});
    EXPECT_EQ(count(fused, Elementwise::kKind), 0u);
    EXPECT_EQ(only<Conv2d>(fused).activation.kind, ActivationKind::relu);
  }
}

TEST_F(FuseActivation, LeavesAValueThatSomebodyElseReads) {
  const ValueId conv = g.conv(x, 4, 1);
  g.output(g.elementwise(ElementwiseMode::relu, {conv}));
  g.output(conv);
  EXPECT_EQ(count(expect_same_results(g.graph, {fuse_activation_pass()}), Elementwise::kKind), 1u);
}

TEST_F(FuseActivation, LeavesAReluThatChangesTheScale) {
  g.output(g.elementwise(ElementwiseMode::relu, {g.conv(x, 4, 1)}, s8(0.5f)));
  EXPECT_EQ(count(expect_same_results(g.graph, {fuse_activation_pass()}), Elementwise::kKind), 1u);
}

TEST_F(FuseZ, KeepsBothRoundings) {
  for (const QuantRule rule : {QuantRule::mge, QuantRule::onnx, QuantRule::mge_division})
    for (const ElementwiseMode mode : {ElementwiseMode::add, ElementwiseMode::add_relu})
      for (const bool conv_first : {true, false}) {
        GraphMaker maker;
        const ValueId in = maker.input(DType::s8, kImage, Quant::per_tensor(0.05f));
        const ValueId z = maker.input(DType::u8, {2, 8, 5, 7}, Quant::per_tensor(0.125f, 7));
        const ValueId conv = maker.conv(in, 8, 3, 0.25f);
        const std::vector<ValueId> operands =
            conv_first ? std::vector{conv, z} : std::vector{z, conv};
        maker.output(maker.elementwise(mode, operands, s8(0.25f), rule));
        const Graph fused = expect_same_results(maker.graph, {fuse_z_pass()});
        EXPECT_EQ(count(fused, Elementwise::kKind), 0u);
        EXPECT_EQ(only<Conv2d>(fused).z_rounding, ZRounding::twice);
      }
}

TEST_F(FuseZ, TakesTheFirstOfTwoConvolutionsAndItsActivation) {
  const ValueId a = g.conv(x, 8, 3), b = g.conv(x, 8, 1);
  const ValueId relu = g.elementwise(ElementwiseMode::relu, {a});
  g.output(g.elementwise(ElementwiseMode::add, {relu, b}, s8(3.0f)));
  const Graph fused = expect_same_results(g.graph, {fuse_activation_pass(), fuse_z_pass()});
  EXPECT_EQ(count(fused, Elementwise::kKind), 0u);
  EXPECT_EQ(count(fused, Conv2d::kKind), 2u);
}

// As readers and other passes write it.
TEST_F(FuseZ, TakesAConvolutionThatNamesItsAbsentZ) {
  const Node made = *g.graph.producer(g.conv(x, 8, 3));
  std::vector<ValueId> inputs = made.inputs;
  inputs.resize(4, kNoValue);
  const ValueId conv = g.graph.add(made.op, inputs);
  const ValueId z = g.input(DType::s8, {2, 8, 5, 7}, Quant::per_tensor(0.125f));
  g.output(g.elementwise(ElementwiseMode::add, {conv, z}, s8(3.0f)));
  EXPECT_EQ(count(expect_same_results(g.graph, {fuse_z_pass()}), Elementwise::kKind), 0u);
}

TEST_F(FuseZ, LeavesWhatIsNotAPlainResidual) {
  const ValueId conv = g.conv(x, 8, 3);
  g.output(g.elementwise(ElementwiseMode::add, {conv, conv}, s8(3.0f)));  // two readers
  const ValueId row = g.constant(DType::s8, {1, 8, 1, 1}, Quant::per_tensor(1.0f));
  g.output(g.elementwise(ElementwiseMode::add, {g.conv(x, 8, 3), row}, s8(3.0f)));  // broadcast
  const ValueId z = g.constant(DType::s8, {2, 8, 5, 7}, Quant::per_tensor(1.0f));
  g.output(g.elementwise(ElementwiseMode::sub, {g.conv(x, 8, 3), z}, s8(3.0f)));  // not a sum
  EXPECT_EQ(count(expect_same_results(g.graph, {fuse_z_pass()}), Elementwise::kKind), 3u);
}

ValueId convert(GraphMaker& g, ValueId x, OutputSpec output, QuantRule rule = QuantRule::mge) {
  Convert op;
  op.output = std::move(output);
  op.rule = rule;
  return g.graph.add(make_op<Convert>(op), {x});
}

TEST_F(FuseRequantise, TurnsSumsIntoTheRatioRule) {
  Conv2d op;
  op.output = {DType::s32, Quant::per_tensor(0.05f * 0.01f)};
  g.output(convert(g, g.conv(x, 8, 3, op), s8(1.7f)));
  const Graph fused = expect_same_results(g.graph, {fuse_requantise_pass()});
  EXPECT_EQ(count(fused, Convert::kKind), 0u);
  EXPECT_EQ(only<Conv2d>(fused).rule, EpilogueRule::mge_ratio);
}

TEST_F(FuseRequantise, TurnsSumsIntoFloats) {
  Conv2d op;
  op.output = {DType::s32, Quant::per_tensor(0.05f * 0.01f)};
  g.output(convert(g, g.conv(x, 8, 3, op), OutputSpec{}, QuantRule::onnx));
  const Graph fused = expect_same_results(g.graph, {fuse_requantise_pass()});
  EXPECT_EQ(count(fused, Convert::kKind), 0u);
  EXPECT_EQ(only<Conv2d>(fused).rule, EpilogueRule::mge_packed);
}

TEST_F(FuseRequantise, LeavesSumsWithAScaleOfTheirOwn) {
  Conv2d op;
  op.output = {DType::s32, Quant::per_tensor(0.3f)};
  g.output(convert(g, g.conv(x, 8, 3, op), s8(1.7f)));
  g.output(convert(g, g.conv(x, 8, 3, op), OutputSpec{}));
  EXPECT_EQ(count(expect_same_results(g.graph, {fuse_requantise_pass()}), Convert::kKind), 2u);
}

TEST_F(FuseRequantise, LeavesBytesThatBecomeFloats) {
  g.output(convert(g, g.conv(x, 8, 3), OutputSpec{}));
  EXPECT_EQ(count(expect_same_results(g.graph, {fuse_requantise_pass()}), Convert::kKind), 1u);
}

TEST_F(FuseRequantise, FollowsTheRuleOfAFloatResult) {
  for (const EpilogueRule rule : {EpilogueRule::mge_dense, EpilogueRule::mge_packed,
                                  EpilogueRule::mge_ratio, EpilogueRule::onnx}) {
    GraphMaker maker;
    Conv2d op;
    op.rule = rule;
    op.output = {DType::f32, std::nullopt};
    op.activation.kind = ActivationKind::relu;
    const ValueId in = maker.input(DType::s8, kImage, Quant::per_tensor(0.05f));
    maker.output(convert(maker, maker.conv(in, 8, 3, op), s8(0.01f)));
    const Graph fused = expect_same_results(maker.graph, {fuse_requantise_pass()});
    EXPECT_EQ(count(fused, Convert::kKind), rule == EpilogueRule::onnx ? 1u : 0u);
  }
}

TEST_F(FuseRequantise, LeavesOnnxConversions) {
  Conv2d op;
  op.output = {DType::f32, std::nullopt};
  g.output(convert(g, g.conv(x, 8, 3, op), s8(0.01f), QuantRule::onnx));
  EXPECT_EQ(count(expect_same_results(g.graph, {fuse_requantise_pass()}), Convert::kKind), 1u);
}

// MegEngine's quantised linear layer: product, bias, conversion.
TEST_F(FuseRequantise, MakesOneOperatorOfALinearLayer) {
  const ValueId a = g.input(DType::s8, {3, 20}, Quant::per_tensor(0.05f));
  const ValueId w = g.constant(DType::s8, {10, 20}, Quant::per_tensor(0.02f));
  MatMul op;
  op.transpose_b = true;
  const ValueId product = g.graph.add(make_op<MatMul>(op), {a, w});
  const ValueId bias = g.constant(DType::s32, {10}, g.graph.type(product).quant);
  const ValueId sum = g.elementwise(ElementwiseMode::add, {bias, product});
  g.graph.remove_input(x);
  for (const OutputSpec& output : {s8(0.7f), OutputSpec{}}) {
    GraphMaker maker = g;
    maker.output(convert(maker, sum, output));
    const Graph fused =
        expect_same_results(maker.graph, {fuse_bias_pass(), fuse_requantise_pass()});
    EXPECT_EQ(fused.order().size(), 1u);
  }
}

TEST_F(FuseRequantise, LeavesABiasThatIsNotOfTheSums) {
  const ValueId a = g.input(DType::s8, {3, 20}, Quant::per_tensor(0.05f));
  const ValueId w = g.constant(DType::s8, {20, 10}, Quant::per_tensor(0.02f));
  g.graph.remove_input(x);
  for (const OutputSpec& output : {s8(0.7f), OutputSpec{}}) {
    GraphMaker maker = g;
    MatMul op;
    op.output = output;
    const ValueId product = maker.graph.add(make_op<MatMul>(op), {a, w});
    const ValueId bias = maker.constant(output.dtype, {10}, output.quant);
    maker.output(maker.elementwise(ElementwiseMode::add, {product, bias}, output));
    const Graph same = expect_same_results(maker.graph, {fuse_bias_pass()});
    EXPECT_EQ(count(same, MatMul::kKind), 1u);
    EXPECT_EQ(count(same, Elementwise::kKind), 1u);
  }
}

}  // namespace
}  // namespace octet::testing
