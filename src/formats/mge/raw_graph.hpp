// What stands in one graph of a .mge file, without any meaning yet: the common form of the
// containers V1 (MGBS, MGBC) and V2. Everything points into `storage`, which keeps it alive; the
// FlatBuffers tables in it have passed the verifier, so their accessors are safe, but no number in
// them has been checked.
#pragma once

#include <params_generated.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace octet::mge {

enum class Container : std::uint8_t { mgbs, mgbc, v2 };

struct RawParam {
  fbs::OperatorParam type = fbs::OperatorParam::NONE;
  const void* table = nullptr;  // of that type; nullptr when absent
};

struct RawTensor {
  std::string_view name;
  std::vector<std::uint32_t> shape;
  const fbs::DType* dtype = nullptr;
  bool has_default_format = true;    // false: an image or bit-packed format of OpenCL or CUDA
  std::span<const std::byte> value;  // empty when the file gives only the type
};

struct RawOperator {
  std::uint64_t type_id = 0;
  std::string_view type;  // the registered name, in V2 only
  std::string_view name;
  std::vector<RawParam> params;
  std::vector<std::uint32_t> inputs;
  // V2 numbers its outputs explicitly; in V1 the next free numbers are meant.
  std::optional<std::vector<std::uint32_t>> outputs;
  std::vector<std::string_view> output_names;  // V1: of the first outputs, as far as known
  const fbs::DType* output_dtype = nullptr;
  std::vector<RawTensor> tensors;
  std::vector<std::span<const std::byte>> blobs;
};

struct RawOutput {
  std::uint32_t value = 0;
  std::string_view name;  // empty: the value's own name
};

struct RawGraph {
  Container container = Container::v2;
  std::uint32_t version = 0;  // of the program that wrote it
  bool has_metadata = false;
  std::uint64_t optimize_options = 0;
  std::vector<RawOperator> operators;
  std::vector<std::string_view> value_names;  // V2: by value number
  std::vector<RawOutput> outputs;

  // The file's bytes and, where they were not aligned, a copy of the FlatBuffer.
  std::shared_ptr<const void> storage;
};

}  // namespace octet::mge
