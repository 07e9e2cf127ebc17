// The declared types of a graph's inputs and outputs.
#pragma once

#include <octet/status.hpp>
#include <octet/tensor.hpp>

#include "formats/onnx/proto.hpp"

namespace octet::onnx {

// What stands for the height and width of an image whose declaration leaves them open, until the
// caller gives an input: a window of a convolution would not fit over a single pixel.
inline constexpr std::int64_t kAssumedImageExtent = 224;

struct InputType {
  TensorType type;
  bool assumes_image = false;  // kAssumedImageExtent was used
};

// The type of an input. Other axes without a fixed extent (or with a negative one, which some
// exporters write for that) become 1. Throws Error(unsupported) for sequences, maps and the like,
// Error(invalid_model) for a missing shape.
InputType input_type(const proto::ValueInfoProto& info);

// Throws Error(code) unless `given` has the declared element type and fixed extents.
void check_declared(const proto::ValueInfoProto& info, const TensorType& given, StatusCode code);
// The element type alone.
void check_declared_dtype(const proto::ValueInfoProto& info, DType given, StatusCode code);

}  // namespace octet::onnx
