#include "formats/mge/types.hpp"

#include <cmath>

#include "base/checked.hpp"
#include "base/format.hpp"
#include "base/limits.hpp"

namespace octet::mge {
namespace {

Quant quant_of(const fbs::DType& dtype) {
  const auto* param = dtype.param_as_LinearQuantizationParam();
  if (param == nullptr)
    throw Error(StatusCode::invalid_model,
                concat("the element type ", fbs::EnumNameDTypeEnum(dtype.type()),
                       " comes without a scale"));
  if (!std::isfinite(param->scale()) || param->scale() <= 0.0f)
    throw Error(StatusCode::invalid_model,
                concat("the scale of an element type is ", param->scale(),
                       "; it must be finite and greater than 0"));
  const bool asymmetric = dtype.type() == fbs::DTypeEnum::Quantized8Asymm ||
                          dtype.type() == fbs::DTypeEnum::Quantized4Asymm;
  return Quant::per_tensor(param->scale(), asymmetric ? param->zero_point() : 0);
}

// Two elements per byte, the first in the low half; each row (the last axis) begins on a byte.
Tensor unpack_4_bits(const TensorType& type, std::span<const std::byte> packed) {
  Tensor tensor(type);
  const auto out = tensor.mutable_values<std::uint8_t>();
  const std::size_t row = static_cast<std::size_t>(type.shape.back());
  const std::size_t row_bytes = (row + 1) / 2;
  const int sign = type.dtype == DType::s4 ? 8 : 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto byte = std::to_integer<int>(packed[i / row * row_bytes + i % row / 2]);
    const int nibble = i % row % 2 == 0 ? byte & 15 : byte >> 4;
    out[i] = static_cast<std::uint8_t>((nibble ^ sign) - sign);
  }
  return tensor;
}

bool has_4_bits(const TensorType& type) {
  return type.dtype == DType::s4 || type.dtype == DType::u4;
}

std::size_t stored_bytes(const TensorType& type) {
  if (!has_4_bits(type) || type.shape.elements() == 0) return type.bytes();
  const auto row = type.shape.back();
  return static_cast<std::size_t>(type.shape.elements() / row * ((row + 1) / 2));
}

}  // namespace

OutputSpec spec_of(const fbs::DType* dtype) {
  if (dtype == nullptr) return {DType::f32, std::nullopt};
  switch (dtype->type()) {
    case fbs::DTypeEnum::Float32: return {DType::f32, std::nullopt};
    case fbs::DTypeEnum::Float16: return {DType::f16, std::nullopt};
    case fbs::DTypeEnum::BFloat16: return {DType::bf16, std::nullopt};
    case fbs::DTypeEnum::Uint8: return {DType::u8, std::nullopt};
    case fbs::DTypeEnum::Byte: return {DType::u8, std::nullopt};
    case fbs::DTypeEnum::Int8: return {DType::s8, std::nullopt};
    case fbs::DTypeEnum::Int16: return {DType::s16, std::nullopt};
    case fbs::DTypeEnum::Uint16: return {DType::u16, std::nullopt};
    case fbs::DTypeEnum::Int32: return {DType::s32, std::nullopt};
    case fbs::DTypeEnum::Bool: return {DType::boolean, std::nullopt};
    case fbs::DTypeEnum::Quantized8Asymm: return {DType::u8, quant_of(*dtype)};
    case fbs::DTypeEnum::QuantizedS32: return {DType::s32, quant_of(*dtype)};
    case fbs::DTypeEnum::QuantizedS16: return {DType::s16, quant_of(*dtype)};
    case fbs::DTypeEnum::QuantizedS8: return {DType::s8, quant_of(*dtype)};
    case fbs::DTypeEnum::QuantizedS4: return {DType::s4, quant_of(*dtype)};
    case fbs::DTypeEnum::Quantized4Asymm: return {DType::u4, quant_of(*dtype)};
    default: break;
  }
  const std::string_view name = fbs::EnumNameDTypeEnum(dtype->type());
  if (name.empty())
    throw Error(StatusCode::invalid_model,
                concat("an element type has the unknown number ", static_cast<int>(dtype->type())));
  throw Error(StatusCode::unsupported, concat("the element type ", name, " is not supported"));
}

TensorType type_of(const RawTensor& tensor) {
  if (tensor.shape.empty()) throw Error(StatusCode::invalid_model, "a tensor has no shape");
  if (!tensor.has_default_format)
    throw Error(StatusCode::unsupported, "a tensor is stored in an image format of OpenCL");
  const OutputSpec spec = spec_of(tensor.dtype);
  TensorType type{spec.dtype, Shape{}, kNCHW, spec.quant};
  std::int64_t elements = 1;
  for (const std::uint32_t extent : tensor.shape) {
    type.shape.push_back(extent);
    elements = checked_mul<std::int64_t>(elements, extent);
    if (extent > limits::kExtent || elements > limits::kElements)
      throw Error(StatusCode::resource_exhausted,
                  concat("a tensor has more than ", limits::kElements, " elements"));
  }
  return type;
}

Tensor value_of(const RawTensor& tensor, const RawGraph& graph, Budget& copied) {
  const TensorType type = type_of(tensor);
  const std::size_t bytes = stored_bytes(type);
  if (tensor.value.size() < bytes)
    throw Error(StatusCode::invalid_model,
                concat("a tensor of type ", type.to_string(), " needs ", bytes,
                       " bytes but the file holds ", tensor.value.size()));
  const std::byte* data = tensor.value.data();
  if (has_4_bits(type)) {
    copied.spend(type.bytes());
    return unpack_4_bits(type, tensor.value);
  }
  if (bytes == 0) return Tensor(type);
  if (reinterpret_cast<std::uintptr_t>(data) % size_of(type.dtype) != 0) {
    copied.spend(bytes);
    return make_tensor(type, data);
  }
  return Tensor(type, graph.storage, data);
}

}  // namespace octet::mge
