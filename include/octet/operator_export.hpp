// The operators of a model one by one: each as an ONNX model with what it read and wrote. For
// comparing other programs with Octet, integer by integer.
#pragma once

#include <octet/model.hpp>

namespace octet {

struct OperatorExport {
  std::string node, op;
  std::vector<std::byte> onnx;  // empty where `refusal` says why
  std::string refusal;
  std::vector<Tensor> inputs, outputs;  // in the order of the ONNX model's, by the reference
};

// The model is computed for these inputs, one per input of the model and by its name.
Result<std::vector<OperatorExport>> export_operators(const Model& model,
                                                     const NamedTensors& inputs);

}  // namespace octet
