// What a .mge file will hold, before it takes the form of a container: the counterpart of RawGraph.
#pragma once

#include <params_generated.h>

#include <optional>
#include <string>
#include <vector>

#include "ops/attributes.hpp"

namespace octet::mge {

using Var = std::uint32_t;  // the number of a value in the file

struct FileTensor {
  std::string name;
  TensorType type;
  Tensor value;  // empty for an input
};

struct FileOperator {
  std::string_view type;  // as MegEngine registers it
  std::string name;
  std::vector<fbs::OperatorParamUnion> params;
  std::vector<Var> inputs, outputs;
  std::optional<OutputSpec> output;  // the element type, of operators that state it
  std::optional<FileTensor> tensor;  // of inputs and constants
};

struct FileGraph {
  std::vector<FileOperator> operators;  // producers before users; outputs count up from 0
  std::vector<std::string> names;       // of each value; may be empty
  std::vector<Var> outputs;
};

// Throw Error(unsupported) for element types that MegEngine lacks and Error(resource_exhausted)
// for what does not fit into the container.
std::vector<std::byte> encode_v1(const FileGraph& graph);
std::vector<std::byte> encode_v2(const FileGraph& graph);

}  // namespace octet::mge
