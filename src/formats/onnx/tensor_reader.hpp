// TensorProto -> Tensor.
#pragma once

#include <octet/tensor.hpp>
#include <string>

#include "formats/onnx/external_data.hpp"
#include "formats/onnx/proto.hpp"

namespace octet::onnx {

// The element type behind a TensorProto.DataType number. Throws Error(unsupported) with its name.
DType read_dtype(int data_type);

// Checks extents against base/limits.hpp. Throws Error(invalid_model, resource_exhausted).
Shape read_shape(const google::protobuf::RepeatedField<std::int64_t>& dims);

// Copies a tensor out of its message. 4-bit elements are unpacked to one byte each.
// Throws Error with the tensor's name as `where`; nothing is allocated before the length of the
// data is known to be what type and shape need.
Tensor read_tensor(const proto::TensorProto& tensor, const ExternalData& external);

}  // namespace octet::onnx
