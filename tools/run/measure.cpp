#include "run/measure.hpp"

#include "base/format.hpp"
#include "base/stopwatch.hpp"
#include "report/statistics.hpp"
#include "run/check_outputs.hpp"
#include "run/value_dumps.hpp"

namespace octet::tools {
namespace {

void must(const Status& status) {
  if (!status.ok()) throw Error(status);
}

// "name{shape}" of each output with one blank between.
std::string output_list(const PlanInfo& plan) {
  std::vector<std::string> texts;
  for (const TensorInfo& output : plan.outputs)
    texts.push_back(output.name + output.type.shape.to_string());
  return join(texts, " ");
}

class Measurer {
 public:
  Measurer(PreparedRun& run, const RunOptions& options, Console& console)
      : run_(run), options_(options), console_(console), dumper_(options.bin_out_dump) {}

  Measurement measure() {
    for (int i = 0; i < options_.warmup_iter; ++i) {
      console_.progress(concat("warm-up ", i + 1, "/", options_.warmup_iter));
      const Stopwatch watch;
      must(run_.execution.launch());
      must(run_.execution.wait());
      result_.warmup_ms.push_back(watch.milliseconds());
      console_.line("warmup %d: %.3fms", i, result_.warmup_ms.back());
    }
    if (run_.is_device) make_outputs();
    announce();
    for (std::size_t i = 0; i < run_.cases.size(); ++i) run_case(i);
    if (has_file_cases()) console_.line("=== total time: %.3fms", total_ms_);
    if (run_.is_device) time_copies();
    return std::move(result_);
  }

 private:
  bool has_file_cases() const { return !run_.model.test_cases().empty(); }
  bool has_inputs() const { return !run_.cases.front().inputs.empty(); }

  // In the memory that the device writes fastest; read_outputs() makes those that fail here.
  void make_outputs() {
    for (const TensorInfo& output : run_.execution.plan().outputs)
      if (Result<Tensor> fast = run_.session.make_tensor(output.type); fast.ok())
        result_.outputs.push_back({output.name, std::move(fast).value()});
  }

  void announce() {
    const std::string outputs = output_list(run_.execution.plan());
    if (has_file_cases())
      console_.line("=== going to run %zu testcases; output vars: %s", run_.cases.size(),
                    outputs.c_str());
    else if (has_inputs()) console_.line("=== going to run input for %d times", options_.iter);
    else
      console_.line("=== going to run for %d times; output vars: %s", options_.iter,
                    outputs.c_str());
  }

  void run_case(std::size_t index) {
    if (has_file_cases()) {
      if (index > 0) run_.execution = run_.session.prepare(run_.cases[index].inputs).value();
      console_.line("=== going to run test #%zu for %d times", index, options_.iter);
    }
    std::vector<double> totals;
    for (int i = 0; i < options_.iter; ++i) {
      console_.progress(concat("iteration ", i + 1, "/", options_.iter));
      totals.push_back(iterate(i, run_.cases[index].inputs));
      check_outputs(run_.model, run_.cases[index], result_.outputs, options_, console_);
    }
    const Statistics times = summarise(totals);
    total_ms_ += times.total;
    if (has_inputs() || has_file_cases())
      console_.line(
          "=== finished test #%zu: time=%.3fms avg_time=%.3fms sd=%.3fms "
          "minmax=%.3f,%.3f\n",
          index, times.total, times.mean, times.deviation, times.lowest, times.highest);
    else console_.line("avg time: %.3fms", times.mean);
  }

  // By themselves, so that the report tells them from the work even where iterations contain them.
  void time_copies() {
    constexpr int kTimes = 5;
    for (int i = 0; i < kTimes; ++i) {
      console_.progress("timing copies");
      Stopwatch watch;
      must(run_.execution.set_inputs(run_.cases.back().inputs));
      must(run_.execution.wait());
      result_.h2d_ms.push_back(watch.milliseconds());
      watch.restart();
      must(run_.execution.read_outputs(result_.outputs));
      result_.d2h_ms.push_back(watch.milliseconds());
    }
  }

  double iterate(int index, const NamedTensors& inputs) {
    Execution& execution = run_.execution;
    const Stopwatch watch;
    if (options_.copy_to_device_each) must(execution.set_inputs(inputs));
    must(execution.launch());
    const double exec_ms = watch.milliseconds();
    must(execution.wait());
    if (options_.copy_to_host) must(execution.read_outputs(result_.outputs));
    if (dumper_.is_on()) {
      must(execution.read_outputs(result_.outputs));
      dumper_.write(execution.plan(), result_.outputs);
    }
    const double total_ms = watch.milliseconds();
    const double device_ms = execution.device_milliseconds().value();
    result_.iterations.total.push_back(total_ms);
    result_.iterations.exec.push_back(exec_ms);
    result_.iterations.device.push_back(device_ms);
    if (has_inputs() || has_file_cases())
      console_.line("iter %d/%d: %.3fms (exec=%.3f,device=%.3f)", index, options_.iter, total_ms,
                    exec_ms, device_ms);
    else console_.line("=== finished run #%d: time=%.3fms", index, total_ms);
    must(execution.read_outputs(result_.outputs));
    return total_ms;
  }

  PreparedRun& run_;
  const RunOptions& options_;
  Console& console_;
  OutputDumper dumper_;
  Measurement result_;
  double total_ms_ = 0.0;
};

}  // namespace

Measurement measure(PreparedRun& run, const RunOptions& options, Console& console) {
  return Measurer(run, options, console).measure();
}

}  // namespace octet::tools
