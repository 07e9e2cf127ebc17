#include <algorithm>
#include <cstdio>
#include <octet/session.hpp>

#include "cli/program.hpp"
#include "commands/commands.hpp"
#include "options/input_flags.hpp"
#include "options/session_flags.hpp"
#include "run/dump_passes.hpp"

namespace octet::tools {
namespace {

struct PassesOptions : InputFlags, SessionFlags {
  std::string dump;
};

// Operators have one line each, like inputs, constants and outputs, which never change in number
// while operators do.
std::size_t operator_lines(const std::string& graph) {
  std::size_t count = 0;
  for (std::size_t at = 0; (at = graph.find(" = ", at)) != std::string::npos; ++at)
    if (graph.compare(graph.rfind('\n', at) + 1, 7, "output ") != 0) ++count;
  return count;
}

}  // namespace

void passes_command(const std::string& program, const std::vector<std::string>& arguments) {
  PassesOptions options;
  CLI::App app("Shows what each optimisation pass does to a model.", program);
  add_input_flags(app, options);
  add_group(app, options, session_group());
  add_group(app, options, layout_group());
  add_group(app, options, subgraph_group());
  app.add_option("--dump", options.dump, "write the graph after each pass to DIR/NN_<pass>.txt")
      ->type_name("DIR");
  if (!parse(app, arguments)) return;
  check(options);
  listen_to_library(false);

  SessionOptions settings = session_options(options);
  const Model model = load_model(options);
  const auto dump = options.dump.empty() ? decltype(settings.on_pass){} : pass_dumper(options.dump);
  settings.on_pass = [&](std::string_view pass, const std::string& graph) {
    std::printf("%-32s %zu operators\n", std::string(pass).c_str(), operator_lines(graph));
    if (dump) dump(pass, graph);
  };
  const Session session = Session::create(model, settings).value();
  static_cast<void>(session
                        .prepare(read_model_inputs(model, options, !options.const_shape,
                                                   random_input_spec(model)))
                        .value());
}

}  // namespace octet::tools
