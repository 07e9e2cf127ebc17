// Things of ours under the names MegEngine has for them, for files its own tools read.
#pragma once

#include <cstdint>
#include <octet/plan_info.hpp>
#include <string>
#include <string_view>

namespace octet {

struct MgeDType {
  std::uint32_t number;  // of the type in memory, not of the enum in model files
  std::string_view name;
};

// Throws Error(unsupported) for 64-bit types and others that MegEngine lacks.
MgeDType mge_dtype(const TensorType& type);

// "ConvBiasForward" for "conv2d"; the kind itself where MegEngine has no counterpart.
std::string_view mge_operator_type(std::string_view kind);

// "{1(768),3(256),16(16),16(1) QuantizedS8}": extents with their strides.
std::string mge_layout(const TensorType& type);

// "{id:5, layout:{...}, QuantizedS8, owner:conv1{ConvBiasForward}, name:..., slot:0, ...}".
struct MgeVariable {
  std::int32_t id = 0;
  std::string name, owner;
  std::string_view owner_type;
  std::size_t slot = 0;
  TensorType type;
};
std::string mge_variable(const MgeVariable& variable);

}  // namespace octet
