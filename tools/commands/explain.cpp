#include <algorithm>
#include <cstdio>
#include <limits>
#include <octet/session.hpp>
#include <tuple>

#include "base/format.hpp"
#include "cli/program.hpp"
#include "commands/commands.hpp"
#include "options/input_flags.hpp"
#include "options/session_flags.hpp"
#include "report/text_table.hpp"

namespace octet::tools {
namespace {

struct ExplainOptions : InputFlags, SessionFlags {};

// "NHWC4, 0.0250 ms; NCHW32 would take 0.0508 ms": the chosen layout and the next best.
std::string describe_layouts(const std::vector<LayoutInfo>& layouts) {
  const auto time = [](const LayoutInfo& layout) {
    return concat(fixed(*layout.milliseconds, 4), " ms");
  };
  std::string text = layouts.front().layout;
  if (layouts.front().milliseconds) text += concat(", ", time(layouts.front()));
  if (layouts.size() == 1) return text + "; no other has a fast kernel";
  const LayoutInfo& next = layouts[1];
  return concat(text, "; ", next.layout, " would take ", next.is_bound ? "at least " : "",
                next.milliseconds ? time(next) : "an unknown time");
}

// The one that runs, those that could, the measured ones first and fastest first, then the refused.
std::string describe(const StepInfo& step) {
  std::vector<const KernelInfo*> order;
  for (const KernelInfo& kernel : step.candidates) order.push_back(&kernel);
  const auto place = [&](const KernelInfo* kernel) {
    constexpr double kLast = std::numeric_limits<double>::infinity();
    const bool runs = kernel->name == step.kernel && kernel->backend == step.backend;
    return std::tuple(!runs, !kernel->refusal.empty(), kernel->milliseconds.value_or(kLast));
  };
  std::stable_sort(order.begin(), order.end(),
                   [&](const KernelInfo* a, const KernelInfo* b) { return place(a) < place(b); });
  std::string text = concat(step.name, "\n  ", step.problem, "\n");
  for (const KernelInfo* kernel : order) {
    const std::string_view word = kernel == order.front()   ? "runs"
                                  : kernel->refusal.empty() ? "also"
                                                            : "no  ";
    text += concat("  ", word, " ", kernel->name, " (", kernel->backend, ")");
    if (kernel->milliseconds) text += concat(", ", fixed(*kernel->milliseconds, 4), " ms");
    text += kernel->refusal.empty() ? "\n" : concat(": ", kernel->refusal, "\n");
  }
  if (!step.layouts.empty()) text += concat("  layout ", describe_layouts(step.layouts), "\n");
  return text;
}

}  // namespace

void explain_command(const std::string& program, const std::vector<std::string>& arguments) {
  ExplainOptions options;
  CLI::App app("Shows for each operator which kernel runs it, who was refused and why.", program);
  add_input_flags(app, options);
  add_group(app, options, session_group());
  add_group(app, options, layout_group());
  add_group(app, options, subgraph_group());
  if (!parse(app, arguments)) return;
  check(options);
  listen_to_library(false);

  const SessionOptions settings = session_options(options);
  const Model model = load_model(options);
  const Session session = Session::create(model, settings).value();
  const Execution execution = session
                                  .prepare(read_model_inputs(model, options, !options.const_shape,
                                                             random_input_spec(model)))
                                  .value();
  const PlanInfo& plan = execution.plan();
  for (const StepInfo& step : plan.steps) std::printf("%s", describe(step).c_str());
  std::printf("%zu steps on %s; arena %s for values of %s\n", plan.steps.size(),
              session.backend().c_str(), human_bytes(plan.memory.arena).c_str(),
              human_bytes(plan.memory.values).c_str());
}

}  // namespace octet::tools
