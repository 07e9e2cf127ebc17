#include "tuning/tuning_key.hpp"

#include <gtest/gtest.h>

#include "ops/conv.hpp"
#include "runtime/toy.hpp"

namespace octet {
namespace {

Problem conv(std::int64_t batch, float scale) {
  Conv2d op;
  op.window.pad = {1, 1, 1, 1};
  op.output = {DType::s8, Quant::per_tensor(scale)};
  Problem problem;
  problem.op = make_op<Conv2d>(op);
  problem.inputs = {{DType::s8, Shape{batch, 16, 7, 7}, kNHWC, Quant::per_tensor(scale)},
                    {DType::s8, Shape{8, 16, 3, 3}, kNCHW, Quant::per_tensor(scale)}};
  problem.outputs = {{DType::s8, Shape{batch, 8, 7, 7}, kNHWC, Quant::per_tensor(scale)}};
  problem.present = {true, true};
  static const Tensor filter(problem.inputs[1]);
  problem.constants = {nullptr, &filter};
  return problem;
}

std::string key_of(const Problem& problem, int threads = 1) {
  Demands demands;
  demands.threads = threads;
  return tuning_key(problem, demands, toy::backend()).problem;
}

TEST(TuningKey, IsTheSameForOtherScales) {
  EXPECT_EQ(key_of(conv(2, 0.05f)), key_of(conv(2, 1.5e-7f)));
  EXPECT_NE(key_of(conv(2, 0.05f)).find("{2,16,7,7}"), std::string::npos);
}

TEST(TuningKey, IsAnotherForOtherShapesZeroPointsAndThreads) {
  EXPECT_NE(key_of(conv(2, 0.05f)), key_of(conv(3, 0.05f)));
  EXPECT_NE(key_of(conv(2, 0.05f)), key_of(conv(2, 0.05f), 2));
  Problem shifted = conv(2, 0.05f);
  shifted.inputs[0].quant = Quant::per_tensor(0.05f, 3);
  EXPECT_NE(key_of(conv(2, 0.05f)), key_of(shifted));
}

TEST(AtBatch, ChangesTheBatchOfEveryMapAndOfNothingElse) {
  const Problem changed = at_batch(conv(2, 0.05f), 128);
  EXPECT_EQ(key_of(changed), key_of(conv(128, 0.05f)));
  // The filter of 8 channels keeps its shape even when the batch is 8.
  EXPECT_EQ(key_of(at_batch(conv(8, 0.05f), 128)), key_of(conv(128, 0.05f)));
}

// Its outputs do not follow the batch, so it is measured as it is.
struct Fixed final : OpBase<Fixed> {
  static constexpr std::string_view kKind = "fixed";
  void visit(AttributeVisitor&) const override {}
  std::vector<TensorType> infer(const InferArgs&) const override { return {toy::f32({2, 3})}; }
  void compute(std::span<const ConstView>, std::span<const View>) const override {}
};

TEST(AtBatch, LeavesWhatDoesNotFollowTheBatch) {
  Problem problem;
  problem.op = make_op<Fixed>();
  problem.inputs = problem.outputs = {toy::f32({2, 3})};
  problem.present = {true};
  problem.constants = {nullptr};
  EXPECT_EQ(at_batch(problem, 7).inputs[0].shape, (Shape{2, 3}));
}

}  // namespace
}  // namespace octet
