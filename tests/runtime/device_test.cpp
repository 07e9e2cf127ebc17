// The runtime's contract with a device, checked on a backend that only plays one.
#include <gtest/gtest.h>

#include "runtime/engine.hpp"
#include "toy.hpp"

namespace octet {
namespace {

using toy::f32;

struct DeviceLog {
  int copies_in = 0, copies_out = 0, recordings = 0, replays = 0;
  bool fail_next_replay = false;
};

// Its memory is host memory, but nothing may be used there that was not copied in.
class FakeDevice final : public HostBackend {
 public:
  std::string_view name() const noexcept override { return "fake"; }
  bool is_host() const noexcept override { return false; }
  std::span<const Kernel> kernels(std::string_view kind) const override {
    return toy::backend().kernels(kind);
  }
  void copy_in(std::byte* to, const std::byte* from, std::size_t bytes,
               ExecutionContext& context) const override {
    ++log.copies_in;
    HostBackend::copy_in(to, from, bytes, context);
  }
  void copy_out(std::byte* to, const std::byte* from, std::size_t bytes,
                ExecutionContext& context) const override {
    ++log.copies_out;
    HostBackend::copy_out(to, from, bytes, context);
  }
  std::unique_ptr<Recording> record(ExecutionContext&,
                                    const std::function<void()>& steps) const override {
    ++log.recordings;
    return std::make_unique<Replay>(steps, log);
  }
  std::unique_ptr<Timer> make_timer() const override { return std::make_unique<FixedTimer>(); }

  mutable DeviceLog log;

 private:
  class Replay final : public Recording {
   public:
    Replay(std::function<void()> steps, DeviceLog& log) : steps_(std::move(steps)), log_(log) {}
    void replay(ExecutionContext&) const override {
      if (std::exchange(log_.fail_next_replay, false))
        throw Error(StatusCode::unavailable, "the device fell off the bus");
      ++log_.replays;
      steps_();
    }

   private:
    std::function<void()> steps_;
    DeviceLog& log_;
  };
  class FixedTimer final : public Timer {
   public:
    void start(ExecutionContext&) override {}
    void stop(ExecutionContext&) override {}
    double milliseconds() override { return 1.25; }
  };
};

class DeviceTest : public testing::Test {
 protected:
  DeviceTest() {
    // Eight columns, so that the kernel reads its constant at run time.
    const ValueId x = graph_.add_input("x", f32({1, 8}));
    const ValueId c = graph_.add_constant(constant(3.0f));
    graph_.add_output(graph_.add(make_op<toy::Add>(), {x, c}), "y");
    options_.plan.backends = {&device_};
    options_.plan.chooser = &chooser_;
  }
  static Tensor constant(float value) {
    Tensor tensor(f32({1, 8}));
    std::fill_n(tensor.mutable_values<float>().begin(), 8, value);
    return tensor;
  }

  FakeDevice device_;
  FirstAccepting chooser_;
  Graph graph_;
  EngineOptions options_;
};

TEST_F(DeviceTest, CopiesRecordsOnceAndReplays) {
  Engine engine(graph_, options_);
  NamedTensors outputs;
  for (int i = 0; i < 5; ++i) {
    engine.run({{"x", constant(static_cast<float>(i))}}, outputs);
    EXPECT_EQ(outputs[0].tensor.values<float>()[7], static_cast<float>(i) + 3.0f);
  }
  EXPECT_EQ(device_.log.recordings, 1);
  EXPECT_EQ(device_.log.replays, 5);
  EXPECT_EQ(device_.log.copies_in, 5 + 1) << "each input, and the constant once";
  EXPECT_EQ(device_.log.copies_out, 5);
}

TEST_F(DeviceTest, TimesOnTheDevicesClock) {
  const auto plan = make_plan(graph_, options_.plan);
  RunContext context(plan);
  context.set_input(0, constant(1.0f));
  context.launch();
  context.wait();
  EXPECT_EQ(context.device_milliseconds(), 1.25);
}

TEST_F(DeviceTest, AFailedRunLeavesTheEngineUsable) {
  Engine engine(graph_, options_);
  NamedTensors outputs;
  engine.run({{"x", constant(1.0f)}}, outputs);
  device_.log.fail_next_replay = true;
  EXPECT_THROW(engine.run({{"x", constant(1.0f)}}, outputs), Error);
  engine.run({{"x", constant(2.0f)}}, outputs);
  EXPECT_EQ(outputs[0].tensor.values<float>()[0], 5.0f);
  EXPECT_EQ(device_.log.recordings, 2) << "the context of the failed run is not used again";
}

TEST_F(DeviceTest, StepByStepRunsShowTheValuesOnTheHost) {
  struct Watcher final : StepObserver {
    void after(const PlanStep& step, double milliseconds,
               std::span<const Tensor> outputs) override {
      EXPECT_EQ(step.info.op, "toy_add");
      EXPECT_EQ(milliseconds, 1.25);
      seen = outputs[0].values<float>()[0];
    }
    float seen = 0.0f;
  } watcher;
  RunContext context(make_plan(graph_, options_.plan));
  context.set_input(0, constant(4.0f));
  context.walk(watcher);
  EXPECT_EQ(watcher.seen, 7.0f);
}

}  // namespace
}  // namespace octet
