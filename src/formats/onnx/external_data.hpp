// Tensors that a model keeps in files of their own.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "base/limits.hpp"
#include "formats/budget.hpp"
#include "formats/onnx/proto.hpp"

namespace octet::onnx {

// Reads such files, if the caller allowed it, and only regular files beneath the model's folder:
// absolute paths, "..", and symbolic links on the way are refused.
class ExternalData {
 public:
  // `model_path` is the model's file; empty when the model did not come from a file.
  ExternalData(bool allowed, const std::string& model_path);

  // Throws Error(unsupported) unless allowed, so that nothing is allocated for a refused tensor.
  // Throws Error(invalid_model, io_error) unless the file holds `size` bytes for the tensor, and
  // Error(resource_exhausted) once all tensors together have more than limits::kFileBytes.
  void check(const proto::TensorProto& tensor, std::size_t size) const;
  // Fills `out` with the tensor's bytes.
  void read(const proto::TensorProto& tensor, std::span<std::byte> out) const;

 private:
  bool allowed_;
  bool has_folder_;
  std::string folder_;
  mutable Budget budget_{"the tensors outside the model's file", limits::kFileBytes};
};

}  // namespace octet::onnx
