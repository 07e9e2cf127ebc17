#include "cli/program.hpp"
#include "commands/commands.hpp"
#include "commands/save_model.hpp"

namespace octet::tools {

void convert_command(const std::string& program, const std::vector<std::string>& arguments) {
  std::string from, to, format;
  ReadOptions options;
  CLI::App app("Writes a model in another format.", program);
  app.add_option("FROM", from, "a .mge or .onnx file")->required();
  app.add_option("TO", to, "the file to write, .mge or .onnx")->required();
  app.add_option("--format", format, "mge, mge-v1 or onnx, whatever the name of the file")
      ->type_name("FORMAT");
  app.add_flag("--allow-external-data", options.allow_external_data,
               "let an .onnx file read tensors stored beneath its folder");
  if (!parse(app, arguments)) return;
  listen_to_library(false);
  format = model_format(format, to);
  save_model(read_model_file(from, options), format, to);
}

}  // namespace octet::tools
