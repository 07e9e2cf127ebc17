#include "report/step_times.hpp"

#include <algorithm>
#include <numeric>

#include "report/statistics.hpp"
#include "report/text_table.hpp"

namespace octet {
namespace {

// Work per second in units of 10^9, or nothing where there is none to speak of.
std::string rate(std::int64_t work, double milliseconds) {
  if (work == 0 || milliseconds <= 0.0) return "";
  return fixed(static_cast<double>(work) / milliseconds / 1e6, 1);
}

std::string output_shapes(const StepInfo& step) {
  std::string text;
  for (const TensorInfo& output : step.outputs)
    text += (text.empty() ? "" : " ") + std::string(to_string(output.type.dtype)) +
            output.type.shape.to_string();
  return text;
}

std::string runner_up_text(const StepInfo& step) {
  const KernelInfo* second = runner_up(step);
  return second == nullptr ? "" : second->name + " " + fixed(*second->milliseconds, 4);
}

}  // namespace

std::vector<double> median_times(const StepRuns& runs) {
  std::vector<double> medians;
  for (std::size_t step = 0; !runs.empty() && step < runs.front().size(); ++step) {
    std::vector<double> samples;
    for (const auto& run : runs) samples.push_back(run[step]);
    medians.push_back(summarise(samples).p50);
  }
  return medians;
}

const KernelInfo* runner_up(const StepInfo& step) {
  const KernelInfo* best = nullptr;
  for (const KernelInfo& kernel : step.candidates) {
    if (kernel.name == step.kernel || !kernel.refusal.empty() || !kernel.milliseconds) continue;
    if (best == nullptr || *kernel.milliseconds < *best->milliseconds) best = &kernel;
  }
  return best;
}

std::string step_table(const PlanInfo& plan, std::span<const double> milliseconds,
                       const Peaks& peaks) {
  using enum TextTable::Align;
  TextTable table({{"ms", right},
                   {"share", right},
                   {"MACs", right},
                   {"bytes", right},
                   {"% peak", right},
                   {"GB/s", right},
                   {"operator"},
                   {"kernel"},
                   {"runner-up"},
                   {"output"},
                   {"name"}});
  std::vector<std::size_t> order(milliseconds.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return milliseconds[a] > milliseconds[b]; });
  const double total = std::accumulate(milliseconds.begin(), milliseconds.end(), 0.0);
  for (const std::size_t i : order) {
    const StepInfo& step = plan.steps[i];
    const double share = total > 0.0 ? 100.0 * milliseconds[i] / total : 0.0;
    const double of_peak = peak_share(step.macs, milliseconds[i], peaks);
    table.add_row({fixed(milliseconds[i], 4), fixed(share, 1) + "%",
                   step.macs > 0 ? human_count(static_cast<double>(step.macs)) : "",
                   human_bytes(static_cast<std::size_t>(step.bytes)),
                   of_peak > 0.0 ? fixed(of_peak, 1) : "", rate(step.bytes, milliseconds[i]),
                   step.op, step.kernel, runner_up_text(step), output_shapes(step), step.name});
  }
  return table.to_string() + fixed(total) + " ms in " + std::to_string(order.size()) + " steps\n";
}

}  // namespace octet
