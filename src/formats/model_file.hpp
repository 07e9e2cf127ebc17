// A model as a reader leaves it: the graph with the meaning of its file, and what else the file
// says.
#pragma once

#include <map>
#include <octet/equality_check.hpp>
#include <string>
#include <vector>

#include "ir/graph.hpp"

namespace octet {

struct ModelFile {
  Graph graph;
  std::string format;         // "mge v1 (MGBC)", "mge v2", "onnx"
  std::string producer;       // "MegEngine 1.13.0", "pytorch 2.1"; may be empty
  std::string optimisations;  // options baked into the file, in words; may be empty
  // `expected` names an input of the graph that nothing reads; a test case gives its value.
  std::vector<EqualityCheck> checks;
  // Inputs (checks' expected values included) of the test cases that the file carries.
  std::vector<std::map<std::string, Tensor>> test_cases;
  std::vector<std::string> warnings;  // one sentence each
};

struct ReadOptions {
  // ONNX only: read tensors stored beside the model, and only beneath its folder.
  bool allow_external_data = false;
  // ONNX only: bind these inputs to constants (a scale that is an input, say).
  std::map<std::string, Tensor> bound_inputs;
};

// Recognises the format by its bytes. `origin` (a path) is used in messages and for external data.
// Throws Error(invalid_model, unsupported, resource_exhausted).
ModelFile read_model(std::shared_ptr<const void> storage, std::span<const std::byte> bytes,
                     const std::string& origin, const ReadOptions& options = {});
// Maps the file and reads it. Throws Error(io_error) too.
ModelFile read_model_file(const std::string& path, const ReadOptions& options = {});

}  // namespace octet
