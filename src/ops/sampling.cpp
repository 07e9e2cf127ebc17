#include "ops/sampling.hpp"

#include <octet/status.hpp>

#include "base/format.hpp"

namespace octet {

void require_interpolable(const TensorType& x, std::string_view what) {
  const bool eight_bits = x.dtype == DType::s8 || x.dtype == DType::u8;
  const bool one_scale = !x.quant || x.quant->is_per_tensor();
  if ((x.dtype == DType::f32 && !x.quant) || (eight_bits && one_scale)) return;
  throw Error(StatusCode::unsupported, concat(what, " of ", x.to_string()));
}

}  // namespace octet
