#include "commands/model_format.hpp"

#include "base/format.hpp"
#include "cli/program.hpp"
#include "formats/mge/writer.hpp"

namespace octet::tools {

ModelFormat model_format(const std::string& name, const std::string& path) {
  if (name == "mge" || (name.empty() && path.ends_with(".mge"))) return ModelFormat::mge_v2;
  if (name == "mge-v1") return ModelFormat::mge_v1;
  if (name == "onnx" || (name.empty() && path.ends_with(".onnx"))) return ModelFormat::onnx;
  throw Error(StatusCode::invalid_argument,
              name.empty() ? concat("the format of ", path, " is not clear from its name")
                           : concat("there is no model format ", name),
              {}, "give --format mge, mge-v1 or onnx");
}

std::vector<std::byte> write_model(const ModelFile& model, ModelFormat format,
                                   const OnnxOptions& onnx) {
  if (!model.test_cases.empty())
    throw Error(StatusCode::unsupported, "the test cases that the file carries cannot be written",
                {}, "convert the model without them");
  switch (format) {
    case ModelFormat::mge_v2: return write_mge(model.graph, MgeVersion::v2);
    case ModelFormat::mge_v1: return write_mge(model.graph, MgeVersion::v1);
    case ModelFormat::onnx: break;
  }
  std::vector<std::string> warnings;
  std::vector<std::byte> bytes = write_onnx(model, &warnings, onnx);
  for (const std::string& warning : warnings) note(warning);
  return bytes;
}

}  // namespace octet::tools
