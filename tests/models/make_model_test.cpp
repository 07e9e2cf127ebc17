#include "models/make_model.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "ops/conv.hpp"
#include "ops/elementwise.hpp"
#include "support/run_graph.hpp"

namespace octet {
namespace {

ModelOptions small(ModelStyle style) {
  ModelOptions options;
  options.style = style;
  options.image_size = 64;
  options.classes = 10;
  options.width = 0.25;
  return options;
}

struct Case {
  std::string_view name;
  ModelStyle style;
};

std::vector<Case> all_models() {
  std::vector<Case> cases;
  for (const std::string_view name : model_names())
    for (const ModelStyle style : {ModelStyle::mge, ModelStyle::onnx})
      cases.push_back({name, style});
  return cases;
}

class EveryModel : public ::testing::TestWithParam<Case> {};

bool has_relu(const Node& node) {
  if (const Conv2d* conv = node.as<Conv2d>()) return conv->activation.kind == ActivationKind::relu;
  const Elementwise* op = node.as<Elementwise>();
  return op != nullptr &&
         (op->mode == ElementwiseMode::relu || op->mode == ElementwiseMode::add_relu);
}

double share(const Tensor& tensor, bool (*counts)(std::int8_t)) {
  const auto values = tensor.values<std::int8_t>();
  return static_cast<double>(std::count_if(values.begin(), values.end(), counts)) /
         static_cast<double>(values.size());
}

// On pictures that calibration has not seen.
TEST_P(EveryModel, ActivationsNeitherDieNorSaturate) {
  Graph graph = make_model(GetParam().name, small(GetParam().style)).graph;
  const Tensor pictures = make_pictures(8, 64, 4711);
  graph.set_input_types({{"data", pictures.type()}});
  const auto values = test::run_values(graph, {{"data", pictures}});
  int layers = 0;
  for (const auto& [id, tensor] : values) {
    if (tensor.dtype() != DType::s8 || tensor.shape().rank() != 4) continue;
    const Node* node = graph.producer(id);
    SCOPED_TRACE(node->name + " " + tensor.type().to_string());
    EXPECT_LT(share(tensor, [](std::int8_t q) { return q == 127 || q == -128; }), 0.01);
    if (!has_relu(*node)) continue;
    ++layers;
    const double alive = share(tensor, [](std::int8_t q) { return q != 0; });
    EXPECT_GT(alive, 0.2);
    EXPECT_LT(alive, 0.8);
  }
  EXPECT_GE(layers, 8);
}

TEST_P(EveryModel, GivesProbabilitiesThatDependOnThePicture) {
  const Graph graph = make_model(GetParam().name, small(GetParam().style)).graph;
  ASSERT_EQ(graph.outputs().size(), 1u);
  EXPECT_EQ(graph.type(graph.outputs()[0].value).to_string(), "f32{1,10}");
  EXPECT_EQ(graph.type(graph.inputs()[0]).to_string(), "f32{1,3,64,64}");
  const auto outputs = test::run_outputs(graph, {{"data", make_pictures(3, 64, 5)}});
  ASSERT_EQ(outputs[0].shape(), (Shape{3, 10}));
  const auto values = outputs[0].values<float>();
  for (std::size_t image = 0; image < 3; ++image) {
    double sum = 0;
    for (std::size_t k = 0; k < 10; ++k) sum += static_cast<double>(values[image * 10 + k]);
    EXPECT_NEAR(sum, 1.0, 1e-5);
  }
  EXPECT_FALSE(std::equal(values.begin(), values.begin() + 10, values.begin() + 10));
}

INSTANTIATE_TEST_SUITE_P(All, EveryModel, ::testing::ValuesIn(all_models()), [](const auto& row) {
  return std::string(row.param.name) + (row.param.style == ModelStyle::mge ? "_mge" : "_onnx");
});

std::size_t count(const Graph& graph, std::string_view kind) {
  std::size_t total = 0;
  for (const NodeId id : graph.order()) total += graph.node(id).kind() == kind ? 1u : 0u;
  return total;
}

TEST(MakeModel, HasTheLayersOfTheNetwork) {
  ModelOptions options = small(ModelStyle::mge);
  const Graph resnet18 = make_model("resnet18", options).graph;
  EXPECT_EQ(count(resnet18, "conv2d"), 20u);
  EXPECT_EQ(count(resnet18, "pool2d"), 2u);
  EXPECT_EQ(count(resnet18, "matmul"), 1u);
  EXPECT_EQ(count(make_model("resnet50", options).graph, "conv2d"), 53u);
  EXPECT_EQ(count(make_model("mobilenet_v2", options).graph, "conv2d"), 52u);
  EXPECT_EQ(count(make_model("vgg11", options).graph, "matmul"), 3u);
}

TEST(MakeModel, WeightsFollowTheStyle) {
  for (const ModelStyle style : {ModelStyle::mge, ModelStyle::onnx}) {
    const Graph graph = make_model("resnet18", small(style)).graph;
    for (const NodeId id : graph.order()) {
      const Node& node = graph.node(id);
      const Conv2d* conv = node.as<Conv2d>();
      if (conv == nullptr) continue;
      const Quant& weight = *graph.type(node.inputs[1]).quant;
      EXPECT_EQ(weight.is_per_tensor(), style == ModelStyle::mge);
      EXPECT_EQ(conv->rule == EpilogueRule::onnx, style == ModelStyle::onnx);
    }
  }
}

TEST(MakeModel, TheSeedDecidesEveryBit) {
  ModelOptions options = small(ModelStyle::mge);
  const std::map<std::string, Tensor> inputs{{"data", make_pictures(1, 64, 1)}};
  const auto run = [&] {
    const Tensor out = test::run_outputs(make_model("shufflenet_v1", options).graph, inputs)[0];
    return std::vector<float>(out.values<float>().begin(), out.values<float>().end());
  };
  const auto first = run();
  EXPECT_EQ(run(), first);
  options.seed = 2;
  EXPECT_NE(run(), first);
}

TEST(MakeModel, PicturesAreBytesAndTheFirstDoNotDependOnHowManyFollow) {
  const Tensor one = make_pictures(1, 48, 3), two = make_pictures(2, 48, 3);
  const auto values = one.values<float>();
  for (const float value : values) {
    EXPECT_EQ(value, std::floor(value));
    EXPECT_GE(value, 0.0f);
    EXPECT_LE(value, 255.0f);
  }
  EXPECT_TRUE(std::equal(values.begin(), values.end(), two.values<float>().begin()));
}

TEST(MakeModel, TheBeginningOfANameWillDo) {
  EXPECT_EQ(count(make_model("vgg", small(ModelStyle::mge)).graph, "matmul"), 3u);
}

TEST(MakeModel, RefusesWhatItCannotMake) {
  const auto code = [](std::string_view name, ModelOptions options) {
    try {
      (void)make_model(name, options);
    } catch (const Error& error) {
      EXPECT_EQ(error.status().code(), StatusCode::invalid_argument);
      return std::string(error.status().message());
    }
    return std::string();
  };
  EXPECT_NE(code("resnet", {}).find("there are: resnet18"), std::string::npos);
  EXPECT_NE(code("resnet19", {}).find("there are: resnet18, resnet50"), std::string::npos);
  EXPECT_NE(code("resnet18", {.image_size = 31}).find("within 32 and 1024"), std::string::npos);
  EXPECT_NE(code("resnet18", {.image_size = 40}).find("multiple of 32"), std::string::npos);
  EXPECT_NE(code("resnet18", {.classes = 1}).find("classes"), std::string::npos);
  EXPECT_NE(code("resnet18", {.width = 0.1}).find("width"), std::string::npos);
}

}  // namespace
}  // namespace octet
