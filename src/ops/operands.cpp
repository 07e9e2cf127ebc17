#include "ops/operands.hpp"

#include <algorithm>
#include <cmath>
#include <octet/status.hpp>
#include <utility>

#include "base/format.hpp"
#include "base/limits.hpp"
#include "ops/elements.hpp"
#include "ops/require.hpp"

namespace octet {
namespace {

template <typename T>
std::int64_t to_integer(T value) {
  if constexpr (std::is_integral_v<T>) {
    require(std::in_range<std::int64_t>(value), "the number ", value,
            " is too large for an index or an extent");
    return static_cast<std::int64_t>(value);
  } else {
    // Beyond 2^53 a double is no longer exact; no shape or index comes near.
    const auto real = static_cast<double>(value);
    require(std::fabs(real) < 9007199254740992.0, "the number ", real,
            " stands where an integer is expected");
    return static_cast<std::int64_t>(real);
  }
}

}  // namespace

void require_inputs(const InferArgs& args, std::size_t least, std::size_t most) {
  if (args.count() >= least && args.count() <= most) return;
  const std::string expected =
      least == most ? concat(least)
                    : (most == static_cast<std::size_t>(-1) ? concat("at least ", least)
                                                            : concat(least, " to ", most));
  throw Error(StatusCode::invalid_model,
              concat("the operator has ", args.count(), " inputs where it takes ", expected));
}

bool has_input(const InferArgs& args, std::size_t index) {
  return index < args.count() && args.types[index] != absent_type();
}

std::size_t resolve_axis(std::int64_t axis, std::size_t rank) {
  const auto count = static_cast<std::int64_t>(rank);
  require(axis >= -count && axis < count, "axis ", axis, " is out of range for a value of rank ",
          rank);
  return static_cast<std::size_t>(axis < 0 ? axis + count : axis);
}

std::vector<std::size_t> resolve_axes(std::span<const std::int64_t> axes, std::size_t rank) {
  std::vector<std::size_t> resolved;
  for (const std::int64_t axis : axes) {
    const std::size_t index = resolve_axis(axis, rank);
    require(std::find(resolved.begin(), resolved.end(), index) == resolved.end(), "axis ", axis,
            " is named twice");
    resolved.push_back(index);
  }
  return resolved;
}

std::vector<std::int64_t> to_integers(const ConstView& tensor) {
  std::vector<std::int64_t> integers(static_cast<std::size_t>(tensor.shape().elements()));
  with_storage(tensor.dtype(), [&]<typename T>(std::type_identity<T>) {
    std::transform(tensor.as<T>(), tensor.as<T>() + integers.size(), integers.begin(),
                   to_integer<T>);
  });
  return integers;
}

const Tensor& known_tensor(const InferArgs& args, std::size_t index, std::string_view name) {
  require(index < args.count(), "the input \"", name, "\" is missing");
  if (args.known[index] == nullptr)
    throw Error(StatusCode::unsupported,
                concat("the input \"", name, "\" is not known before the model runs"), {},
                "make it a constant, or compute it from shapes and constants alone");
  return *args.known[index];
}

std::vector<std::int64_t> known_integers(const InferArgs& args, std::size_t index,
                                         std::string_view name) {
  const Tensor& tensor = known_tensor(args, index, name);
  require(tensor.shape().rank() <= 1, "the input \"", name, "\" has the shape ",
          tensor.shape().to_string(), " where a vector is expected");
  if (static_cast<std::size_t>(tensor.shape().elements()) > limits::kAttributeItems)
    throw Error(StatusCode::resource_exhausted, concat("the input \"", name, "\" has more than ",
                                                       limits::kAttributeItems, " elements"));
  return to_integers(tensor);
}

std::int64_t known_integer(const InferArgs& args, std::size_t index, std::string_view name) {
  const std::vector<std::int64_t> values = known_integers(args, index, name);
  require(values.size() == 1, "the input \"", name, "\" has ", values.size(),
          " elements where one is expected");
  return values.front();
}

Shape checked_shape(std::span<const std::int64_t> extents) {
  for (const std::int64_t extent : extents) {
    require(extent >= 0, "the result would have the extent ", extent);
    if (extent > limits::kExtent)
      throw Error(StatusCode::resource_exhausted,
                  concat("the result would have the extent ", extent, ", above the limit of ",
                         limits::kExtent));
  }
  const Shape shape(extents);
  // With an empty axis the product is 0, but the other extents still must not overflow.
  std::int64_t elements = 1;
  for (const std::int64_t extent : extents) {
    elements *= std::max<std::int64_t>(extent, 1);
    if (elements > limits::kElements)
      throw Error(StatusCode::resource_exhausted,
                  concat("the result would have the shape ", shape.to_string(), ", more than ",
                         limits::kElements, " elements"));
  }
  return shape;
}

TensorType with_shape(const TensorType& x, const Shape& shape) {
  return TensorType{x.dtype, shape, kNCHW, x.quant};
}

int channel_axis(const TensorType& x) {
  return x.quant && !x.quant->is_per_tensor() ? x.quant->axis : -1;
}

void require_common_scale(const TensorType& x, std::size_t axis, std::string_view what) {
  require_supported(channel_axis(x) != static_cast<int>(axis), what, " axis ", axis, " of ",
                    x.to_string(), ", along which the scales vary, is not supported");
}

void move_channel_axis(TensorType& type, int axis) {
  if (channel_axis(type) >= 0) type.quant->axis = axis;
}

}  // namespace octet
