#include "formats/mge/encode_parts.hpp"

#include "base/format.hpp"

namespace octet::mge {
namespace {

fbs::DTypeEnum plain_dtype(DType dtype) {
  switch (dtype) {
    case DType::f32: return fbs::DTypeEnum::Float32;
    case DType::f16: return fbs::DTypeEnum::Float16;
    case DType::bf16: return fbs::DTypeEnum::BFloat16;
    case DType::u8: return fbs::DTypeEnum::Uint8;
    case DType::s8: return fbs::DTypeEnum::Int8;
    case DType::s16: return fbs::DTypeEnum::Int16;
    case DType::u16: return fbs::DTypeEnum::Uint16;
    case DType::s32: return fbs::DTypeEnum::Int32;
    case DType::boolean: return fbs::DTypeEnum::Bool;
    default:
      throw Error(StatusCode::unsupported,
                  concat("MegEngine has no element type ", to_string(dtype)));
  }
}

fbs::DTypeEnum quantised_dtype(DType dtype) {
  switch (dtype) {
    case DType::u8: return fbs::DTypeEnum::Quantized8Asymm;
    case DType::s8: return fbs::DTypeEnum::QuantizedS8;
    case DType::s16: return fbs::DTypeEnum::QuantizedS16;
    case DType::s32: return fbs::DTypeEnum::QuantizedS32;
    case DType::u4: return fbs::DTypeEnum::Quantized4Asymm;
    case DType::s4: return fbs::DTypeEnum::QuantizedS4;
    default:
      throw Error(StatusCode::unsupported,
                  concat("MegEngine has no quantised element type ", to_string(dtype)));
  }
}

}  // namespace

fbs::DTypeT file_dtype(DType dtype, const std::optional<Quant>& quant) {
  fbs::DTypeT out;
  if (!quant) {
    out.type = plain_dtype(dtype);
    return out;
  }
  if (!quant->is_per_tensor())
    throw Error(StatusCode::unsupported, "MegEngine has no scales per channel");
  const bool asymmetric = dtype == DType::u8 || dtype == DType::u4;
  if (!asymmetric && !quant->is_symmetric())
    throw Error(StatusCode::unsupported,
                concat("MegEngine has no zero points in ", to_string(dtype)));
  out.type = quantised_dtype(dtype);
  fbs::LinearQuantizationParamT param;
  param.scale = quant->scale();
  param.zero_point = static_cast<std::uint8_t>(quant->zero_point());
  out.param.Set(param);
  return out;
}

std::vector<std::uint32_t> file_shape(const Shape& shape) {
  if (shape.rank() == 0) return {1};
  std::vector<std::uint32_t> extents;
  for (const std::int64_t extent : shape) extents.push_back(static_cast<std::uint32_t>(extent));
  return extents;
}

std::vector<std::byte> file_bytes(const Tensor& tensor) {
  if (tensor.dtype() == DType::s4 || tensor.dtype() == DType::u4)
    throw Error(StatusCode::unsupported, "constants of 4 bits per element cannot be written");
  return {tensor.data(), tensor.data() + tensor.bytes()};
}

PackedParams pack_params(flatbuffers::FlatBufferBuilder& builder,
                         const std::vector<fbs::OperatorParamUnion>& params) {
  PackedParams packed;
  if (params.empty()) return packed;
  packed.type = params.front().type;
  packed.table = params.front().Pack(builder);
  if (params.size() == 1) return packed;
  std::vector<fbs::OperatorParam> types;
  std::vector<flatbuffers::Offset<void>> tables;
  for (std::size_t i = 1; i < params.size(); ++i) {
    types.push_back(params[i].type);
    tables.push_back(params[i].Pack(builder));
  }
  packed.more_types = builder.CreateVector(types);
  packed.more_tables = builder.CreateVector(tables);
  return packed;
}

void check_buffer_size(std::uint64_t bytes) {
  constexpr std::uint64_t kRoom = 64u << 20;  // for what describes the graph
  if (bytes + kRoom > FLATBUFFERS_MAX_BUFFER_SIZE)
    throw Error(StatusCode::resource_exhausted,
                "the constants do not fit into one FlatBuffer of 2 GiB");
}

}  // namespace octet::mge
