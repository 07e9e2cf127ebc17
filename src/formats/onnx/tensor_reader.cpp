#include "formats/onnx/tensor_reader.hpp"

#include <cstring>
#include <limits>
#include <vector>

#include "base/checked.hpp"
#include "base/error.hpp"
#include "base/format.hpp"
#include "base/limits.hpp"

namespace octet::onnx {
namespace {

struct TypeRow {
  const char* name;
  std::optional<DType> dtype;  // nullopt: no such elements here
};

// By TensorProto.DataType. Numbers past 16 came after the schema this is built with.
const TypeRow kTypes[] = {
    {"UNDEFINED", {}},        {"FLOAT", DType::f32},     {"UINT8", DType::u8},
    {"INT8", DType::s8},      {"UINT16", DType::u16},    {"INT16", DType::s16},
    {"INT32", DType::s32},    {"INT64", DType::s64},     {"STRING", {}},
    {"BOOL", DType::boolean}, {"FLOAT16", DType::f16},   {"DOUBLE", DType::f64},
    {"UINT32", DType::u32},   {"UINT64", DType::u64},    {"COMPLEX64", {}},
    {"COMPLEX128", {}},       {"BFLOAT16", DType::bf16}, {"FLOAT8E4M3FN", {}},
    {"FLOAT8E4M3FNUZ", {}},   {"FLOAT8E5M2", {}},        {"FLOAT8E5M2FNUZ", {}},
    {"UINT4", DType::u4},     {"INT4", DType::s4},       {"FLOAT4E2M1", {}},
};

bool is_packed(DType dtype) noexcept { return dtype == DType::s4 || dtype == DType::u4; }

// Bytes of the elements as the file stores them.
std::size_t stored_bytes(DType dtype, std::size_t elements) {
  return is_packed(dtype) ? (elements + 1) / 2 : checked_mul(elements, size_of(dtype));
}

// The k-th of the 4-bit numbers in `packed`, sign or zero extended.
std::byte unpack(std::span<const std::byte> packed, std::size_t k, DType dtype) {
  const auto byte = std::to_integer<unsigned>(packed[k / 2]);
  const unsigned nibble = (k % 2 == 0 ? byte : byte >> 4) & 0xf;
  const bool negative = dtype == DType::s4 && nibble >= 8;
  return static_cast<std::byte>(negative ? nibble | 0xf0u : nibble);
}

// Bytes as the file stores them -> elements.
void store(std::span<const std::byte> stored, Tensor& out) {
  std::byte* data = out.mutable_data();
  const auto elements = static_cast<std::size_t>(out.shape().elements());
  if (is_packed(out.dtype())) {
    for (std::size_t k = 0; k < elements; ++k) data[k] = unpack(stored, k, out.dtype());
  } else if (out.dtype() == DType::boolean) {
    for (std::size_t k = 0; k < elements; ++k)
      data[k] = static_cast<std::byte>(stored[k] != std::byte{0});
  } else if (!stored.empty()) {
    std::memcpy(data, stored.data(), stored.size());
  }
}

[[noreturn]] void wrong_length(const TensorType& type, std::size_t got, std::size_t needed,
                               const char* unit) {
  throw Error(StatusCode::invalid_model, concat("the data of a tensor ", type.to_string(), " has ",
                                                got, " ", unit, ", not ", needed));
}

template <typename Element, typename Field>
Tensor from_field(TensorType type, const Field& field) {
  const auto elements = static_cast<std::size_t>(type.shape.elements());
  if (static_cast<std::size_t>(field.size()) != elements)
    wrong_length(type, static_cast<std::size_t>(field.size()), elements, "elements");
  Tensor out(std::move(type));
  const std::span<Element> values = out.mutable_values<Element>();
  for (std::size_t k = 0; k < elements; ++k) {
    const auto value = field[static_cast<int>(k)];
    values[k] = static_cast<Element>(value);
    if constexpr (std::is_integral_v<Element>)
      if (static_cast<decltype(value)>(values[k]) != value)
        throw Error(StatusCode::invalid_model, concat("the tensor holds ", value, ", which ",
                                                      to_string(out.dtype()), " cannot hold"));
  }
  return out;
}

// int32_data of a 4-bit tensor: each entry is one byte with two elements.
Tensor from_packed_field(TensorType type,
                         const google::protobuf::RepeatedField<std::int32_t>& field) {
  const std::size_t needed =
      stored_bytes(type.dtype, static_cast<std::size_t>(type.shape.elements()));
  if (static_cast<std::size_t>(field.size()) != needed)
    wrong_length(type, static_cast<std::size_t>(field.size()), needed, "entries");
  std::vector<std::byte> bytes(needed);
  for (std::size_t k = 0; k < needed; ++k)
    bytes[k] = static_cast<std::byte>(field[static_cast<int>(k)] & 0xff);
  Tensor out(std::move(type));
  store(bytes, out);
  return out;
}

Tensor from_fields(TensorType type, const proto::TensorProto& tensor) {
  switch (type.dtype) {
    case DType::f32: return from_field<float>(std::move(type), tensor.float_data());
    case DType::f64: return from_field<double>(std::move(type), tensor.double_data());
    case DType::s64: return from_field<std::int64_t>(std::move(type), tensor.int64_data());
    case DType::u32: return from_field<std::uint32_t>(std::move(type), tensor.uint64_data());
    case DType::u64: return from_field<std::uint64_t>(std::move(type), tensor.uint64_data());
    case DType::s32: return from_field<std::int32_t>(std::move(type), tensor.int32_data());
    case DType::s16: return from_field<std::int16_t>(std::move(type), tensor.int32_data());
    case DType::s8: return from_field<std::int8_t>(std::move(type), tensor.int32_data());
    case DType::u8:
    case DType::boolean: return from_field<std::uint8_t>(std::move(type), tensor.int32_data());
    case DType::u16:
    case DType::f16:  // the bits of each number
    case DType::bf16: return from_field<std::uint16_t>(std::move(type), tensor.int32_data());
    case DType::s4:
    case DType::u4: return from_packed_field(std::move(type), tensor.int32_data());
  }
  throw Error(StatusCode::internal, "an element type without a field");
}

bool has_fields(const proto::TensorProto& tensor) {
  return tensor.float_data_size() + tensor.int32_data_size() + tensor.int64_data_size() +
             tensor.double_data_size() + tensor.uint64_data_size() + tensor.string_data_size() >
         0;
}

Tensor from_external(TensorType type, const proto::TensorProto& tensor,
                     const ExternalData& external) {
  const std::size_t size =
      stored_bytes(type.dtype, static_cast<std::size_t>(type.shape.elements()));
  external.check(tensor, size);
  Tensor out(std::move(type));
  if (!is_packed(out.dtype()) && out.dtype() != DType::boolean) {
    external.read(tensor, {out.mutable_data(), size});
    return out;
  }
  std::vector<std::byte> bytes(size);
  external.read(tensor, bytes);
  store(bytes, out);
  return out;
}

Tensor from_raw(TensorType type, const std::string& raw) {
  const std::size_t size =
      stored_bytes(type.dtype, static_cast<std::size_t>(type.shape.elements()));
  if (raw.size() != size) wrong_length(type, raw.size(), size, "bytes");
  Tensor out(std::move(type));
  store(std::as_bytes(std::span(raw)), out);
  return out;
}

Tensor read(const proto::TensorProto& tensor, const ExternalData& external) {
  TensorType type{read_dtype(tensor.data_type()), read_shape(tensor.dims()), {}, {}};
  if (tensor.has_segment())
    throw Error(StatusCode::unsupported, "a tensor that is stored in segments is not supported");
  const bool is_external = tensor.data_location() == proto::TensorProto::EXTERNAL;
  if (int{is_external} + int{tensor.has_raw_data()} + int{has_fields(tensor)} > 1)
    throw Error(StatusCode::invalid_model, "a tensor has its data in two places");
  if (is_external) return from_external(std::move(type), tensor, external);
  if (tensor.has_raw_data()) return from_raw(std::move(type), tensor.raw_data());
  return from_fields(std::move(type), tensor);
}

}  // namespace

DType read_dtype(int data_type) {
  if (data_type <= 0 || data_type >= static_cast<int>(std::size(kTypes)))
    throw Error(StatusCode::invalid_model, concat("a tensor has the element type ", data_type,
                                                  ", which ONNX does not define"));
  const TypeRow& row = kTypes[data_type];
  if (!row.dtype)
    throw Error(StatusCode::unsupported, concat("tensors of ", row.name, " are not supported"));
  return *row.dtype;
}

Shape read_shape(const google::protobuf::RepeatedField<std::int64_t>& dims) {
  if (static_cast<std::size_t>(dims.size()) > Shape::kMaxRank)
    throw Error(StatusCode::unsupported, concat("a tensor has ", dims.size(), " axes; at most ",
                                                Shape::kMaxRank, " are supported"));
  Shape shape;
  std::int64_t elements = 1;
  for (const std::int64_t extent : dims) {
    if (extent < 0)
      throw Error(StatusCode::invalid_model, concat("a tensor has the extent ", extent));
    if (extent > limits::kExtent || (extent > 0 && elements > limits::kElements / extent))
      throw Error(StatusCode::resource_exhausted,
                  concat("a tensor has more than ", limits::kElements, " elements"));
    elements *= extent;
    shape.push_back(extent);
  }
  return shape;
}

Tensor read_tensor(const proto::TensorProto& tensor, const ExternalData& external) {
  try {
    return read(tensor, external);
  } catch (const Error& error) {
    throw at_place(error, concat("tensor \"", tensor.name(), "\""));
  }
}

}  // namespace octet::onnx
