// What the reader makes of well-formed models.
#include "formats/onnx/reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "files/onnx_builder.hpp"
#include "support/run_graph.hpp"

namespace octet::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Tensor floats(const Shape& shape, const std::vector<float>& values) {
  return Tensor::from(TensorType{DType::f32, shape, {}, {}}, std::span<const float>(values));
}

std::vector<float> run(const ModelFile& file, const std::map<std::string, Tensor>& inputs) {
  const Tensor out = test::run_outputs(file.graph, inputs).at(0);
  return {out.values<float>().begin(), out.values<float>().end()};
}

OnnxBuilder relu_model() {
  OnnxBuilder model;
  model.input("x", {-1, 2}).output("y").node("Relu", {"x"}, {"y"});
  return model;
}

TEST(OnnxReader, ReadsAModel) {
  OnnxBuilder model = relu_model();
  model.model().set_producer_version("3");
  const ModelFile file = model.read();
  EXPECT_EQ(file.format, "onnx");
  EXPECT_EQ(file.producer, "test 3");
  ASSERT_EQ(file.graph.outputs().size(), 1u);
  EXPECT_EQ(file.graph.outputs()[0].name, "y");
  EXPECT_THAT(run(file, {{"x", floats({1, 2}, {-1, 2})}}), ElementsAre(0, 2));
}

TEST(OnnxReader, FollowsANewBatch) {
  ModelFile file = relu_model().read();
  file.graph.set_input_types({{"x", TensorType{DType::f32, {3, 2}, {}, {}}}});
  EXPECT_EQ(file.graph.type(file.graph.outputs()[0].value).shape, (Shape{3, 2}));
}

// SAME takes away from the whole output of a transposed convolution; as in ONNX Runtime it never
// adds to it.
TEST(OnnxReader, SamePaddingOfTransposedConvolutions) {
  for (const auto& [kernel, wanted] : {std::pair{3, 12}, std::pair{1, 10}}) {
    OnnxBuilder model;
    model.input("x", {1, 1, 4, 4})
        .output("y")
        .constant<float>("w", {1, 1, kernel, kernel},
                         std::vector<float>(static_cast<std::size_t>(kernel * kernel), 1.0f));
    model.node("ConvTranspose", {"x", "w"}, {"y"}).attribute("auto_pad", "SAME_UPPER");
    model.attribute("strides", Dims{3, 3});
    const Graph graph = model.read().graph;
    EXPECT_EQ(graph.type(graph.outputs()[0].value).shape, (Shape{1, 1, wanted, wanted}));
  }
}

TEST(OnnxReader, WhatIsMadeOfSeveralOperatorsFollowsANewBatch) {
  OnnxBuilder model(18);
  model.input("x", {-1, 4, 2, 2}).constant<std::int64_t>("size", {1}, {6});
  model.output("resized").node("Resize", {"x", "", "", "size"}, {"resized"});
  model.attribute("axes", Dims{3});
  model.output("deep").node("SpaceToDepth", {"x"}, {"deep"}).attribute("blocksize", 2);
  model.output("wide").node("DepthToSpace", {"x"}, {"wide"}).attribute("blocksize", 2);
  Graph graph = model.read().graph;
  graph.set_input_types({{"x", TensorType{DType::f32, {5, 4, 2, 2}, {}, {}}}});
  const auto shape = [&](std::size_t i) { return graph.type(graph.outputs()[i].value).shape; };
  EXPECT_EQ(shape(0), (Shape{5, 4, 2, 6}));
  EXPECT_EQ(shape(1), (Shape{5, 16, 1, 1}));
  EXPECT_EQ(shape(2), (Shape{5, 1, 4, 4}));
}

TEST(OnnxReader, AssumesAnImageWhereHeightAndWidthAreOpen) {
  OnnxBuilder model;
  model.input("x", {-1, 3, -1, -1}).output("y").node("Relu", {"x"}, {"y"});
  const ModelFile file = model.read();
  EXPECT_EQ(file.graph.type(file.graph.inputs()[0]).shape, (Shape{1, 3, 224, 224}));
  ASSERT_EQ(file.warnings.size(), 1u);
  EXPECT_THAT(file.warnings[0], HasSubstr("\"x\""));
}

