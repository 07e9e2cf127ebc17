// A model read from a file: its inputs, outputs and what else the file says.
#pragma once

#include <map>
#include <memory>
#include <octet/equality_check.hpp>
#include <octet/status.hpp>
#include <octet/tensor.hpp>
#include <span>
#include <string>
#include <vector>

namespace octet {

struct LoadOptions {
  // ONNX only: also read tensors that lie beside the model, beneath its folder and nowhere else.
  bool allow_external_data = false;
  // ONNX only: inputs that are to be constants with these values.
  NamedTensors bound_inputs;
};

// What the file says of itself and what was counted in it, at the shapes it declares.
struct ModelInfo {
  std::string origin;                            // the path
  std::string format;                            // "mge v2", "onnx"
  std::string producer;                          // "MegEngine 1.13.0"; may be empty
  std::string optimisations;                     // baked into the file, in words; may be empty
  std::vector<std::string> warnings;             // one sentence each
  std::map<std::string, std::size_t> operators;  // kind -> how many
  std::map<std::string, std::size_t> quantised;  // kind -> how many have an integer output
  std::int64_t macs = 0;                         // multiply-accumulates of one run
  std::int64_t parameters = 0;                   // elements of constants
  std::size_t parameter_bytes = 0;
};

// Immutable; copies share everything and are cheap. All functions are thread safe.
class Model {
 public:
  // A .mge file stays mapped while the model, or a session made from it, lives: it must not be made
  // shorter or overwritten in place.
  // Fails with invalid_model, unsupported, resource_exhausted or io_error.
  static Result<Model> load(const std::string& path, const LoadOptions& options = {});
  // The same from bytes, which are copied. `origin` stands for the path in messages.
  static Result<Model> parse(std::span<const std::byte> bytes,
                             const std::string& origin = "<memory>",
                             const LoadOptions& options = {});

  // In the file's order. Shapes are those of the file; a run may bring others where the model
  // follows them, usually in the first extent (the batch).
  const std::vector<TensorInfo>& inputs() const noexcept;
  const std::vector<TensorInfo>& outputs() const noexcept;
  const ModelInfo& info() const noexcept;

  // Inputs and expected values of the test cases that the file carries, and what they must meet.
  const std::vector<NamedTensors>& test_cases() const noexcept;
  const std::vector<EqualityCheck>& checks() const noexcept;

  struct Impl;
  explicit Model(std::shared_ptr<const Impl> impl) noexcept : impl_(std::move(impl)) {}
  const Impl& impl() const noexcept { return *impl_; }

 private:
  std::shared_ptr<const Impl> impl_;
};

}  // namespace octet
