// A real model through the public API: many threads, many runs, no growth.
#include <gtest/gtest.h>

#include <cstring>
#include <octet/session.hpp>
#include <thread>

#include "formats/tensors/npy.hpp"
#include "support/allocation_counter.hpp"

namespace octet {
namespace {

const std::string kDigits = std::string(OCTET_TEST_DATA) + "/digits/";

class ModelRuns : public testing::TestWithParam<std::string> {
 protected:
  ModelRuns() {
    SessionOptions options;
    options.backend = GetParam();
    session_.emplace(
        Session::create(Model::load(kDigits + "digits.v2.mge").value(), options).value());
    for (int i = 0; i < 5; ++i)
      samples_.push_back(
          {{"data", read_npy_file(kDigits + "sample_" + std::to_string(i) + ".npy")}});
  }

  static std::string bits(const NamedTensors& outputs) {
    const Tensor& tensor = outputs.at(0).tensor;
    return {reinterpret_cast<const char*>(tensor.data()), tensor.bytes()};
  }

  std::optional<Session> session_;
  std::vector<NamedTensors> samples_;
};

TEST_P(ModelRuns, SixteenThreadsGetTheBitsOfOne) {
  constexpr std::size_t kThreads = 16, kRuns = 40;
  std::vector<std::string> serial;
  for (const NamedTensors& sample : samples_) serial.push_back(bits(session_->run(sample).value()));
  std::vector<std::size_t> wrong(kThreads, 0);
  {
    std::vector<std::jthread> threads;
    for (std::size_t t = 0; t < kThreads; ++t)
      threads.emplace_back([&, t] {
        NamedTensors outputs;
        for (std::size_t i = 0; i < kRuns; ++i) {
          const std::size_t sample = (t + i) % samples_.size();
          if (!session_->run(samples_[sample], outputs).ok() || bits(outputs) != serial[sample])
            ++wrong[t];
        }
      });
  }
  EXPECT_EQ(wrong, std::vector<std::size_t>(kThreads, 0));
}

#ifdef OCTET_TEST_COUNTS_ALLOCATIONS
TEST_P(ModelRuns, DoesNotGrow) {
  const int runs = GetParam() == "reference" ? 200 : 10'000;
  const auto run = [&](int times) {
    for (int i = 0; i < times; ++i) ASSERT_TRUE(session_->run(samples_[0]).ok());
  };
  run(20);
  const std::size_t before = resident_bytes();
  run(runs);
  EXPECT_LE(resident_bytes(), before + 512 * 1024);
}
#endif

INSTANTIATE_TEST_SUITE_P(Backends, ModelRuns, testing::Values("auto", "reference"),
                         [](const auto& param) { return param.param; });

#ifdef OCTET_TEST_COUNTS_ALLOCATIONS
// The fast kernels only: the reference makes tables as it goes.
TEST(SteadyStateOfAModel, AllocatesNothing) {
  SessionOptions options;
  options.skip_kernels = {"matmul_f32_onednn"};  // oneDNN allocates inside its own calls
  const Session session =
      Session::create(Model::load(kDigits + "digits.v2.mge").value(), options).value();
  const NamedTensors inputs{{"data", Tensor(session.inputs()[0].type)}};
  NamedTensors outputs;
  ASSERT_TRUE(session.run(inputs, outputs).ok());
  const AllocationCounter counter;
  for (int i = 0; i < 3; ++i) static_cast<void>(session.run(inputs, outputs));
  EXPECT_EQ(counter.count(), 0u);
}
#endif

TEST(ModelFailures, AreValuesWithTheFilesName) {
  const Status missing = Model::load("/nowhere/model.mge").status();
  EXPECT_EQ(missing.code(), StatusCode::io_error);
  EXPECT_NE(missing.to_string().find("/nowhere/model.mge"), std::string::npos);
  const std::string text = "not a model";
  const Status broken =
      Model::parse(std::as_bytes(std::span(text.data(), text.size())), "there").status();
  EXPECT_EQ(broken.code(), StatusCode::invalid_model);
  EXPECT_NE(broken.to_string().find("there"), std::string::npos);
}

TEST(ModelFailures, FailToRunLeavesTheSessionUsable) {
  const Session session = Session::create(Model::load(kDigits + "digits.v2.mge").value()).value();
  const TensorType wide{DType::f32, {1, 4, 32, 32}, kNCHW, std::nullopt};
  EXPECT_EQ(session.run({{"data", Tensor(wide)}}).status().code(), StatusCode::invalid_input);
  EXPECT_TRUE(session.run({{"data", Tensor(session.inputs()[0].type)}}).ok());
}

}  // namespace
}  // namespace octet
