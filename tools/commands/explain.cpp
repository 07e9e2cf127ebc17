#include <cstdio>
#include <octet/session.hpp>

#include "base/format.hpp"
#include "cli/program.hpp"
#include "commands/commands.hpp"
#include "options/input_flags.hpp"
#include "options/session_flags.hpp"
#include "report/text_table.hpp"

namespace octet::tools {
namespace {

struct ExplainOptions : InputFlags, SessionFlags {};

std::string describe(const StepInfo& step) {
  std::string text = concat(step.name, "\n  ", step.problem, "\n");
  for (const KernelInfo& kernel : step.candidates) {
    const bool won = kernel.name == step.kernel && kernel.backend == step.backend;
    const std::string time = kernel.milliseconds ? concat(", ", *kernel.milliseconds, " ms") : "";
    if (!kernel.refusal.empty())
      text += concat("  no   ", kernel.name, " (", kernel.backend, "): ", kernel.refusal, "\n");
    else
      text += concat(won ? "  runs " : "  also ", kernel.name, " (", kernel.backend, time, ")\n");
  }
  return text;
}

}  // namespace

void explain_command(const std::string& program, const std::vector<std::string>& arguments) {
  ExplainOptions options;
  CLI::App app("Shows for each operator which kernel runs it, who was refused and why.", program);
  add_input_flags(app, options);
  add_group(app, options, session_group());
  add_group(app, options, layout_group());
  if (!parse(app, arguments)) return;
  check(options);
  listen_to_library(false);

  const Model model = load_model(options);
  const Session session = Session::create(model, session_options(options)).value();
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