TEST(OnnxReader, BringsNodesIntoOrder) {
  OnnxBuilder model;
  model.input("x", {2}).output("y").node("Neg", {"h"}, {"y"}).node("Relu", {"x"}, {"h"});
  EXPECT_THAT(run(model.read(), {{"x", floats({2}, {-1, 2})}}), ElementsAre(0, -2));
}

TEST(OnnxReader, InitializersListedAsInputsAreConstants) {
  OnnxBuilder model;
  model.input("x", {2}).input("c", {2}).output("y").node("Add", {"x", "c"}, {"y"});
  model.constant<float>("c", {2}, {10, 20});
  const ModelFile file = model.read();
  EXPECT_EQ(file.graph.inputs().size(), 1u);
  EXPECT_THAT(run(file, {{"x", floats({2}, {1, 2})}}), ElementsAre(11, 22));
}

TEST(OnnxReader, BindsInputsToConstants) {
  OnnxBuilder model;
  model.input("x", {2}).input("scale", {}).input("zero", {}, TensorProto::INT8);
  model.output("y", TensorProto::INT8).node("QuantizeLinear", {"x", "scale", "zero"}, {"y"});
  ReadOptions options;
  options.bound_inputs.emplace("scale", floats({}, {0.5f}));
  options.bound_inputs.emplace("zero", Tensor(TensorType{DType::s8, {}, {}, {}}));
  const ModelFile file = model.read(options);
  EXPECT_EQ(file.graph.inputs().size(), 1u);
  const TensorType& type = file.graph.type(file.graph.outputs()[0].value);
  ASSERT_TRUE(type.quant.has_value());
  EXPECT_EQ(type.quant->scale(), 0.5f);
}

TEST(OnnxReader, BindingMustFitTheDeclaration) {
  ReadOptions options;
  options.bound_inputs.emplace("x", floats({1, 3}, {1, 2, 3}));
  try {
    relu_model().read(options);
    FAIL() << "the shape {1,3} was accepted for {n,2}";
  } catch (const Error& error) {
    EXPECT_EQ(error.status().code(), StatusCode::invalid_argument);
  }
}

// An If with `condition`, whose branches negate and pass on x.
OnnxBuilder if_model(bool condition) {
  OnnxBuilder model;
  model.input("x", {2}).output("y").constant<bool>("c", {}, {condition});
  model.node("If", {"c"}, {"y"});
  const auto branch = [](const char* op) {
    OnnxBuilder inner;
    inner.output("inner").node(op, {"x"}, {"inner"});
    return inner.graph();
  };
  *model.add_attribute("then_branch", AttributeProto::GRAPH).mutable_g() = branch("Neg");
  *model.add_attribute("else_branch", AttributeProto::GRAPH).mutable_g() = branch("Identity");
  return model;
}

TEST(OnnxReader, TakesTheBranchOfAKnownCondition) {
  const std::map<std::string, Tensor> inputs{{"x", floats({2}, {1, 2})}};
  EXPECT_THAT(run(if_model(true).read(), inputs), ElementsAre(-1, -2));
  EXPECT_THAT(run(if_model(false).read(), inputs), ElementsAre(1, 2));
}

TEST(OnnxReader, ComputesNarrowFloatsInTheirOwnType) {
  OnnxBuilder model;
  model.input("x", {1, 2}, TensorProto::FLOAT16).output("y", TensorProto::FLOAT16);
  model.node("Softmax", {"x"}, {"y"});
  const ModelFile file = model.read();
  EXPECT_EQ(file.graph.type(file.graph.outputs()[0].value).dtype, DType::f16);
}

TEST(OnnxReader, RecognisesItsFormat) {
  const std::string model = relu_model().bytes();
  const auto looks = [](std::string_view text) {
    return looks_like_onnx(std::as_bytes(std::span(text)));
  };
  EXPECT_TRUE(looks(model));
  EXPECT_TRUE(looks(std::string_view(model).substr(0, model.size() / 2)));
  EXPECT_FALSE(looks(""));
  EXPECT_FALSE(looks("mgb0001 and so on"));
  EXPECT_FALSE(looks(std::string(64, '\0')));
  EXPECT_FALSE(looks("{\"json\": 1}"));
}

}  // namespace
}  // namespace octet::testing
