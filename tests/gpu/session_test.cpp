// Sessions on the GPU under load: the same bits from every thread, and no growth.
#include <cuda_runtime.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <thread>

#include "formats/mge/writer.hpp"
#include "golden/cases.hpp"
#include "golden/digits.hpp"
#include "gpu/gpu_session.hpp"
#include "models/make_model.hpp"
#include "support/temporary_path.hpp"

namespace octet::test {
namespace {

Tensor rows_of(const Tensor& tensor, std::int64_t first, std::int64_t count) {
  TensorType type = tensor.type();
  const std::size_t row = tensor.bytes() / static_cast<std::size_t>(type.shape[0]);
  type.shape[0] = count;
  return make_tensor(type, tensor.data() + static_cast<std::size_t>(first) * row);
}

Model digits() { return Model::load(data_path("digits/digits.v2.mge")).value(); }

void expect_same_bits_from_threads(const std::vector<Session>& sessions) {
  constexpr int kThreads = 16, kRuns = 1000;
  const Tensor pictures = digits_input();
  // A batch of its own for every thread, so that mixed up memory shows.
  std::vector<Tensor> inputs;
  std::vector<Tensor> expected;
  for (int t = 0; t < kThreads; ++t) {
    inputs.push_back(rows_of(pictures, t * 5, 1 + t % 3));
    expected.push_back(sessions[0].run({{"data", inputs.back()}}).value()[0].tensor.clone());
  }
  std::array<int, kThreads> wrong{};
  {
    std::vector<std::jthread> threads;
    for (std::size_t t = 0; t < kThreads; ++t)
      threads.emplace_back([&, t] {
        const Session& session = sessions[t % sessions.size()];
        NamedTensors outputs;
        for (int i = 0; i < kRuns; ++i) {
          const bool ok = session.run({{"data", inputs[t]}}, outputs).ok();
          if (!ok ||
              std::memcmp(outputs[0].tensor.data(), expected[t].data(), expected[t].bytes()) != 0)
            ++wrong[t];
        }
      });
  }
  EXPECT_EQ(std::count(wrong.begin(), wrong.end(), 0), kThreads);
}

TEST(GpuSession, GivesManyThreadsTheSameBits) {
  expect_same_bits_from_threads({gpu_session(digits())});
}

TEST(GpuSession, FourSessionsGiveManyThreadsTheSameBits) {
  std::vector<Session> sessions;
  for (const char* layout : {"auto", "nchw4", "nchw32", "chwn4"})
    sessions.push_back(gpu_session(digits(), layout));
  expect_same_bits_from_threads(sessions);
}

// Page-locked tensors as inputs and as outputs, and one that lives longer than its session.
TEST(GpuHostTensors, GiveTheSameBits) {
  const Tensor pictures = rows_of(digits_input(), 0, 3);
  NamedTensors outputs, expected;
  Tensor input;
  {
    const Session session = gpu_session(digits());
    ASSERT_TRUE(session.run({{"data", pictures}}, expected).ok());
    input = session.make_tensor(pictures.type()).value();
    std::memcpy(input.mutable_data(), pictures.data(), pictures.bytes());
    const Tensor output = session.make_tensor(expected[0].tensor.type()).value();
    EXPECT_EQ(std::count(output.data(), output.data() + output.bytes(), std::byte{0}),
              static_cast<std::ptrdiff_t>(output.bytes()));
    outputs = {{expected[0].name, output}};
    ASSERT_TRUE(session.run({{"data", input}}, outputs).ok());
    EXPECT_EQ(outputs[0].tensor.data(), output.data()) << "written in place";
  }
  EXPECT_EQ(
      std::memcmp(outputs[0].tensor.data(), expected[0].tensor.data(), expected[0].tensor.bytes()),
      0);
  EXPECT_EQ(std::memcmp(input.data(), pictures.data(), pictures.bytes()), 0);
}

std::size_t resident_bytes() {
  std::size_t total = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> total >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

std::size_t free_device_bytes() {
  std::size_t free = 0, total = 0;
  EXPECT_EQ(cudaMemGetInfo(&free, &total), cudaSuccess);
  return free;
}

// Alone on the device, since its free memory is that of all processes.
TEST(GpuMemory, DoesNotGrowInTwentyThousandRuns) {
  const Session session = gpu_session(digits());
  const Tensor pictures = digits_input();
  const std::vector<Tensor> inputs{rows_of(pictures, 0, 1), rows_of(pictures, 1, 3)};
  NamedTensors outputs;
  const auto run = [&](int times) {
    for (int i = 0; i < times; ++i)
      ASSERT_TRUE(session.run({{"data", inputs[static_cast<std::size_t>(i) % 2]}}, outputs).ok());
  };
  run(2000);
  const std::size_t resident = resident_bytes(), free = free_device_bytes();
  run(20000);
  EXPECT_EQ(free_device_bytes(), free);
  EXPECT_LE(resident_bytes(), resident + (1u << 20));
}

TEST(GpuSession, FastRunChangesNoBits) {
  const Tensor input = rows_of(digits_input(), 0, 32);
  const Model model = digits();
  for (const std::string_view layout : kGpuLayouts) {
    const NamedTensors plain = gpu_session(model, layout).run({{"data", input}}).value();
    const NamedTensors tuned = gpu_session(model, layout, true).run({{"data", input}}).value();
    EXPECT_EQ(std::memcmp(plain[0].tensor.data(), tuned[0].tensor.data(), plain[0].tensor.bytes()),
              0)
        << layout;
  }
}

// Kernels and layouts of ResNet18 at batch 128: at most 5 s to find them, 200 ms to know them
// again, and the same bits as without.
TEST(GpuTime, ChoosesKernelsAndLayouts) {
  const Model model = Model::parse(write_mge(make_model("resnet18").graph)).value();
  const NamedTensors inputs{{"data", make_pictures(128, 224, 2)}};
  const NamedTensors plain = gpu_session(model).run(inputs).value();
  SessionOptions options;
  options.backend = "cuda";
  options.fast_run = true;
  options.tuning_cache = temporary_path();
  for (const double most_ms : {5000.0, 200.0}) {
    const Session session = Session::create(model, options).value();
    const auto start = std::chrono::steady_clock::now();
    const Execution execution = session.prepare(inputs).value();
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
    EXPECT_LT(took.count(), most_ms);
    const NamedTensors tuned = session.run(inputs).value();
    EXPECT_EQ(std::memcmp(plain[0].tensor.data(), tuned[0].tensor.data(), plain[0].tensor.bytes()),
              0);
  }
  std::remove(options.tuning_cache.c_str());
}

}  // namespace
}  // namespace octet::test
