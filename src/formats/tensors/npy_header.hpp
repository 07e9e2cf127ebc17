// The header of a .npy file: a Python dictionary literal, read without being a Python.
#pragma once

#include <string>
#include <string_view>

#include <octet/tensor.hpp>

namespace octet {

struct NpyHeader {
  DType dtype = DType::f32;
  bool swap_bytes = false;  // the file's byte order is not this machine's
  bool fortran_order = false;
  Shape shape;
};

// Throws Error(invalid_input or unsupported) with `where`.
NpyHeader parse_npy_header(std::string_view text, const std::string& where);

// "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }". Throws Error(unsupported).
std::string format_npy_header(DType dtype, const Shape& shape);

}  // namespace octet
