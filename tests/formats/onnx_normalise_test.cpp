// The last step of reading: which operators come out of Q/DQ patterns. That their numbers are the
// same is checked before and after on random values here, and against ONNX Runtime by the
// conformance tests.
#include "formats/onnx/normalise.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "files/onnx_builder.hpp"
#include "formats/onnx/importer.hpp"
#include "ops/conv.hpp"
#include "ops/convert.hpp"
#include "ops/elementwise.hpp"
#include "ops/matmul.hpp"
#include "ops/pool.hpp"
#include "support/run_graph.hpp"

namespace octet::testing {
namespace {

using ::testing::ElementsAre;

// A model whose u8 inputs are dequantised and whose last value is quantised.
class Qdq {
 public:
  Qdq() {
    model_.constant<float>("scale", {}, {0.05f}).constant<std::uint8_t>("zero", {}, {100});
    model_.constant<float>("other_scale", {}, {0.03f})
        .constant<std::uint8_t>("other_zero", {}, {20});
    model_.constant<float>("weight_scale", {}, {0.02f})
        .constant<std::int8_t>("weight_zero", {}, {0});
  }

  OnnxBuilder* operator->() { return &model_; }
  // The value `name` of an input `name`_q.
  Qdq& input(const std::string& name, const Dims& dims, const std::string& parameters = "") {
    model_.input(name + "_q", dims, TensorProto::UINT8);
    model_.node("DequantizeLinear", {name + "_q", parameters + "scale", parameters + "zero"},
                {name});
    return *this;
  }
  Qdq& weight(const std::string& name, const Dims& dims) {
    std::int64_t elements = 1;
    for (const std::int64_t extent : dims) elements *= extent;
    std::vector<std::int8_t> values;
    for (std::int64_t i = 0; i < elements; ++i)
      values.push_back(static_cast<std::int8_t>(i * 37 % 255 - 127));
    model_.constant<std::int8_t>(name + "_q", dims, values);
    model_.node("DequantizeLinear", {name + "_q", "weight_scale", "weight_zero"}, {name});
    return *this;
  }
  // Quantises `name` to the output y.
  Qdq& quantise(const std::string& name, const std::string& parameters = "") {
    model_.node("QuantizeLinear", {name, parameters + "scale", parameters + "zero"}, {"y"});
    model_.output("y", TensorProto::UINT8);
    return *this;
  }

  Graph literal() const {
    const onnx::ExternalData external(false, {});
    const OnnxBuilder copy = model_;
    ModelProto message;
    EXPECT_TRUE(message.ParseFromString(copy.bytes()));
    return onnx::Importer(message, external, {}).run();
  }
  Graph normal() const { return onnx::normalise(literal()); }

