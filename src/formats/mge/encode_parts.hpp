// What the two containers have in common when written.
#pragma once

#include "formats/mge/file_graph.hpp"

namespace octet::mge {

inline constexpr std::uint32_t kWrittenVersion = 101300;  // the release whose files these are like
inline constexpr char kDevice[] = "xpux:0";               // any device
inline constexpr char kNoUserInfo[] = "\x80\x04N.";       // the pickled None

// Throws Error(unsupported) for types without a MegEngine counterpart.
fbs::DTypeT file_dtype(DType dtype, const std::optional<Quant>& quant);
inline fbs::DTypeT file_dtype(const OutputSpec& spec) { return file_dtype(spec.dtype, spec.quant); }

// MegEngine has no values without axes: they become {1}.
std::vector<std::uint32_t> file_shape(const Shape& shape);

// The bytes of a constant; fewer than 8 bits per element are packed.
std::vector<std::byte> file_bytes(const Tensor& tensor);

// The parameter of an operator and its additional parameters, packed.
struct PackedParams {
  fbs::OperatorParam type = fbs::OperatorParam::NONE;
  flatbuffers::Offset<void> table;
  flatbuffers::Offset<flatbuffers::Vector<fbs::OperatorParam>> more_types;
  flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<void>>> more_tables;
};
PackedParams pack_params(flatbuffers::FlatBufferBuilder& builder,
                         const std::vector<fbs::OperatorParamUnion>& params);

// Throws Error(resource_exhausted) when `bytes`, the content of one FlatBuffer, pass 2 GiB.
void check_buffer_size(std::uint64_t bytes);

}  // namespace octet::mge
