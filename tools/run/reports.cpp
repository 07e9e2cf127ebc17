#include "run/reports.hpp"

#include <algorithm>
#include <numeric>

#include "base/format.hpp"
#include "cli/files.hpp"
#include "ops/elements.hpp"
#include "report/mge_profile.hpp"
#include "report/statistics.hpp"
#include "report/text_table.hpp"

namespace octet::tools {
namespace {

constexpr int kMostStepRuns = 10;

std::string kernel_reasons(const PlanInfo& plan) {
  std::string text;
  for (const StepInfo& step : plan.steps) {
    text += concat(step.op, " \"", step.name, "\": ", step.kernel, "\n");
    for (const KernelInfo& kernel : step.candidates)
      if (!kernel.refusal.empty())
        text += concat("  not ", kernel.name, ": ", kernel.refusal, "\n");
  }
  return text;
}

std::string top_of_row(std::span<const float> row, int count) {
  std::vector<std::size_t> order(row.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto shown = std::min<std::size_t>(static_cast<std::size_t>(count), row.size());
  std::partial_sort(
      order.begin(), order.begin() + static_cast<std::ptrdiff_t>(shown), order.end(),
      [&](std::size_t a, std::size_t b) { return row[a] != row[b] ? row[a] > row[b] : a < b; });
  std::string text;
  for (std::size_t i = 0; i < shown; ++i)
    text += concat(i == 0 ? "" : ", ", order[i], " (", row[order[i]], ")");
  return text;
}

std::vector<float> real_values(const Tensor& tensor) {
  std::vector<float> values;
  const auto& quant = tensor.type().quant;
  with_storage(tensor.dtype(), [&]<typename T>(std::type_identity<T>) {
    for (const T& element : tensor.values<T>()) {
      const auto stored = static_cast<float>(element);
      values.push_back(quant && quant->is_per_tensor()
                           ? (stored - static_cast<float>(quant->zero_point())) * quant->scale()
                           : stored);
    }
  });
  return values;
}

void add_rows(TextTable& table, const char* type, const std::vector<TensorInfo>& tensors) {
  for (const TensorInfo& tensor : tensors)
    table.add_row({type, tensor.name, tensor.type.shape.to_string(),
                   std::string(to_string(tensor.type.dtype))});
}

std::string info_table(const char* title, const std::vector<TensorInfo>& inputs,
                       const std::vector<TensorInfo>& outputs) {
  TextTable table({{"type"}, {"name"}, {"shape"}, {"dtype"}});
  add_rows(table, "INPUT", inputs);
  add_rows(table, "OUTPUT", outputs);
  return concat(title, "\n", table.to_string());
}

// The parts of an iteration on a device, and what keeps it from being faster.
std::string device_summary(const RunReport& report) {
  if (report.h2d_ms.empty()) return {};
  const std::string bound = what_bounds(report);
  return concat("device ready in ", fixed(report.device_ms), "ms; H2D ",
                fixed(summarise(report.h2d_ms).p50), "ms, compute ",
                fixed(summarise(report.iterations.device).p50), "ms, D2H ",
                fixed(summarise(report.d2h_ms).p50), "ms; ", bound, bound.empty() ? "" : "\n");
}

}  // namespace

void print_model_info(const Model& model, const PlanInfo& plan, Console& console) {
  console.line("%s", info_table("Original Model Info", model.inputs(), model.outputs()).c_str());
  console.line("%s", info_table("Runtime Model Info", plan.inputs, plan.outputs).c_str());
}

void print_summary(const RunReport& report, bool verbose, Console& console) {
  if (verbose) console.remark(kernel_reasons(report.plan));
  const Statistics times = summarise(report.iterations.total);
  const MemoryInfo& memory = report.plan.memory;
  console.remark(
      concat("backend ", report.backend,
             report.backend_description.empty() ? "" : ", " + report.backend_description, "; ",
             report.plan.steps.size(), " steps, ", human_count(static_cast<double>(report.macs)),
             " MACs\n", "p50=", fixed(times.p50), "ms p90=", fixed(times.p90),
             "ms p95=", fixed(times.p95), "ms p99=", fixed(times.p99), "ms; ",
             fixed(images_per_second(report), 1), " images/s at batch ", report.batch, "\n",
             device_summary(report), "memory: arena ", human_bytes(memory.arena), " for values of ",
             human_bytes(memory.values), ", constants ", human_bytes(memory.constants),
             ", peak of the process ", human_bytes(peak_resident_bytes()), "\n"));
}

void print_top(const NamedTensors& outputs, int count, Console& console) {
  for (const NamedTensor& output : outputs) {
    const Shape& shape = output.tensor.shape();
    const std::size_t columns = shape.rank() == 0 ? 1 : static_cast<std::size_t>(shape.back());
    const std::vector<float> values = real_values(output.tensor);
    for (std::size_t row = 0; columns > 0 && row * columns < values.size(); ++row)
      console.remark(concat("top ", count, " of ", output.name, "[", row, "]: ",
                            top_of_row({values.data() + row * columns, columns}, count), "\n"));
  }
}

void write_reports(PreparedRun& run, const RunOptions& options, RunReport& report,
                   Console& console) {
  const bool wants_steps = !options.json.empty() || !options.profile.empty() ||
                           !options.profile_host.empty() || options.profile_table;
  for (int i = 0; wants_steps && i < std::min(options.iter, kMostStepRuns); ++i) {
    console.progress("timing operators");
    report.step_runs.push_back(run.execution.time_steps().value());
  }
  const std::vector<double> medians = median_times(report.step_runs);
  const std::string comp_node = run.is_device ? "gpu0:0" : "cpu0:0";
  if (!options.profile.empty())
    write_text_file(options.profile, mge_profile_json(report.plan, medians, {comp_node, false}));
  if (!options.profile_host.empty())
    write_text_file(options.profile_host,
                    mge_profile_json(report.plan, medians, {comp_node, true}));
  if (options.profile_table) console.remark(step_table(report.plan, medians, report.peaks));
  if (!options.json.empty()) write_text_file(options.json, to_json(report));
}

}  // namespace octet::tools
