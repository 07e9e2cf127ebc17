#include <cstdio>

#include "api/model_impl.hpp"
#include "base/format.hpp"
#include "cli/program.hpp"
#include "commands/commands.hpp"
#include "options/input_flags.hpp"
#include "report/text_table.hpp"

namespace octet::tools {
namespace {

std::string tensor_lines(const char* title, const std::vector<TensorInfo>& tensors) {
  std::string text;
  for (const TensorInfo& tensor : tensors)
    text += concat(title, " ", tensor.name, "  ", tensor.type.to_string(), "\n");
  return text;
}

std::string operator_table(const ModelInfo& info) {
  using enum TextTable::Align;
  TextTable table({{"operator"}, {"count", right}, {"quantised output", right}});
  for (const auto& [kind, count] : info.operators) {
    const auto quantised = info.quantised.find(kind);
    table.add_row({kind, std::to_string(count),
                   quantised == info.quantised.end() ? "" : std::to_string(quantised->second)});
  }
  return table.to_string();
}

std::string describe(const Model& model) {
  const ModelInfo& info = model.info();
  std::string text = concat("model ", info.origin, "\nformat ", info.format, "\n");
  if (!info.producer.empty()) text += concat("made by ", info.producer, "\n");
  if (!info.optimisations.empty()) text += concat("baked in: ", info.optimisations, "\n");
  text += tensor_lines("input", model.inputs()) + tensor_lines("output", model.outputs());
  text += concat("MACs ", human_count(static_cast<double>(info.macs)), " (", info.macs, ")\n",
                 "parameters ", human_count(static_cast<double>(info.parameters)), " in ",
                 human_bytes(info.parameter_bytes), "\n");
  if (!model.test_cases().empty())
    text += concat("test cases ", model.test_cases().size(), " with ", model.checks().size(),
                   " checks\n");
  return text + "\n" + operator_table(info);
}

}  // namespace

void info_command(const std::string& program, const std::vector<std::string>& arguments) {
  InputFlags flags;
  bool graph = false;
  CLI::App app("Shows what is in a model file.", program);
  app.add_option("MODEL", flags.model, "a .mge or .onnx file")->required();
  app.add_flag("--allow-external-data", flags.allow_external_data,
               "let an .onnx file read tensors stored beneath its folder");
  app.add_flag("--graph", graph, "print every value and operator");
  if (!parse(app, arguments)) return;
  listen_to_library(false);
  const Model model = load_model(flags);
  std::printf("%s", (graph ? to_text(model.impl().graph) : describe(model)).c_str());
}

}  // namespace octet::tools
