// Sub-graphs on the GPU: a plan inside the plan, in device memory and in the outer recording.
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "api/model_impl.hpp"
#include "golden/cases.hpp"
#include "golden/digits.hpp"
#include "gpu/gpu_session.hpp"
#include "models/make_model.hpp"

namespace octet::test {
namespace {

Session native_session(const Model& model, std::string_view layout, std::size_t min_nodes,
                       const std::string& rules = {}) {
  SessionOptions options;
  options.backend = "cuda";
  options.layout = layout;
  options.subgraph_engine = "native";
  options.subgraph_rules = rules;
  options.subgraph_min_nodes = min_nodes;
  return Session::create(model, options).value();
}

bool equal(const NamedTensors& a, const NamedTensors& b) {
  return std::ranges::equal(a, b, [](const NamedTensor& x, const NamedTensor& y) {
    return x.name == y.name && x.tensor.type() == y.tensor.type() &&
           std::ranges::equal(x.tensor.values<std::byte>(), y.tensor.values<std::byte>());
  });
}

// Whole and in parts of the model's own making, in every layout, planned anew for each batch.
TEST(GpuSubgraph, GivesTheSameBitsAsThePlainPlan) {
  for (const ModelStyle style : {ModelStyle::mge, ModelStyle::onnx}) {
    ModelOptions options;
    options.image_size = 64;
    options.width = 0.5;
    options.style = style;
    const Model model(
        std::make_shared<const Model::Impl>(make_model("resnet18", options), "resnet18"));
    for (const std::string_view layout : kGpuLayouts) {
      const Session plain = gpu_session(model, layout);
      const Session whole = native_session(model, layout, 1);
      const Session parts = native_session(model, layout, 10, "tensorrt");
      for (const std::int64_t batch : {1, 3}) {
        SCOPED_TRACE(std::string(layout) + " at batch " + std::to_string(batch));
        const NamedTensors inputs{{"data", make_pictures(batch, 64, 5)}};
        const NamedTensors want = plain.run(inputs).value();
        // The first run records, the second one replays.
        for (int run = 0; run < 2; ++run) {
          EXPECT_TRUE(equal(whole.run(inputs).value(), want));
          EXPECT_TRUE(equal(parts.run(inputs).value(), want));
        }
      }
    }
  }
}

TEST(GpuSubgraph, GivesManyThreadsTheSameBits) {
  const Model model = Model::load(data_path("digits/digits.v2.mge")).value();
  const NamedTensors inputs{{"data", digits_input()}};
  const NamedTensors want = gpu_session(model).run(inputs).value();
  const Session session = native_session(model, "auto", 1);
  std::array<int, 8> wrong{};
  {
    std::vector<std::jthread> threads;
    for (int& count : wrong)
      threads.emplace_back([&session, &inputs, &want, &count] {
        for (int i = 0; i < 20; ++i) {
          const auto got = session.run(inputs);
          EXPECT_TRUE(got.ok()) << got.status().to_string();
          count += !got.ok() || !equal(*got, want);
        }
      });
  }
  EXPECT_EQ(std::count(wrong.begin(), wrong.end(), 0), std::ssize(wrong));
}

}  // namespace
}  // namespace octet::test
