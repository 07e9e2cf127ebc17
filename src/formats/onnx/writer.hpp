// Writes .onnx files: opset 17, quantised values as QuantizeLinear / DequantizeLinear pairs.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "formats/model_file.hpp"

namespace octet {

// A model as ONNX bytes. A graph whose roundings are ONNX's comes back from read_onnx() with the
// same meaning, bit for bit; MegEngine's roundings have no form in ONNX and become ONNX's, which
// changes a value by at most one step at each operator; `warnings` then says so. The batch is left
// open where the graph follows it. Throws Error(unsupported) naming the operator that ONNX or this
// writer lacks, Error(resource_exhausted) when the message would exceed protobuf's 2 GiB.
std::vector<std::byte> write_onnx(const ModelFile& model,
                                  std::vector<std::string>* warnings = nullptr);

}  // namespace octet
