// Writes .onnx files: quantised values as QuantizeLinear / DequantizeLinear pairs.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "formats/model_file.hpp"

namespace octet {

struct OnnxOptions {
  static constexpr int kFirstOpset = 13, kLastOpset = 19;
  int opset = 17;
  // In the form that TensorRT's parser takes: biases as floats, since it dequantises no 32-bit
  // integers, and every operator between a DequantizeLinear and a QuantizeLinear, those that only
  // move elements too. The numbers are the same.
  bool for_tensorrt = false;
};

// A model as ONNX bytes. A graph whose roundings are ONNX's comes back from read_onnx() with the
// same meaning, bit for bit; MegEngine's roundings have no form in ONNX and become ONNX's, which
// changes a value by at most one step at each operator; `warnings` then says so. The batch is left
// open where the graph follows it. Throws Error(unsupported) naming the operator that ONNX (at
// this opset) or this writer lacks, Error(invalid_argument) for an opset beyond the two bounds,
// Error(resource_exhausted) when the message would exceed protobuf's 2 GiB.
std::vector<std::byte> write_onnx(const ModelFile& model,
                                  std::vector<std::string>* warnings = nullptr,
                                  const OnnxOptions& options = {});

}  // namespace octet
