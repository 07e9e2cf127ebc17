#include <gtest/gtest.h>

#include <octet/session.hpp>
#include <thread>

#include "tiny_model.hpp"

namespace octet {
namespace {

Session tiny_session(SessionOptions options = {}) {
  options.backend = "reference";
  return Session::create(tiny_model(), options).value();
}

TEST(Session, RunsByName) {
  const Session session = tiny_session();
  const NamedTensors outputs = session.run({{"x", counting_images(1)}}).value();
  ASSERT_EQ(outputs.size(), 2u);
  EXPECT_EQ(outputs[0].name, "y");
  EXPECT_EQ(outputs[0].tensor.shape(), (Shape{1, 2, 2, 2}));
  EXPECT_EQ(outputs[0].tensor.values<float>()[0], 5.0f);
  EXPECT_EQ(outputs[1].tensor.values<std::int32_t>()[7], 31);
}

TEST(Session, SaysWhatItTakesAndGives) {
  const Session session = tiny_session();
  ASSERT_EQ(session.inputs().size(), 1u);
  EXPECT_EQ(session.inputs()[0].type.to_string(), "f32{1,2,4,4}");
  ASSERT_EQ(session.outputs().size(), 2u);
  EXPECT_EQ(session.outputs()[1].type.to_string(), "s32{1,2,2,2}");
  EXPECT_EQ(session.backend(), "reference");
}

TEST(Session, TakesAnotherBatch) {
  const NamedTensors outputs = tiny_session().run({{"x", counting_images(3)}}).value();
  EXPECT_EQ(outputs[0].tensor.shape(), (Shape{3, 2, 2, 2}));
  EXPECT_EQ(outputs[0].tensor.values<float>().back(), 95.0f);
}

TEST(Session, MakesTensorsThatItRunsWith) {
  const Session session = tiny_session();
  Tensor input = session.make_tensor(session.inputs()[0].type).value();
  EXPECT_EQ(input.values<float>()[31], 0.0f);
  input.mutable_values<float>()[0] = 4.0f;
  EXPECT_EQ(session.run({{"x", input}}).value()[0].tensor.values<float>()[0], 4.0f);
  const TensorType huge{DType::f32, {1 << 20, 1 << 20, 1 << 20}, kNCHW, std::nullopt};
  EXPECT_EQ(session.make_tensor(huge).status().code(), StatusCode::resource_exhausted);
}

TEST(Session, FailuresAreValues) {
  const Session session = tiny_session();
  const Status missing = session.run({}).status();
  EXPECT_EQ(missing.code(), StatusCode::invalid_input);
  const Status wrong =
      session.run({{"x", Tensor({DType::f32, {1, 2, 1, 1}, kNCHW, std::nullopt})}}).status();
  EXPECT_EQ(wrong.code(), StatusCode::invalid_input);
  EXPECT_NE(wrong.message().find("{1,2,4,4}"), std::string::npos) << wrong.message();
  EXPECT_NE(wrong.message().find("{1,2,1,1}"), std::string::npos) << wrong.message();
}

TEST(Session, RefusesOptionsThatMakeNoSense) {
  const auto code = [](const SessionOptions& options) {
    return Session::create(tiny_model(), options).status().code();
  };
  SessionOptions threads, backend, cache;
  threads.threads = 0;
  EXPECT_EQ(code(threads), StatusCode::invalid_argument);
  backend.backend = "abacus";
  EXPECT_EQ(code(backend), StatusCode::invalid_argument);
  cache.plan_cache_size = 0;
  EXPECT_EQ(code(cache), StatusCode::invalid_argument);
}

TEST(Session, RunsAsynchronouslyAndFromManyThreads) {
  const Session session = tiny_session();
  std::vector<std::future<Result<NamedTensors>>> futures;
  for (int i = 0; i < 16; ++i)
    futures.push_back(session.run_async({{"x", counting_images(1, static_cast<float>(i))}}));
  for (int i = 0; i < 16; ++i) {
    const NamedTensors outputs = futures[static_cast<std::size_t>(i)].get().value();
    EXPECT_EQ(outputs[1].tensor.values<std::int32_t>()[0], 5 + i);
  }
}

TEST(Session, OutlivesItsModel) {
  auto model = std::make_unique<Model>(tiny_model());
  const Session session = Session::create(*model).value();
  model.reset();
  EXPECT_TRUE(session.run({{"x", counting_images(1)}}).ok());
}

TEST(Execution, SeparatesTheParts) {
  const Session session = tiny_session();
  Execution execution = session.prepare({{"x", counting_images(2)}}).value();
  EXPECT_EQ(execution.plan().steps.size(), 2u);
  EXPECT_EQ(execution.plan().inputs[0].type.shape, (Shape{2, 2, 4, 4}));
  ASSERT_TRUE(execution.launch().ok());
  ASSERT_TRUE(execution.wait().ok());
  EXPECT_GT(execution.device_milliseconds().value(), 0.0);
  NamedTensors outputs;
  ASSERT_TRUE(execution.read_outputs(outputs).ok());
  EXPECT_EQ(outputs[0].tensor.values<float>()[0], 5.0f);
  EXPECT_EQ(execution.time_steps().value().size(), 2u);
  EXPECT_EQ(execution.set_inputs({{"x", counting_images(1)}}).message(),
            "it was prepared for {2,2,4,4}, the tensor has {1,2,4,4}");
}

TEST(Execution, OutlivesItsSession) {
  auto session = std::make_unique<Session>(tiny_session());
  Execution execution = session->prepare({{"x", counting_images(1)}}).value();
  session.reset();
  EXPECT_TRUE(execution.launch().ok());
  EXPECT_TRUE(execution.set_inputs({{"x", counting_images(1)}}).ok());
}

TEST(Execution, ShowsEveryStep) {
  const Session session = tiny_session();
  Execution execution = session.prepare({{"x", counting_images(1)}}).value();
  std::vector<std::string> seen;
  const Status status = execution.inspect(
      [&](const StepInfo& step, double milliseconds, std::span<const Tensor> outputs) {
        EXPECT_GE(milliseconds, 0.0);
        seen.push_back(step.name + " " + outputs[0].type().to_string());
      });
  ASSERT_TRUE(status.ok());
  EXPECT_EQ(seen, (std::vector<std::string>{"pool f32{1,2,2,2}", "integers s32{1,2,2,2}"}));
}

TEST(Backends, TheReferenceIsAlwaysThere) {
  const std::vector<BackendInfo> all = backends();
  ASSERT_FALSE(all.empty());
  EXPECT_EQ(all.back().name, "reference");
  EXPECT_EQ(all.back().unavailable, "");
}

}  // namespace
}  // namespace octet
