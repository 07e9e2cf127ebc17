// Reads .onnx files: opsets 7 to 21 of the default domain and com.microsoft 1, QDQ and QOperator.
//
// The graph that comes back has the meaning of docs/numerics.md: convolutions and matrix products
// between DequantizeLinear and QuantizeLinear are in their integer form already.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "formats/model_file.hpp"

namespace octet {

// True when the bytes begin as an ONNX model does. A file that is merely damaged further on passes.
bool looks_like_onnx(std::span<const std::byte> bytes) noexcept;

// `origin` is the file's path: messages name it and external data is
// looked for beside it. Axes without a fixed extent become 1; Graph::set_input_types changes them.
// Throws Error(invalid_model, unsupported, resource_exhausted, io_error).
ModelFile read_onnx(std::span<const std::byte> bytes, const std::string& origin,
                    const ReadOptions& options = {});

}  // namespace octet
