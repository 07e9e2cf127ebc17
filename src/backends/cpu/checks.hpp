// Checks that several rows share.
#pragma once

#include "base/format.hpp"
#include "kernels/kernel.hpp"
#include "ops/product.hpp"

namespace octet::cpu {

inline Verdict check_quantised_byte(const TensorType& type, const char* name) {
  if (!is_byte(type.dtype) || !type.quant)
    return Verdict::refuse(concat(name, " is ", to_string(type.dtype), ", not quantised s8 or u8"));
  if (!type.quant->is_per_tensor())
    return Verdict::refuse(concat(name, " has a scale per channel"));
  return Verdict::accept();
}

}  // namespace octet::cpu
