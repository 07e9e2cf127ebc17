// What the reader makes of .mge files besides the numbers, which the golden tests compare.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.hpp"
#include "files/mge_builder.hpp"
#include "formats/mge/reader.hpp"
#include "ops/conv.hpp"
#include "ops/pool.hpp"
#include "ops/shape.hpp"
#include "support/bytes.hpp"
#include "support/run_graph.hpp"

namespace octet::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

ModelFile read(const std::string& file) {
  const auto storage = std::make_shared<const std::string>(file);
  return read_mge(storage, as_bytes(*storage), "model.mge");
}

ModelFile read_sample(const std::string& name) {
  return read_model_file(std::string(OCTET_TEST_DATA) + "/megengine/" + name);
}

std::vector<std::string> names_of(const std::vector<GraphOutput>& outputs) {
  std::vector<std::string> names;
  for (const GraphOutput& output : outputs) names.push_back(output.name);
  return names;
}

template <typename T>
std::vector<T> values_of(const Tensor& tensor) {
  const auto values = tensor.values<T>();
  return {values.begin(), values.end()};
}

// x plus the constant 1.
TestModel add_one() {
  TestModel model;
  model.operators = {
      test_input("x", {2, 3}, 0),
      test_constant({"", {1}, {}, bytes_of_values<float>({1.0f})}, 1),
      test_elemwise(fbs::ElemwiseMode::ADD, {0, 1}, 2),
  };
  model.names = {"x", "", "sum"};
  model.outputs = {2};
  return model;
}

TEST(MgeReader, RecognisesFilesByTheirFirstBytes) {
  for (const char* start : {"MGBS", "MGBC", "12345678mgv2", "mgbtest0", "mgb0001", "mgb0000a",
                            "\x80\x04\x95", "\x80\x03}"})
    EXPECT_TRUE(looks_like_mge(as_bytes(start))) << start;
  for (const char* start : {"", "MGB", "mgv2", "12345678mgv", "\x80", "\x08\x07"})
    EXPECT_FALSE(looks_like_mge(as_bytes(start))) << start;
}

TEST(MgeReader, TellsContainerProducerAndOptions) {
  const ModelFile v1 = read_sample("ops/net_nchw4.v1.mge");
  EXPECT_EQ(v1.format, "mge v1 (MGBC)");
  EXPECT_EQ(v1.producer, "MegEngine 1.13.0");
  EXPECT_EQ(v1.optimisations, "nchw4");
  EXPECT_TRUE(v1.warnings.empty());
  EXPECT_EQ(read_sample("ops/net_nchw4.v2.mge").format, "mge v2");
  EXPECT_EQ(read_sample("ops/net_fuse_conv_bias_with_z.v2.mge").optimisations,
            "fuse_conv_bias_with_z");
  EXPECT_EQ(read_sample("ops/net_batch.v2.mge").optimisations, "");
  EXPECT_EQ(read_sample("ops/net_testcase.v2.mge").format, "mge v2 with test cases");
}

TEST(MgeReader, NamesInputsAndOutputsAsTheFileDoes) {
  const ModelFile two = read_sample("ops/two_inputs.v1.mge");
  EXPECT_NE(two.graph.find_input("left"), two.graph.find_input("right"));
  for (const char* file : {"ops/net_user_info.v1.mge", "ops/net_user_info.v2.mge"})
    EXPECT_THAT(names_of(read_sample(file).graph.outputs()), ElementsAre("prob")) << file;
  EXPECT_THAT(names_of(read_sample("ops/split.v1.mge").graph.outputs()),
              names_of(read_sample("ops/split.v2.mge").graph.outputs()));
}

TEST(MgeReader, ReadsAHandMadeGraph) {
  const ModelFile model = read(write_v2(add_one()));
  EXPECT_THAT(names_of(model.graph.outputs()), ElementsAre("sum"));
  const std::vector<float> x{1, 2, 3, 4, 5, 6};
  const auto y =
      run_outputs(model.graph, {{"x", Tensor::from<float>({DType::f32, {2, 3}, kNCHW, {}}, x)}});
  EXPECT_THAT(values_of<float>(y[0]), ElementsAre(2, 3, 4, 5, 6, 7));
}

TEST(MgeReader, AliasesReplaceTheOutputs) {
  TestModel model = add_one();
  model.outputs = {0, 2};
  model.aliases = {{102, "renamed"}};  // by the original number
  EXPECT_THAT(names_of(read(write_v2(model)).graph.outputs()), ElementsAre("renamed"));
  model.aliases = {{7, "renamed"}};
  EXPECT_EQ(failure_of([&] { read(write_v2(model)); }).code(), StatusCode::invalid_model);
}

