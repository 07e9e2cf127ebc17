// Model files that the tools write.
#pragma once

#include <string>

#include "formats/model_file.hpp"

namespace octet::tools {

// "mge", "mge-v1" or "onnx"; without a word, by the ending of the path. Throws
// Error(invalid_argument) for anything else.
std::string model_format(const std::string& word, const std::string& path);

// Writes the model in that format and says on stderr what the format cannot keep. Throws
// Error(unsupported) that names the operator which it lacks, and Error(io_error).
void save_model(const ModelFile& model, const std::string& format, const std::string& path);

}  // namespace octet::tools
