// What cuDNN is asked to do, checked without it and without a GPU.
#ifdef OCTET_HAS_CUDNN
#include "backends/cudnn/conv_plan.hpp"

#include <gmock/gmock.h>

#include "backends/cudnn/rows.hpp"
#include "ops/conv.hpp"

namespace octet {
namespace {

using ::testing::HasSubstr;

class CudnnPlanTest : public ::testing::Test {
 protected:
  CudnnPlanTest() {
    op_.window.pad = {1, 2, 3, 4};
    op_.window.stride = {2, 1};
    op_.output = {DType::s8, Quant::per_tensor(0.5f)};
    op_.activation.kind = ActivationKind::relu;
  }

  Problem problem(bool with_z = false) {
    Problem p;
    p.op = make_op<Conv2d>(op_);
    p.inputs = {{DType::s8, Shape{2, 16, 7, 9}, layout_, Quant::per_tensor(0.25f, x_zero_point_)},
                {DType::s8, Shape{8, 16, 3, 3}, kNCHW, Quant::per_tensor(0.5f)},
                {},
                {}};
    p.outputs = {{DType::s8, Shape{2, 8, 5, 13}, layout_, op_.output.quant}};
    p.present = {true, true, false, with_z};
    if (with_z) {
      p.inputs[3] = p.outputs[0];
      p.inputs[3].quant = Quant::per_tensor(0.25f);
    }
    p.constants = {nullptr, &filter_, nullptr, nullptr};
    return p;
  }

  Conv2d op_;
  Layout layout_ = kNHWC;
  std::int32_t x_zero_point_ = 0;
  const Tensor filter_{TensorType{DType::s8, Shape{8, 16, 3, 3}, kNCHW, Quant::per_tensor(0.5f)}};
};

TEST_F(CudnnPlanTest, AsksForTheConvolutionOfTheProblem) {
  const cudnn::ConvSpec spec = cudnn::conv_spec(problem(true));
  EXPECT_EQ((std::array{spec.n, spec.c, spec.h, spec.w}),
            (std::array<std::int64_t, 4>{2, 16, 7, 9}));
  EXPECT_EQ((std::array{spec.k, spec.oh, spec.ow}), (std::array<std::int64_t, 3>{8, 5, 13}));
  EXPECT_EQ(spec.stride, (std::array<std::int64_t, 2>{2, 1}));
  EXPECT_EQ(spec.pad_before, (std::array<std::int64_t, 2>{1, 2}));
  EXPECT_EQ(spec.pad_after, (std::array<std::int64_t, 2>{3, 4}));
  EXPECT_TRUE(spec.relu && spec.has_z);
}

TEST_F(CudnnPlanTest, SaysWhyItCannot) {
  EXPECT_TRUE(cudnn::check_operands(problem()).ok());
  layout_ = kNCHW32;
  EXPECT_THAT(cudnn::check_operands(problem()).reason(), HasSubstr("naive kernel for NCHW32"));
  layout_ = kCHWN4;
  EXPECT_THAT(cudnn::check_operands(problem()).reason(), HasSubstr("CHWN4"));
  layout_ = kNHWC;
  x_zero_point_ = 3;
  EXPECT_THAT(cudnn::check_operands(problem()).reason(), HasSubstr("pads with 0"));
}

TEST_F(CudnnPlanTest, TakesWhatComesWithinAStep) {
  EXPECT_TRUE(cudnn::check_epilogue(problem(true)).ok());
  op_.z_rounding = ZRounding::twice;
  op_.mid = {DType::s8, Quant::per_tensor(0.5f)};
  EXPECT_TRUE(cudnn::check_epilogue(problem(true)).ok());
  op_.mid.quant = Quant::per_tensor(0.6f);
  EXPECT_THAT(cudnn::check_epilogue(problem(true)).reason(), HasSubstr("rounds once"));
  op_.activation.kind = ActivationKind::h_swish;
  EXPECT_THAT(cudnn::check_epilogue(problem()).reason(), HasSubstr("only ReLU"));
}

TEST_F(CudnnPlanTest, BringsTheEpilogueToTheStepOfTheOutput) {
  Epilogue epilogue;
  epilogue.ibias = {10};
  epilogue.m = {0.5f};
  epilogue.fbias = {1.0f};
  epilogue.has_fbias = true;
  epilogue.quantiser.factor = 4.0f;
  epilogue.quantiser.multiply = true;
  epilogue.z_scale = 0.25f;
  const cudnn::FusedConstants constants = cudnn::fused_constants(epilogue);
  EXPECT_EQ(constants.scale[0], 2.0f);
  EXPECT_EQ(constants.bias[0], 24.0f);
  EXPECT_EQ(constants.z_scale, 1.0f);
}

TEST_F(CudnnPlanTest, ExpectsLaterRanksToTakeLonger) {
  EXPECT_LT(cudnn::estimate_conv(problem(), 0), cudnn::estimate_conv(problem(), 1));
}

TEST_F(CudnnPlanTest, RowsAreForConvolutionsAlone) {
  EXPECT_EQ(cudnn::kernels("conv2d").size(), 6u);
  EXPECT_TRUE(cudnn::kernels("pool2d").empty());
}

}  // namespace
}  // namespace octet
#endif
