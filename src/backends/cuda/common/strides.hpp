// Where element (n, c, h, w) of a value lies, for any layout, as plain numbers a kernel can take.
#pragma once

#include <octet/tensor.hpp>

namespace octet::cuda {

// offset = n * n_stride + (c / vector) * c_stride + h * h_stride + w * w_stride + c % vector
struct Strides {
  long long n, c, h, w;
  int vector;
};

// Of a rank-4 value; a value of lower rank r is seen as {1,..,1,d0..dr-1}.
Strides strides_of(const TensorType& type);

}  // namespace octet::cuda