 private:
  OnnxBuilder model_;
};

std::vector<std::string> kinds(const Graph& graph) {
  std::vector<std::string> kinds;
  for (const NodeId id : graph.order()) kinds.emplace_back(graph.node(id).kind());
  return kinds;
}

template <typename Op>
const Op& only(const Graph& graph) {
  const Op* found = nullptr;
  for (const NodeId id : graph.order())
    if (const Op* op = graph.node(id).as<Op>()) found = op;
  if (found == nullptr) throw Error(StatusCode::internal, "the graph has no such operator");
  return *found;
}

// The largest difference of u8 outputs between the graph as the file has it and the normal one.
int largest_difference(const Qdq& model) {
  const Graph literal = model.literal(), normal = model.normal();
  const auto inputs = test::random_inputs(literal);
  const Tensor a = test::run_outputs(literal, inputs).at(0),
               b = test::run_outputs(normal, inputs).at(0);
  int largest = 0;
  for (std::size_t i = 0; i < a.bytes(); ++i)
    largest = std::max(
        largest, std::abs(std::to_integer<int>(a.data()[i]) - std::to_integer<int>(b.data()[i])));
  return largest;
}

Qdq conv() {
  Qdq model;
  model.input("x", {1, 3, 5, 5}).weight("w", {4, 3, 3, 3});
  return model;
}

TEST(OnnxNormalise, ConvBecomesOneIntegerOperator) {
  Qdq model = conv();
  model->node("Conv", {"x", "w"}, {"c"});
  model.quantise("c");
  const Graph graph = model.normal();
  EXPECT_THAT(kinds(graph), ElementsAre("set_quant", "conv2d"));
  const Conv2d& op = only<Conv2d>(graph);
  EXPECT_EQ(op.rule, EpilogueRule::onnx);
  EXPECT_EQ(op.output, (OutputSpec{DType::u8, Quant::per_tensor(0.05f, 100)}));
  EXPECT_LE(largest_difference(model), 1);
}

TEST(OnnxNormalise, ActivationsJoinTheProduct) {
  for (const auto& [op_type, kind] :
       {std::pair("Relu", ActivationKind::relu), std::pair("LeakyRelu", ActivationKind::leaky_relu),
        std::pair("Clip", ActivationKind::clip)}) {
    Qdq model = conv();
    model->node("Conv", {"x", "w"}, {"c"}).node(op_type, {"c"}, {"a"});
    model.quantise("a");
    EXPECT_EQ(only<Conv2d>(model.normal()).activation.kind, kind) << op_type;
    EXPECT_LE(largest_difference(model), 1) << op_type;
  }
}

TEST(OnnxNormalise, SigmoidDoesNotJoinTheProduct) {
  Qdq model = conv();
  model->node("Conv", {"x", "w"}, {"c"}).node("Sigmoid", {"c"}, {"a"});
  model.quantise("a");
  const Graph graph = model.normal();
  EXPECT_THAT(kinds(graph), ElementsAre("set_quant", "conv2d", "elementwise", "convert"));
  EXPECT_EQ(only<Conv2d>(graph).output, OutputSpec{});
}

TEST(OnnxNormalise, FloatBiasIsQuantisedWithTheScaleOfTheSums) {
  Qdq model = conv();
  model->constant<float>("b", {4}, {0.0104f, -0.0056f, 0.0f, 1.0f})
      .node("Conv", {"x", "w", "b"}, {"c"});
  model.quantise("c");
  const Graph graph = model.normal();
  const Node& node = graph.node(graph.order().back());
  ASSERT_EQ(node.inputs.size(), 3u);
  const auto bias = graph.known(node.inputs[2])->values<std::int32_t>();
  // 0.05 * 0.02 = 0.001
  EXPECT_THAT(std::vector<std::int32_t>(bias.begin(), bias.end()), ElementsAre(10, -6, 0, 1000));
}

TEST(OnnxNormalise, ProductWithoutQuantizeSumsIntegersAndAddsTheFloatBias) {
  Qdq model = conv();
  model->constant<float>("b", {4}, {0.1f, 0.2f, 0.3f, 0.4f})
      .node("Conv", {"x", "w", "b"}, {"c"})
      .output("c");
  EXPECT_THAT(kinds(model.normal()), ElementsAre("set_quant", "conv2d", "elementwise"));
}

TEST(OnnxNormalise, ProductThatIsReadTwiceKeepsItsFloats) {
  Qdq model = conv();
  model->node("Conv", {"x", "w"}, {"c"}).output("c");
  model.quantise("c");
  EXPECT_THAT(kinds(model.normal()), ElementsAre("set_quant", "conv2d", "convert"));
}

TEST(OnnxNormalise, GemmAndMatMul) {
  Qdq gemm;
  gemm.input("x", {2, 8}).weight("w", {3, 8});
  gemm->node("Gemm", {"x", "w"}, {"p"}).attribute("transB", 1);
  gemm.quantise("p");
  EXPECT_TRUE(only<MatMul>(gemm.normal()).output.has_value());
  EXPECT_LE(largest_difference(gemm), 1);
  Qdq matmul;
  matmul.input("x", {2, 2, 8}).weight("w", {8, 3});
  matmul->node("MatMul", {"x", "w"}, {"p"});
  matmul.quantise("p");
  EXPECT_TRUE(only<MatMul>(matmul.normal()).output.has_value());
  EXPECT_LE(largest_difference(matmul), 1);
}

TEST(OnnxNormalise, ConvTranspose) {
  Qdq model;
  model.input("x", {1, 2, 4, 4}).weight("w", {2, 3, 3, 3});
  model->node("ConvTranspose", {"x", "w"}, {"c"}).attribute("strides", Dims{2, 2});
  model.quantise("c");
  EXPECT_THAT(kinds(model.normal()), ElementsAre("set_quant", "conv_transpose2d"));
  EXPECT_LE(largest_difference(model), 1);
}

TEST(OnnxNormalise, CastsToNarrowFloatsDoNotHideAProduct) {
  Qdq model = conv();
  const auto cast = [&](const char* from, const char* to, int type) {
    model->node("Cast", {from}, {to}).attribute("to", type);
  };
  cast("x", "x16", TensorProto::FLOAT16);
  cast("w", "w16", TensorProto::FLOAT16);
  model->node("Conv", {"x16", "w16"}, {"c16"}).node("Relu", {"c16"}, {"a16"});
  cast("a16", "a", TensorProto::FLOAT);
  model.quantise("a");
  const Graph graph = model.normal();
  EXPECT_THAT(kinds(graph), ElementsAre("set_quant", "conv2d"));
  EXPECT_EQ(only<Conv2d>(graph).activation.kind, ActivationKind::relu);
}

TEST(OnnxNormalise, FloatWeightsBehindQuantizeFold) {
  Qdq model;
  model.input("x", {1, 1, 3, 3});
  model->constant<float>("w", {1, 1, 1, 1}, {0.5f});
  model->node("QuantizeLinear", {"w", "weight_scale", "weight_zero"}, {"w_q"});
  model->node("DequantizeLinear", {"w_q", "weight_scale", "weight_zero"}, {"w_f"});
  model->node("Conv", {"x", "w_f"}, {"c"});
  model.quantise("c");
  const Graph graph = model.normal();
  const Node& node = graph.node(graph.order().back());
  ASSERT_TRUE(graph.value(node.inputs[1]).is_constant());
  EXPECT_EQ(graph.known(node.inputs[1])->values<std::int8_t>()[0], 25);
}

TEST(OnnxNormalise, TransposedWeightsFold) {
  Qdq model;
  model.input("x", {2, 8}).weight("w", {3, 8});
  model->node("Transpose", {"w"}, {"t"}).node("MatMul", {"x", "t"}, {"p"});
  model.quantise("p");
  const Graph graph = model.normal();
  EXPECT_THAT(kinds(graph), ElementsAre("set_quant", "matmul"));
  EXPECT_LE(largest_difference(model), 1);
}

struct Function {
  const char* op_type;
  const char* kind;
};

TEST(OnnxNormalise, FunctionsKeepTheirNumbers) {
  for (const auto& [op_type, kind] :
       {Function{"Sigmoid", "elementwise"}, Function{"Tanh", "elementwise"},
        Function{"HardSwish", "elementwise"}, Function{"GlobalAveragePool", "pool2d"},
        Function{"Softmax", "softmax"}, Function{"Relu", "elementwise"}}) {
    Qdq model;
    model.input("x", {2, 3, 4, 4});
    model->node(op_type, {"x"}, {"f"});
    model.quantise("f", "other_");
    EXPECT_THAT(kinds(model.normal()), ElementsAre("set_quant", kind)) << op_type;
    EXPECT_EQ(largest_difference(model), 0) << op_type;
  }
}

TEST(OnnxNormalise, BinaryFunctionsKeepTheirNumbers) {
  for (const char* op_type : {"Add", "Mul", "Sub", "Max"}) {
    Qdq model;
    model.input("a", {2, 30}).input("b", {2, 30}, "other_");
    model->node(op_type, {"a", "b"}, {"f"});
    model.quantise("f");
    EXPECT_THAT(kinds(model.normal()), ElementsAre("set_quant", "set_quant", "elementwise"))
        << op_type;
    EXPECT_EQ(largest_difference(model), 0) << op_type;
  }
}

TEST(OnnxNormalise, ReluJoinsAnAddition) {
  Qdq model;
  model.input("a", {2, 30}).input("b", {2, 30}, "other_");
  model->node("Add", {"a", "b"}, {"s"}).node("Relu", {"s"}, {"f"});
  model.quantise("f");
  EXPECT_EQ(only<Elementwise>(model.normal()).mode, ElementwiseMode::add_relu);
  EXPECT_EQ(largest_difference(model), 0);
}

TEST(OnnxNormalise, ConcatConvertsOnlyWhatHasAnotherScale) {
  Qdq model;
  model.input("a", {2, 3}).input("b", {2, 3}, "other_");
  model->node("Concat", {"a", "b"}, {"f"}).attribute("axis", 1);
  model.quantise("f");
  EXPECT_THAT(kinds(model.normal()), ElementsAre("set_quant", "set_quant", "convert", "concat"));
  EXPECT_EQ(largest_difference(model), 0);
}

struct Move {
  const char* op_type;
  const char* kind;
  void (*describe)(OnnxBuilder&);
};

TEST(OnnxNormalise, MovesWorkOnIntegers) {
  const Move moves[] = {
      {"Transpose", "transpose",
       [](OnnxBuilder& m) {
         m.attribute("perm", Dims{0, 2, 3, 1});
       }},
      {"Flatten", "flatten", [](OnnxBuilder&) {}},
      {"MaxPool", "pool2d",
       [](OnnxBuilder& m) {
         m.attribute("kernel_shape", Dims{2, 2});
       }},
      {"GlobalMaxPool", "pool2d", [](OnnxBuilder&) {}},
  };
  for (const Move& move : moves) {
    Qdq model;
    model.input("x", {2, 3, 4, 4});
    model->node(move.op_type, {"x"}, {"f"});
    move.describe(*model.operator->());
    model.quantise("f");
    EXPECT_THAT(kinds(model.normal()), ElementsAre("set_quant", move.kind)) << move.op_type;
    EXPECT_EQ(largest_difference(model), 0) << move.op_type;
  }
}

TEST(OnnxNormalise, PaddingWithZeroPadsWithTheZeroPoint) {
  Qdq model;
  model.input("x", {1, 4});
  model->constant<std::int64_t>("pads", {4}, {0, 1, 0, 2}).node("Pad", {"x", "pads"}, {"f"});
  model.quantise("f");
  EXPECT_THAT(kinds(model.normal()), ElementsAre("set_quant", "pad"));
  EXPECT_EQ(largest_difference(model), 0);
}

TEST(OnnxNormalise, ShapesAreReadFromTheIntegers) {
  Qdq model;
  model.input("x", {1, 4});
  model->node("Shape", {"x"}, {"s"}).output("s", TensorProto::INT64);
  EXPECT_THAT(kinds(model.normal()), ElementsAre("set_quant", "shape_of"));
}

TEST(OnnxNormalise, FloatIslandsStayFloat) {
  OnnxBuilder model;
  model.input("x", {1, 1, 3, 3}).output("y").constant<float>("w", {1, 1, 1, 1}, {2.0f});
  model.node("Conv", {"x", "w"}, {"c"}).node("Relu", {"c"}, {"y"});
  EXPECT_THAT(kinds(model.read().graph), ElementsAre("conv2d", "elementwise"));
}

TEST(OnnxNormalise, KeepsTheNamesOfValues) {
  Qdq model = conv();
  model->node("Conv", {"x", "w"}, {"c"});
  model.quantise("c");
  const Graph graph = model.normal();
  EXPECT_EQ(graph.value(graph.outputs()[0].value).name, "y");
  EXPECT_EQ(graph.value(graph.inputs()[0]).name, "x_q");
}

}  // namespace
}  // namespace octet::testing
