// Elements of any dtype, one at a time, as ops/element_format.hpp reads and writes them.
#pragma once

#include "ops/element_format.hpp"

namespace octet::cuda {

template <typename T>
__device__ __forceinline__ T load_element(const ElementFormat& format, const void* data,
                                          long long i) {
  return with_storage(format.dtype, [&]<typename Stored>(std::type_identity<Stored>) {
    return to_number<T>(format, static_cast<const Stored*>(data)[i]);
  });
}

template <typename T>
__device__ __forceinline__ void store_element(const ElementFormat& format, void* data, long long i,
                                              T value, bool saturates = false) {
  with_storage(format.dtype, [&]<typename Stored>(std::type_identity<Stored>) {
    static_cast<Stored*>(data)[i] = to_stored<Stored>(format, value, saturates);
  });
}

}  // namespace octet::cuda