TEST(MgeReader, OutputNamesStayUnique) {
  TestModel model = add_one();
  model.names = {"y", "", "y"};
  model.outputs = {0, 2};
  const auto names = names_of(read(write_v2(model)).graph.outputs());
  EXPECT_NE(names[0], names[1]);
}

TEST(MgeReader, WarnsOfNewerReleasesAndTrailingBytes) {
  TestModel model = add_one();
  model.version = 101400;
  const ModelFile newer = read(write_v2(model));
  EXPECT_THAT(newer.warnings, ElementsAre(HasSubstr("MegEngine 1.14.0")));
  EXPECT_THAT(read(write_v2(add_one()) + "tail").warnings, ElementsAre(HasSubstr("4 bytes")));
}

TEST(MgeReader, ReadsConstantsOfFourBits) {
  // Rows of three elements: each begins on a byte, the first element in its low half.
  TestModel model;
  model.operators = {
      test_constant({"", {2, 3}, {fbs::DTypeEnum::QuantizedS4, 0.5f}, {0x71, 0x0f, 0x8e, 0x02}}, 0),
      test_constant({"", {1, 3}, {fbs::DTypeEnum::Quantized4Asymm, 0.5f, 3}, {0x71, 0x0f}}, 1)};
  model.outputs = {0, 1};
  const ModelFile file = read(write_v2(model));
  const Tensor s4 = *file.graph.known(file.graph.outputs()[0].value);
  EXPECT_EQ(s4.dtype(), DType::s4);
  EXPECT_THAT(values_of<std::int8_t>(s4), ElementsAre(1, 7, -1, -2, -8, 2));
  const Tensor u4 = *file.graph.known(file.graph.outputs()[1].value);
  EXPECT_EQ(u4.type().quant->zero_point(), 3);
  EXPECT_THAT(values_of<std::uint8_t>(u4), ElementsAre(1, 7, 15));
}

TEST(MgeReader, ConstantsBorrowTheFilesBytes) {
  const auto file = std::make_shared<const std::string>(write_v2(add_one()));
  std::weak_ptr<const std::string> alive = file;
  const std::byte* begin = as_bytes(*file).data();
  std::optional<ModelFile> model = read_mge(file, as_bytes(*file), "");
  bool borrowed = false;
  for (std::size_t i = 0; i < model->graph.value_count(); ++i)
    if (const Tensor* known = model->graph.known(static_cast<ValueId>(i)))
      borrowed |= known->data() >= begin && known->data() < begin + file->size();
  EXPECT_TRUE(borrowed);
}

TEST(MgeReader, SaysWhichFileAndOperatorItRefuses) {
  TestModel model;
  model.operators = {test_input("x", {2}, 0),
                     test_elemwise(fbs::ElemwiseMode::SIGMOID_GRAD, {0}, 1)};
  model.outputs = {1};
  const std::string file = write_v2(model);
  expect_failure([&] { read(file); }, StatusCode::unsupported, "SIGMOID_GRAD",
                 "model.mge: operator 1 (Elemwise)");
}

// --- files of old releases -----------------------------------------------------------------------

// Pooling of a 5-D input by a format number.
TestModel old_pooling(std::uint32_t version, std::uint32_t format,
                      std::vector<std::uint32_t> shape) {
  TestModel model;
  model.version = version;
  TestOperator pooling{kOldPooling, "PoolingForward", {0}, {1}, {}};
  pooling.param_type = fbs::OperatorParam::Pooling;
  pooling.param = [format](Builder& b) {
    return fbs::CreatePooling(b, fbs::PoolingMode::MAXIMUM, 0, 0, 2, 2, 2, 2, format).Union();
  };
  TestOperator input = test_input("data", std::move(shape), 0, {fbs::DTypeEnum::QuantizedS8, 1.0f});
  input.id = kOldHost2DeviceCopy;
  model.operators = {input, pooling};
  model.outputs = {1};
  return model;
}

Shape pooled(const TestModel& model, bool metadata) {
  const ModelFile file = read(write_mgbs(model, metadata));
  return file.graph.type(file.graph.outputs()[0].value).shape;
}

TEST(MgeReader, ReadsFilesOfOldReleases) {
  const ModelFile file = read(write_mgbs(old_pooling(1799900, 0, {1, 8, 4, 6}), true));
  EXPECT_EQ(file.format, "mge v1 (MGBS)");
  EXPECT_EQ(file.producer, "MegBrain 8.9999.0");
  EXPECT_TRUE(file.warnings.empty());
  EXPECT_THAT(names_of(file.graph.outputs()), ElementsAre("PoolingForward"));
}

