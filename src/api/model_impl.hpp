// What stands behind a Model.
#pragma once

#include <octet/model.hpp>

#include "formats/model_file.hpp"

namespace octet {

struct Model::Impl {
  // Throws Error(invalid_model) where the file contradicts itself.
  Impl(ModelFile file, std::string origin);

  Graph graph;
  std::vector<TensorInfo> inputs, outputs;
  std::vector<NamedTensors> test_cases;
  std::vector<EqualityCheck> checks;
  ModelInfo info;
};

}  // namespace octet
