// Checks that several rows share.
#pragma once

#include "base/format.hpp"
#include "kernels/kernel.hpp"

namespace octet::cpu {

inline bool is_byte(DType dtype) { return dtype == DType::s8 || dtype == DType::u8; }
inline bool is_quantised_byte(const TensorType& type) {
  return is_byte(type.dtype) && type.quant && type.quant->is_per_tensor();
}

inline Verdict check_quantised_byte(const TensorType& type, const char* name) {
  if (!is_byte(type.dtype) || !type.quant)
    return Verdict::refuse(concat(name, " is ", to_string(type.dtype), ", not quantised s8 or u8"));
  if (!type.quant->is_per_tensor())
    return Verdict::refuse(concat(name, " has a scale per channel"));
  return Verdict::accept();
}

}  // namespace octet::cpu
