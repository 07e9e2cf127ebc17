#include "commands/save_model.hpp"

#include <string_view>

#include "base/file.hpp"
#include "base/format.hpp"
#include "cli/program.hpp"
#include "formats/onnx/writer.hpp"

namespace octet::tools {

std::string model_format(const std::string& word, const std::string& path) {
  if (word == "mge" || word == "mge-v1" || word == "onnx") return word;
  if (!word.empty())
    throw Error(StatusCode::invalid_argument,
                concat("--format is mge, mge-v1 or onnx, not \"", word, "\""));
  const std::string_view whole = path;
  if (whole.ends_with(".mge")) return "mge";
  if (whole.ends_with(".onnx")) return "onnx";
  throw Error(StatusCode::invalid_argument,
              concat("the name ", path, " does not end in .mge or .onnx"), {},
              "say which is meant with --format");
}

void save_model(const ModelFile& model, const std::string& format, const std::string& path) {
  if (format != "onnx")
    throw Error(StatusCode::unsupported, "this version does not write .mge files", path,
                "--format onnx");
  std::vector<std::string> warnings;
  write_file(path, write_onnx(model, &warnings));
  for (const std::string& warning : warnings) note(path + ": " + warning);
}

}  // namespace octet::tools
