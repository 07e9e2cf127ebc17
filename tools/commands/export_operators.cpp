#include <cstdio>
#include <nlohmann/json.hpp>
#include <octet/operator_export.hpp>

#include "base/file.hpp"
#include "base/format.hpp"
#include "cli/files.hpp"
#include "cli/program.hpp"
#include "commands/commands.hpp"
#include "formats/tensors/npy.hpp"
#include "options/input_flags.hpp"

namespace octet::tools {
namespace {

// Writes PREFIX.<role><i>.npy for each tensor and gives their names.
nlohmann::json write_tensors(const std::string& folder, const std::string& prefix, const char* role,
                             const std::vector<Tensor>& tensors) {
  nlohmann::json names = nlohmann::json::array();
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const std::string name = concat(prefix, ".", role, i, ".npy");
    write_npy_file(concat(folder, "/", name), tensors[i]);
    names.push_back(name);
  }
  return names;
}

}  // namespace

void export_operators_command(const std::string& program,
                              const std::vector<std::string>& arguments) {
  InputFlags flags;
  std::string folder;
  CLI::App app(
      "Writes each operator of a model as an ONNX model of its own, with the values that it reads "
      "and writes for given inputs. DIR/operators.json lists them.",
      program);
  add_input_flags(app, flags);
  app.add_option("-o,--output", folder, "the folder to write to")->type_name("DIR")->required();
  if (!parse(app, arguments)) return;
  check(flags);
  listen_to_library(false);

  const Model model = load_model(flags);
  const auto operators =
      export_operators(model, read_model_inputs(model, flags, true, random_input_spec(model)))
          .value();
  make_folder(folder);
  nlohmann::json list = nlohmann::json::array();
  for (const OperatorExport& one : operators) {
    const std::string prefix = std::to_string(list.size());
    nlohmann::json entry{{"node", one.node}, {"op", one.op}};
    if (!one.refusal.empty()) {
      entry["refusal"] = one.refusal;
    } else {
      entry["onnx"] = prefix + ".onnx";
      write_file(concat(folder, "/", prefix, ".onnx"), one.onnx);
      entry["inputs"] = write_tensors(folder, prefix, "in", one.inputs);
      entry["outputs"] = write_tensors(folder, prefix, "out", one.outputs);
    }
    list.push_back(std::move(entry));
  }
  const std::string text = list.dump(1) + '\n';
  write_file(concat(folder, "/operators.json"), std::as_bytes(std::span(text)));
  std::printf("wrote %zu operators to %s\n", operators.size(), folder.c_str());
}

}  // namespace octet::tools
