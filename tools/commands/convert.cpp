#include <cstdio>

#include "base/file.hpp"
#include "cli/program.hpp"
#include "commands/commands.hpp"
#include "commands/model_format.hpp"
#include "formats/model_file.hpp"

namespace octet::tools {

void convert_command(const std::string& program, const std::vector<std::string>& arguments) {
  std::string input, output, format;
  OnnxOptions onnx;
  ReadOptions read;
  CLI::App app("Writes a model in another format.", program);
  app.add_option("MODEL", input, "a .mge or .onnx file")->required();
  app.add_option("OUTPUT", output, "the file to write")->required();
  app.add_option("--format", format, kFormatHelp)->type_name("FORMAT");
  app.add_option("--opset", onnx.opset, "of an .onnx file, 13 to 19 (default 17)")->type_name("N");
  app.add_flag("--allow-external-data", read.allow_external_data,
               "let an .onnx file read tensors stored beneath its folder");
  if (!parse(app, arguments)) return;
  const ModelFormat target = model_format(format, output);
  write_file(output, write_model(read_model_file(input, read), target, onnx));
  std::printf("wrote %s\n", output.c_str());
}

}  // namespace octet::tools
