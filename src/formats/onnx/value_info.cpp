#include "formats/onnx/value_info.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/format.hpp"
#include "formats/onnx/tensor_reader.hpp"

namespace octet::onnx {
namespace {

using Dimension = proto::TensorShapeProto::Dimension;

bool is_fixed(const Dimension& dim) { return dim.has_dim_value() && dim.dim_value() >= 0; }

std::string where(const proto::ValueInfoProto& info) {
  return concat("value \"", info.name(), "\"");
}

const proto::TypeProto::Tensor& tensor_type(const proto::ValueInfoProto& info) {
  if (!info.has_type())
    throw Error(StatusCode::invalid_model, "the value has no declared type", where(info));
  if (!info.type().has_tensor_type())
    throw Error(StatusCode::unsupported,
                "only tensors are supported, not sequences, maps or optionals", where(info));
  return info.type().tensor_type();
}

DType declared_dtype(const proto::ValueInfoProto& info) {
  try {
    return read_dtype(tensor_type(info).elem_type());
  } catch (const Error& error) {
    throw at_place(error, where(info));
  }
}

}  // namespace

InputType input_type(const proto::ValueInfoProto& info) {
  const auto& declared = tensor_type(info);
  InputType input;
  input.type.dtype = declared_dtype(info);
  if (!declared.has_shape())
    throw Error(StatusCode::invalid_model, "the input has no declared shape", where(info));
  const bool is_image = declared.shape().dim_size() == 4;
  google::protobuf::RepeatedField<std::int64_t> extents;
  for (const Dimension& dim : declared.shape().dim()) {
    const bool spatial = is_image && extents.size() >= 2;
    if (!is_fixed(dim) && spatial) input.assumes_image = true;
    extents.Add(is_fixed(dim) ? dim.dim_value() : spatial ? kAssumedImageExtent : 1);
  }
  try {
    input.type.shape = read_shape(extents);
  } catch (const Error& error) {
    throw at_place(error, where(info));
  }
  return input;
}

void check_declared_dtype(const proto::ValueInfoProto& info, DType given, StatusCode code) {
  const DType declared = declared_dtype(info);
  if (declared != given)
    throw Error(code, concat("declared as ", to_string(declared), ", but it is ", to_string(given)),
                where(info));
}

void check_declared(const proto::ValueInfoProto& info, const TensorType& given, StatusCode code) {
  check_declared_dtype(info, given.dtype, code);
  const auto& declared = tensor_type(info);
  if (!declared.has_shape()) return;
  const auto& dims = declared.shape().dim();
  const auto extents = given.shape.extents();
  const bool equal = std::equal(dims.begin(), dims.end(), extents.begin(), extents.end(),
                                [](const Dimension& dim, std::int64_t extent) {
                                  return !is_fixed(dim) || dim.dim_value() == extent;
                                });
  if (!equal)
    throw Error(code, concat("the shape ", given.shape.to_string(), " is not the declared one"),
                where(info));
}

}  // namespace octet::onnx
