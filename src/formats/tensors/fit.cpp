#include "formats/tensors/fit.hpp"

#include <algorithm>
#include <cstring>
#include <octet/status.hpp>

#include "base/format.hpp"
#include "formats/tensors/convert_exact.hpp"
#include "formats/tensors/element_count.hpp"

namespace octet {
namespace {

// "input 'data' takes f32{1,3,224,224}, but <what>".
[[noreturn]] void refuse(const ModelInput& input, const std::string& what, const std::string& where,
                         std::string hint = {}) {
  throw Error(StatusCode::invalid_input,
              concat("input '", input.name, "' takes ", input.type.to_string(), ", but ", what),
              where, std::move(hint));
}

std::string describe(const Picture& picture) {
  return concat("this picture is ", picture.width, " x ", picture.height, " pixels of ",
                picture.channels, picture.channels == 1 ? " channel" : " channels");
}

// One number of a tensor as text.
std::string element_text(const Tensor& tensor, std::size_t index) {
  Tensor one(TensorType{tensor.dtype(), Shape{}, kNCHW, std::nullopt});
  const std::size_t size = size_of(tensor.dtype());
  std::memcpy(one.mutable_data(), tensor.data() + index * size, size);
  std::size_t culprit = 0;
  const auto wide = is_float(tensor.dtype()) ? DType::f64 : DType::s64;
  const auto number = convert_exact(one, {wide, Shape{}, kNCHW, std::nullopt}, culprit);
  if (!number) return "above 2^63";
  std::ostringstream text;
  text.precision(17);
  if (wide == DType::f64) text << number->values<double>()[0];
  else text << number->values<std::int64_t>()[0];
  return std::move(text).str();
}

// Planes of bytes: {channels, height, width}.
Tensor to_planes(const Picture& picture, std::int64_t channels, bool swap) {
  Tensor planes(
      {DType::u8, Shape{1, channels, picture.height, picture.width}, kNCHW, std::nullopt});
  const auto out = planes.mutable_values<std::uint8_t>();
  const auto count = static_cast<std::size_t>(channels);
  const auto step = static_cast<std::size_t>(picture.channels);
  const std::size_t pixels = out.size() / std::max<std::size_t>(count, 1);
  for (std::size_t c = 0; c < count; ++c) {
    std::size_t from = std::min(c, step - 1);  // grey for every channel
    if (swap && step >= 3 && c < 3) from = 2 - c;
    for (std::size_t i = 0; i < pixels; ++i) out[c * pixels + i] = picture.samples[i * step + from];
  }
  return planes;
}

}  // namespace

Tensor fit_picture(const Picture& picture, const ModelInput& input, const InputOptions& options,
                   const std::string& where) {
  const Shape& wanted = input.type.shape;
  if (wanted.rank() != 4) refuse(input, concat(describe(picture), ", which needs 4 axes"), where);
  const bool repeat_grey = picture.channels == 1 && wanted[1] == 3;
  if (picture.channels != wanted[1] && !repeat_grey)
    refuse(input, describe(picture), where,
           "change the channels of the picture, or save it as .npy");
  const bool same_size = picture.height == wanted[2] && picture.width == wanted[3];
  if (!same_size && !options.allow_other_extents)
    refuse(input, describe(picture), where, "pictures are never resized; bring it to that size");
  return fit_numbers(to_planes(picture, wanted[1], options.swap_channels), input, options, where);
}

TensorType fit_shape(const Shape& shape, const ModelInput& input, const InputOptions& options,
                     const std::string& where) {
  const Shape& wanted = input.type.shape;
  const std::size_t rank = wanted.rank();
  bool fits = shape.rank() == rank && (rank == 0 || shape[0] > 0);
  for (std::size_t axis = 1; fits && axis < rank && !options.allow_other_extents; ++axis)
    fits = shape[axis] == wanted[axis];
  if (!fits) refuse(input, concat("the data has the shape ", shape.to_string()), where);
  TensorType type = input.type;
  type.shape = shape;
  return type;
}

Tensor fit_numbers(const Tensor& data, const ModelInput& input, const InputOptions& options,
                   const std::string& where) {
  if (!is_convertible(data.dtype(), input.type.dtype))
    refuse(input, concat("the data is ", data.type().to_string()), where);
  const TensorType type = fit_shape(data.shape(), input, options, where);
  std::size_t culprit = 0;
  auto converted = convert_exact(data, type, culprit);
  if (!converted)
    refuse(input,
           concat("the data is ", data.type().to_string(), " and its value ",
                  element_text(data, culprit), " is not representable there"),
           where, concat("convert the data to ", to_string(type.dtype), " before"));
  return std::move(*converted);
}

Tensor repeat_batch(const Tensor& tensor, std::int64_t batch_size, const ModelInput& input,
                    const std::string& where) {
  if (batch_size <= 0 || tensor.shape().rank() == 0 || tensor.shape()[0] == batch_size)
    return tensor;
  TensorType type = tensor.type();
  type.shape[0] = batch_size;
  element_count(type.shape, where);
  if (tensor.bytes() == 0) refuse(input, "the data holds nothing to repeat", where);
  Tensor out(std::move(type));
  for (std::size_t done = 0; done < out.bytes();) {
    const std::size_t count = std::min(tensor.bytes(), out.bytes() - done);
    std::memcpy(out.mutable_data() + done, tensor.data(), count);
    done += count;
  }
  return out;
}

}  // namespace octet
