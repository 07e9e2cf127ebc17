// What the writer of ONNX does besides keeping the meaning of every operator, which the conformance
// tests hold it to.
#include "formats/onnx/writer.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <map>

#include "formats/onnx/proto.hpp"
#include "formats/onnx/reader.hpp"
#include "models/make_model.hpp"
#include "ops/conv.hpp"
#include "ops/convert.hpp"
#include "ops/elementwise.hpp"
#include "ops/move.hpp"
#include "ops/norm.hpp"
#include "ops/reduce.hpp"
#include "ops/shape.hpp"
#include "support/bytes.hpp"
#include "support/run_graph.hpp"

namespace octet {
namespace {

using onnx::proto::ModelProto;

ModelProto message_of(const Graph& graph, std::vector<std::string>* warnings = nullptr) {
  ModelFile model;
  model.graph = graph;
  const std::vector<std::byte> bytes = write_onnx(model, warnings);
  ModelProto message;
  EXPECT_TRUE(message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
  return message;
}

Graph rewritten(const Graph& graph) {
  ModelFile model;
  model.graph = graph;
  return read_onnx(write_onnx(model), "rewritten.onnx").graph;
}

std::vector<std::string> node_types(const ModelProto& model) {
  std::vector<std::string> types;
  for (const auto& node : model.graph().node()) types.push_back(node.op_type());
  return types;
}

TensorType plain(DType dtype, const Shape& shape) { return {dtype, shape, kNCHW, std::nullopt}; }

Elementwise relu() {
  Elementwise op;
  op.mode = ElementwiseMode::relu;
  return op;
}

class GeneratedModel : public ::testing::TestWithParam<std::string_view> {
 protected:
  static ModelOptions options(ModelStyle style) {
    ModelOptions options;
    options.style = style;
    options.image_size = 32;
    options.classes = 10;
    options.width = 0.125;
    return options;
  }
};

TEST_P(GeneratedModel, ComesBackWithTheSameBitsAtEveryBatch) {
  const Graph graph = make_model(GetParam(), options(ModelStyle::onnx)).graph;
  const Graph again = rewritten(graph);
  for (const std::int64_t batch : {1, 3}) {
    const std::map<std::string, Tensor> inputs{{"data", make_pictures(batch, 32, 9)}};
    EXPECT_TRUE(
        test::same_bits(test::run_outputs(graph, inputs)[0], test::run_outputs(again, inputs)[0]));
  }
}

TEST_P(GeneratedModel, OfMegEngineIsWrittenWithAWarning) {
  std::vector<std::string> warnings;
  const Graph graph = make_model(GetParam(), options(ModelStyle::mge)).graph;
  const ModelProto message = message_of(graph, &warnings);
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_NE(warnings[0].find("round half away from zero"), std::string::npos);
  EXPECT_EQ(message.graph().input(0).type().tensor_type().shape().dim(0).dim_param(), "N");
  const auto outputs = test::run_outputs(rewritten(graph), {{"data", make_pictures(2, 32, 9)}});
  EXPECT_EQ(outputs[0].shape(), (Shape{2, 10}));
}

INSTANTIATE_TEST_SUITE_P(All, GeneratedModel, ::testing::ValuesIn(model_names()),
                         [](const auto& row) { return std::string(row.param); });

TEST(OnnxWriter, KeepsTheNamesOfInputsAndOutputs) {
  Graph graph;
  const ValueId x = graph.add_input("picture", plain(DType::f32, {2, 3}));
  const ValueId y = graph.add(make_op<Elementwise>(relu()), {x}, "node");
  graph.add_output(y, "picture.relu");
  graph.add_output(y, "again");
  graph.add_output(x, "unchanged");
  const ModelProto message = message_of(graph);
  ASSERT_EQ(message.graph().output_size(), 3);
  EXPECT_EQ(message.graph().input(0).name(), "picture");
  EXPECT_EQ(message.graph().output(0).name(), "picture.relu");
  EXPECT_EQ(message.graph().output(1).name(), "again");
  EXPECT_EQ(message.graph().output(2).name(), "unchanged");
  const Graph back = rewritten(graph);
  const auto inputs = test::random_inputs(graph);
  const auto a = test::run_outputs(graph, inputs), b = test::run_outputs(back, inputs);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_TRUE(test::same_bits(a[i], b[i])) << i;
}

TEST(OnnxWriter, NamesThatMeetAreToldApart) {
  Graph graph;
  const ValueId x = graph.add_input("x", plain(DType::f32, {1}));
  const ValueId first = graph.add(make_op<Elementwise>(relu()), {x}, "same");
  graph.add_output(graph.add(make_op<Elementwise>(relu()), {first}, "same"), "y");
  const ModelProto message = message_of(graph);
  EXPECT_NE(message.graph().node(0).output(0), message.graph().node(1).output(0));
  EXPECT_NO_THROW((void)rewritten(graph));
}

TEST(OnnxWriter, ABatchThatTheGraphDoesNotFollowStaysFixed) {
  Graph graph;
  const ValueId x = graph.add_input("x", plain(DType::f32, {2, 6}));
  const std::vector<std::int64_t> extents{2, 2, 3};
  const ValueId target =
      graph.add_constant(Tensor::from<std::int64_t>(plain(DType::s64, {3}), extents));
  graph.add_output(graph.add(make_op<Reshape>(), {x, target}), "y");
  const ModelProto message = message_of(graph);
  EXPECT_EQ(message.graph().input(0).type().tensor_type().shape().dim(0).dim_value(), 2);
  EXPECT_EQ(message.graph().output(0).type().tensor_type().shape().dim(0).dim_value(), 2);
}

TEST(OnnxWriter, AComputedShapeWhoseInferredExtentHasNoMeaningGetsAMinusOne) {
  Graph graph;
  const ValueId x = graph.add_input("x", plain(DType::f32, {2, 3, 4}));
  Reshape reshape;
  reshape.infer_axis = 1;
  ShapeOf shape_of;
  shape_of.end = 2;
  const ValueId target = graph.add(make_op<ShapeOf>(shape_of), {x});  // {2,3}; 12 is meant
  graph.add_output(graph.add(make_op<Reshape>(reshape), {x, target}), "y");
  const Graph back = rewritten(graph);
  EXPECT_EQ(back.type(back.outputs()[0].value).shape, (Shape{1, 12}));
  const auto inputs = test::random_inputs(graph, 5);
  EXPECT_TRUE(
      test::same_bits(test::run_outputs(graph, inputs)[0], test::run_outputs(back, inputs)[0]));
}

TEST(OnnxWriter, QuantisedInputsAndOutputsAreIntegersWithTheirScaleBesideThem) {
  Graph graph;
  const TensorType type{DType::u8, Shape{1, 4}, kNCHW, Quant::per_tensor(0.25f, 7)};
  const ValueId x = graph.add_input("x", type);
  Elementwise add;
  add.mode = ElementwiseMode::add;
  add.output = OutputSpec{DType::s8, Quant::per_tensor(0.5f)};
  add.rule = QuantRule::onnx;
  graph.add_output(graph.add(make_op<Elementwise>(add), {x, x}), "y");
  const ModelProto message = message_of(graph);
  EXPECT_EQ(node_types(message),
            (std::vector<std::string>{"DequantizeLinear", "Add", "QuantizeLinear"}));
  EXPECT_EQ(message.graph().input(0).type().tensor_type().elem_type(),
            onnx::proto::TensorProto::UINT8);
  EXPECT_EQ(message.graph().output(0).type().tensor_type().elem_type(),
            onnx::proto::TensorProto::INT8);
  const auto inputs = test::random_inputs(graph);
  const Graph back = rewritten(graph);
  EXPECT_TRUE(
      test::same_bits(test::run_outputs(graph, inputs)[0], test::run_outputs(back, inputs)[0]));
}

// A dense convolution with a residual operand, a flipped filter and no bias.
Graph residual_conv(ZRounding rounding, EpilogueRule rule) {
  Graph graph;
  const TensorType type{DType::s8, Shape{1, 4, 5, 5}, kNCHW, Quant::per_tensor(0.1f)};
  const ValueId x = graph.add_input("x", type), z = graph.add_input("z", type);
  Tensor filter({DType::s8, Shape{4, 4, 3, 3}, kNCHW, Quant::per_tensor(0.02f)});
  int i = 0;
  for (std::int8_t& w : filter.mutable_values<std::int8_t>())
    w = static_cast<std::int8_t>(i++ * 37);
  Conv2d conv;
  conv.window.pad = {1, 1, 1, 1};
  conv.flip_filter = true;
  conv.activation.kind = ActivationKind::relu;
  conv.output = {DType::s8, Quant::per_tensor(0.3f)};
  conv.mid = {DType::s8, Quant::per_tensor(0.25f)};
  conv.rule = rule;
  conv.z_rounding = rounding;
  conv.z_rule = QuantRule::onnx;
  graph.add_output(
      graph.add(make_op<Conv2d>(conv), {x, graph.add_constant(filter, "w"), kNoValue, z}, "conv"),
      "y");
  return graph;
}

TEST(OnnxWriter, AResidualThatIsRoundedTwiceKeepsItsBits) {
  const Graph graph = residual_conv(ZRounding::twice, EpilogueRule::onnx);
  const auto inputs = test::random_inputs(graph);
  EXPECT_TRUE(test::same_bits(test::run_outputs(graph, inputs)[0],
                              test::run_outputs(rewritten(graph), inputs)[0]));
}

TEST(OnnxWriter, MegEnginesRoundingChangesAValueByOneStepAtMost) {
  const Graph graph = residual_conv(ZRounding::once, EpilogueRule::mge_packed);
  const auto inputs = test::random_inputs(graph);
  const Tensor a = test::run_outputs(graph, inputs)[0];
  const Tensor b = test::run_outputs(rewritten(graph), inputs)[0];
  for (std::size_t i = 0; i < a.bytes(); ++i)
    EXPECT_LE(std::abs(a.values<std::int8_t>()[i] - b.values<std::int8_t>()[i]), 1);
}

TEST(OnnxWriter, BareSumsStayIntegers) {
  Graph graph;
  const ValueId x =
      graph.add_input("x", {DType::u8, Shape{1, 2, 4, 4}, kNCHW, Quant::per_tensor(1.0f, 9)});
  Tensor filter({DType::s8, Shape{3, 2, 2, 2}, kNCHW, Quant::per_tensor(0.5f)});
  filter.mutable_values<std::int8_t>()[5] = -100;
  Conv2d conv;
  conv.output = {DType::s32, Quant::per_tensor(0.5f)};
  const std::vector<std::int32_t> bias{1, -2, 3};
  const ValueId b = graph.add_constant(Tensor::from<std::int32_t>(
      {DType::s32, Shape{1, 3, 1, 1}, kNCHW, Quant::per_tensor(0.5f)}, bias));
  graph.add_output(graph.add(make_op<Conv2d>(conv), {x, graph.add_constant(filter), b}, "conv"),
                   "y");
  EXPECT_EQ(node_types(message_of(graph)),
            (std::vector<std::string>{"ConvInteger", "Reshape", "Add"}));
  const auto inputs = test::random_inputs(graph);
  const Tensor expected = test::run_outputs(graph, inputs)[0];
  const Tensor got = test::run_outputs(rewritten(graph), inputs)[0];
  EXPECT_TRUE(test::same_bits(expected.with_type(got.type()), got));
}

TEST(OnnxWriter, RefusesWhatOnnxLacksByItsName) {
  const auto refuse = [](const Graph& graph, std::string_view part, std::string_view where) {
    test::expect_failure([&] { (void)rewritten(graph); }, StatusCode::unsupported, part, where);
  };
  Graph local;
  const ValueId x = local.add_input("x", plain(DType::f32, {1, 1, 2, 2}));
  const ValueId w = local.add_constant(Tensor(plain(DType::f32, {1, 2, 2, 1, 1, 1, 1})));
  local.add_output(local.add(make_op<GroupLocal>(), {x, w}, "patch"), "y");
  refuse(local, "the operator group_local cannot be written to ONNX", "group_local \"patch\"");

  Graph narrow;
  const ValueId v = narrow.add_input("x", plain(DType::f32, {1}));
  Convert to_s4;
  to_s4.output = {DType::s4, Quant::per_tensor(1.0f)};
  narrow.add_output(narrow.add(make_op<Convert>(to_s4), {v}, "nibbles"), "y");
  refuse(narrow, "values of type s4 have no form", "convert \"nibbles\"");

  Graph atan2;
  const ValueId a = atan2.add_input("x", plain(DType::f32, {1}));
  Elementwise op;
  op.mode = ElementwiseMode::atan2;
  atan2.add_output(atan2.add(make_op<Elementwise>(op), {a, a}, "angle"), "y");
  refuse(atan2, "the elementwise function atan2", "elementwise \"angle\"");
}

Graph rewritten_at(const Graph& graph, int opset) {
  ModelFile model;
  model.graph = graph;
  return read_onnx(write_onnx(model, nullptr, {opset}), "rewritten.onnx").graph;
}

// Operators whose form changes between opset 13 and 19.
TEST(OnnxWriter, EveryOpsetKeepsTheMeaning) {
  Graph graph;
  const ValueId x = graph.add_input("x", plain(DType::f32, {2, 6, 4}));
  Elementwise swish;
  swish.mode = ElementwiseMode::h_swish;
  const ValueId s = graph.add(make_op<Elementwise>(swish), {x});
  Split split;
  split.axis = 1;
  split.parts = 3;
  const auto parts = graph.add_node(make_op<Split>(split), {s});
  for (const ReduceMode mode : {ReduceMode::max, ReduceMode::sum, ReduceMode::mean}) {
    Reduce reduce;
    reduce.mode = mode;
    reduce.axes = {2};
    reduce.keep_dims = mode == ReduceMode::sum;
    const std::string name = "y" + std::to_string(graph.outputs().size());
    graph.add_output(graph.add(make_op<Reduce>(reduce), {parts[graph.outputs().size()]}), name);
  }
  const auto inputs = test::random_inputs(graph);
  const auto want = test::run_outputs(graph, inputs);
  for (int opset = OnnxOptions::kFirstOpset; opset <= OnnxOptions::kLastOpset; ++opset) {
    const auto got = test::run_outputs(rewritten_at(graph, opset), inputs);
    for (std::size_t i = 0; i < want.size(); ++i) {
      const auto a = want[i].values<float>(), b = got[i].values<float>();
      for (std::size_t k = 0; k < a.size(); ++k)  // h_swish is composed below opset 14
        ASSERT_NEAR(a[k], b[k], 1e-5 * std::abs(a[k])) << "opset " << opset << " output " << i;
    }
  }
}

// TensorRT dequantises no 32-bit integers and takes 8-bit values by way of DequantizeLinear alone.
TEST(OnnxWriter, TheFormForTensorRTHasNoOperatorOnStoredIntegers) {
  ModelOptions options;
  options.image_size = 32;
  options.width = 0.125;
  ModelFile model = make_model("resnet18", options);
  const std::vector<std::byte> bytes = write_onnx(model, nullptr, {.for_tensorrt = true});
  ModelProto message;
  ASSERT_TRUE(message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
  constexpr int kInt8 = onnx::proto::TensorProto::INT8;
  std::map<std::string, int> types;  // of initializers and of what quantising nodes give
  for (const auto& tensor : message.graph().initializer())
    types[tensor.name()] = tensor.data_type();
  std::size_t pools = 0;
  for (const auto& node : message.graph().node()) {
    if (node.op_type() == "QuantizeLinear") types[node.output(0)] = kInt8;
    if (node.op_type() == "DequantizeLinear") {
      EXPECT_EQ(types[node.input(0)], kInt8) << node.name();
    } else if (!node.op_type().ends_with("Shape") && node.op_type() != "QuantizeLinear") {
      EXPECT_NE(types[node.input(0)], kInt8) << node.name();
      pools += node.op_type() == "MaxPool";
    }
  }
  EXPECT_EQ(pools, 1u);
  const Graph again = read_onnx(bytes, "for_tensorrt.onnx").graph;
  const std::map<std::string, Tensor> inputs{{"data", make_pictures(2, 32, 9)}};
  EXPECT_EQ(test::run_outputs(again, inputs)[0].shape(), (Shape{2, 1000}));
}

TEST(OnnxWriter, NamesTheOpsetThatAnOperatorNeeds) {
  Graph graph;
  const ValueId x = graph.add_input("x", plain(DType::f32, {2, 3}));
  const ValueId scale = graph.add_constant(Tensor(plain(DType::f32, {3})));
  graph.add_output(graph.add(make_op<LayerNorm>(), {x, scale}, "norm"), "y");
  EXPECT_NO_THROW(rewritten_at(graph, 17));
  const Status old = test::failure_of([&] { (void)rewritten_at(graph, 16); });
  EXPECT_EQ(old.code(), StatusCode::unsupported);
  EXPECT_NE(old.message().find("has from opset 17 on"), std::string::npos) << old.message();
  for (const int opset : {12, 20})
    EXPECT_EQ(test::failure_of([&] { (void)rewritten_at(graph, opset); }).code(),
              StatusCode::invalid_argument);
}

TEST(OnnxWriter, RefusesChecksOfTestCaseFiles) {
  ModelFile model;
  model.checks.emplace_back();
  EXPECT_EQ(test::failure_of([&] { (void)write_onnx(model); }).code(), StatusCode::unsupported);
}

}  // namespace
}  // namespace octet
