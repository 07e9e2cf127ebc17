// The formats in which models are written.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "formats/model_file.hpp"
#include "formats/onnx/writer.hpp"

namespace octet::tools {

enum class ModelFormat : std::uint8_t { mge_v2, mge_v1, onnx };

inline constexpr char kFormatHelp[] = "mge, mge-v1 or onnx; by default what the file's name says";

// The format of that name or, if that is empty, the one that the path's extension stands for.
// Throws Error(invalid_argument).
ModelFormat model_format(const std::string& name, const std::string& path);

// The bytes of the file; what could not be kept is noted on stderr. Throws Error(unsupported).
std::vector<std::byte> write_model(const ModelFile& model, ModelFormat format,
                                   const OnnxOptions& onnx = {});

}  // namespace octet::tools
