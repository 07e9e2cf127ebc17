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

std::string step_table(const PlanInfo& plan, std::span<const double> milliseconds) {
  using enum TextTable::Align;
  TextTable table({{"ms", right},
                   {"share", right},
                   {"GMAC/s", right},
                   {"GB/s", right},
                   {"operator"},
                   {"kernel"},
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
    table.add_row({fixed(milliseconds[i]), fixed(share, 1) + "%", rate(step.macs, milliseconds[i]),
                   rate(step.bytes, milliseconds[i]), step.op, step.kernel, output_shapes(step),
                   step.name});
  }
  return table.to_string() + fixed(total) + " ms in " + std::to_string(order.size()) + " steps\n";
}

}  // namespace octet
