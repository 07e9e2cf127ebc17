#include "ops/index_values.hpp"

#include <octet/status.hpp>

#include "base/format.hpp"

namespace octet {

void require_index_type(const TensorType& indices) {
  if ((indices.dtype == DType::s32 || indices.dtype == DType::s64) && !indices.is_quantised())
    return;
  throw Error(StatusCode::invalid_model,
              concat("the indices are ", indices.to_string(), " where s32 or s64 is expected"));
}

std::int64_t read_index(const ConstView& indices, std::int64_t i, std::int64_t extent) {
  const std::int64_t index = indices.dtype() == DType::s32
                                 ? std::int64_t{indices.as<std::int32_t>()[i]}
                                 : indices.as<std::int64_t>()[i];
  if (index < -extent || index >= extent)
    throw Error(StatusCode::invalid_input,
                concat("the index ", index, " at position ", i,
                       " is out of range for an axis of extent ", extent));
  return index < 0 ? index + extent : index;
}

std::vector<std::int64_t> read_indices(const ConstView& indices, std::int64_t extent) {
  std::vector<std::int64_t> values(static_cast<std::size_t>(indices.shape().elements()));
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = read_index(indices, static_cast<std::int64_t>(i), extent);
  return values;
}

}  // namespace octet