TEST(MgeReader, NumbersFormatsAsTheReleaseDid) {
  // CHWN4 is {C/4,H,W,N,4}. It has the number 12 up to v0.5, 18 up to v1.3 and 15 from v1.4 on.
  const Shape halved{2, 2, 3, 1, 4};
  EXPECT_EQ(pooled(old_pooling(800500, 12, {2, 4, 6, 1, 4}), false), halved);
  EXPECT_EQ(pooled(old_pooling(800600, 18, {2, 4, 6, 1, 4}), false), halved);
  EXPECT_EQ(pooled(old_pooling(1799900, 18, {2, 4, 6, 1, 4}), false), halved);
  EXPECT_EQ(pooled(old_pooling(1799900, 15, {2, 4, 6, 1, 4}), true), halved);
  EXPECT_EQ(pooled(old_pooling(100700, 15, {2, 4, 6, 1, 4}), false), halved);
  const Status winograd = failure_of([] { pooled(old_pooling(800600, 9, {1, 8, 4, 6}), false); });
  EXPECT_EQ(winograd.code(), StatusCode::unsupported);
  EXPECT_THAT(winograd.message(), HasSubstr("NCHW_WINOGRAD"));
}

TEST(MgeReader, TakesUnalignedValuesOfOldFiles) {
  // One byte of weight before four of bias: nothing behind it is aligned.
  const TestDType s8{fbs::DTypeEnum::QuantizedS8, 1.0f}, s32{fbs::DTypeEnum::QuantizedS32, 1.0f};
  TestModel model;
  model.version = 800400;
  TestOperator input = test_input("data", {1, 1, 1, 2}, 0, s8);
  input.id = kOldHost2DeviceCopy;
  TestOperator weight = test_constant({"", {1, 1, 1, 1}, s8, {3}}, 1);
  TestOperator bias =
      test_constant({"", {1, 1, 1, 1}, s32, bytes_of_values<std::int32_t>({-7})}, 2);
  weight.id = bias.id = kOldSharedDeviceTensor;
  TestOperator conv{kOldConvBias, "conv", {0, 1, 2}, {3}, {}};
  conv.param_type = fbs::OperatorParam::ConvBias;
  conv.param = [](Builder& b) { return fbs::CreateConvBias(b).Union(); };
  conv.output_dtype = s8;
  model.operators = {input, weight, bias, conv};
  model.outputs = {3};
  const ModelFile file = read(write_mgbs(model, false));
  const std::vector<std::int8_t> x{5, -2};
  const TensorType type = file.graph.type(file.graph.inputs()[0]);
  const auto y = run_outputs(file.graph, {{"data", Tensor::from<std::int8_t>(type, x)}});
  EXPECT_THAT(values_of<std::int8_t>(y[0]), ElementsAre(8, -13));
}

// --- packed layouts ------------------------------------------------------------------------------

TEST(MgeReader, ChainsOfPackedOperatorsDoNotUnpackInBetween) {
  const Graph graph = read_sample("ops/net_nchw4.v2.mge").graph;
  std::size_t direct = 0;
  for (const NodeId id : graph.order()) {
    const Node& node = graph.node(id);
    if (node.as<Conv2d>() == nullptr) continue;
    const Node* producer = graph.producer(node.inputs[0]);
    if (producer != nullptr && (producer->as<Conv2d>() || producer->as<Pool2d>())) ++direct;
  }
  EXPECT_GE(direct, 2u);
}

TEST(MgeReader, FourInputConvolutionsAndPackedOnesFollowTheirOwnRule) {
  const auto rules = [](const char* file) {
    std::vector<EpilogueRule> found;
    const Graph graph = read_sample(file).graph;
    for (const NodeId id : graph.order())
      if (const auto* conv = graph.node(id).as<Conv2d>()) found.push_back(conv->rule);
    return found;
  };
  using enum EpilogueRule;
  EXPECT_THAT(rules("ops/conv3x3_3_8.v2.mge"), ElementsAre(mge_dense));
  EXPECT_THAT(rules("ops/dw3x3_12.v2.mge"), ElementsAre(mge_ratio));
  EXPECT_THAT(rules("ops/dw5x5_8_relu.v2.mge"), ElementsAre(mge_packed));
  EXPECT_THAT(rules("ops/conv3x3_dil2.v2.mge"), ElementsAre(mge_ratio));
  EXPECT_THAT(rules("ops/asym_conv.v2.mge"), ElementsAre(mge_ratio));
  EXPECT_THAT(rules("ops/z_ties_qadd_nchw4.v2.mge"), ElementsAre(mge_naive));
}

}  // namespace
}  // namespace octet::test
