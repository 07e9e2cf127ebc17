#include <cstdio>
#include <octet/session.hpp>

#include "base/format.hpp"
#include "cli/program.hpp"
#include "commands/commands.hpp"
#include "options/input_flags.hpp"
#include "options/session_flags.hpp"
#include "report/difference.hpp"
#include "report/text_table.hpp"

namespace octet::tools {
namespace {

struct VerifyOptions : InputFlags, SessionFlags {
  std::string against = "reference";
  bool all = false;
};

void must(const Status& status) {
  if (!status.ok()) throw Error(status);
}

// What every step of a run wrote.
std::vector<std::vector<Tensor>> all_values(Execution& execution) {
  std::vector<std::vector<Tensor>> values;
  must(execution.inspect([&](const StepInfo&, double, std::span<const Tensor> outputs) {
    values.emplace_back(outputs.begin(), outputs.end());
  }));
  return values;
}

// Compares two runs of one optimised graph, so that step i means the same in both.
class StepComparison {
 public:
  explicit StepComparison(const PlanInfo& plan) : plan_(plan) {}

  void compare(const std::vector<std::vector<Tensor>>& expected,
               const std::vector<std::vector<Tensor>>& got) {
    for (std::size_t s = 0; s < plan_.steps.size(); ++s) {
      const StepInfo& step = plan_.steps[s];
      for (std::size_t o = 0; o < step.outputs.size(); ++o) {
        const Difference d = difference(expected[s][o], got[s][o]);
        if (!d.agrees && first_.empty()) first_ = step.name;
        if (!d.agrees) ++different_;
        rows_.push_back({!d.equal(),
                         {step.op, step.name, step.kernel, got[s][o].type().to_string(),
                          d.to_string(got[s][o].type())}});
      }
    }
  }

  std::string to_string(bool all) const {
    TextTable table({{"operator"}, {"name"}, {"kernel"}, {"value"}, {"difference"}});
    for (const auto& [differs, cells] : rows_)
      if (differs || all) table.add_row(cells);
    std::string text = different_ > 0 || all ? table.to_string() : "";
    text += concat(rows_.size() - different_, " of ", rows_.size(),
                   " values are equal (sums of floats within 1e-6 + 1e-4 of the value)\n");
    if (!first_.empty()) text += concat("the first that differs is that of \"", first_, "\"\n");
    return text;
  }
  bool equal() const { return different_ == 0; }
  const std::string& first() const { return first_; }

 private:
  struct Row {
    bool differs;
    std::vector<std::string> cells;
  };
  const PlanInfo& plan_;
  std::vector<Row> rows_;
  std::size_t different_ = 0;
  std::string first_;
};

NamedTensors run(const Model& model, const SessionOptions& options, const NamedTensors& inputs) {
  return Session::create(model, options).value().run(inputs).value();
}

// The outputs of the file's own graph, run node by node, against those of the optimised one.
bool compare_outputs(const NamedTensors& expected, const NamedTensors& got) {
  bool equal = true;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const Difference d = difference(expected[i].tensor, got[i].tensor);
    equal = equal && d.agrees;
    std::printf("output \"%s\" against the graph as in the file: %s\n", expected[i].name.c_str(),
                d.to_string(expected[i].tensor.type()).c_str());
  }
  return equal;
}

void verify(const VerifyOptions& options) {
  const SessionOptions settings = session_options(options);
  const Model model = load_model(options);
  const NamedTensors inputs =
      read_model_inputs(model, options, !options.const_shape, random_input_spec(model));
  const Session session = Session::create(model, settings).value();

  SessionOptions against = settings;
  against.backend = options.against;
  against.optimise_for = session.backend();
  against.numerics = Numerics::exact;
  against.skip_kernels.clear();
  SessionOptions plain = against;
  plain.optimise = false;

  Execution tested = session.prepare(inputs).value();
  Execution expected = Session::create(model, against).value().prepare(inputs).value();
  StepComparison steps(tested.plan());
  steps.compare(all_values(expected), all_values(tested));
  std::printf("%s against %s, on one graph:\n%s", session.backend().c_str(),
              options.against.c_str(), steps.to_string(options.all).c_str());
  const bool outputs_equal =
      compare_outputs(run(model, plain, inputs), run(model, settings, inputs));
  if (!steps.equal())
    throw Error(StatusCode::verification_failed,
                concat(session.backend(), " and ", options.against, " differ"), steps.first());
  if (!outputs_equal)
    throw Error(StatusCode::verification_failed, "the optimised graph differs from the file's");
}

}  // namespace

void verify_command(const std::string& program, const std::vector<std::string>& arguments) {
  VerifyOptions options;
  CLI::App app("Runs a model on two backends side by side and compares every value.", program);
  add_input_flags(app, options);
  add_group(app, options, session_group());
  add_group(app, options, layout_group());
  add_group(app, options, subgraph_group());
  app.add_option("--against", options.against, "the backend to compare with (default reference)")
      ->type_name("NAME");
  app.add_flag("--all", options.all, "list the values that are equal, too");
  app.footer("Without --input the values are random. Exit code 1: something differs.");
  if (!parse(app, arguments)) return;
  check(options);
  listen_to_library(false);
  verify(options);
}

}  // namespace octet::tools
