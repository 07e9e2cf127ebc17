// NumPy's .npy files.
#pragma once

#include <cstddef>
#include <octet/tensor.hpp>
#include <span>
#include <string>
#include <vector>

namespace octet {

// The array of a .npy file, row-major and in host byte order whatever the file's. Header versions
// 1, 2 and 3; elements b1, i1 to i8, u1 to u8, f2, f4 and f8. `where` names the file in errors.
// Throws Error: invalid_input for bytes that are no .npy file or whose shape and size disagree,
// unsupported for other element types or a rank above Shape::kMaxRank, resource_exhausted past the
// limits. Nothing is allocated before the payload is known to be there.
Tensor read_npy(std::span<const std::byte> bytes, const std::string& where);
Tensor read_npy_file(const std::string& path);  // throws Error(io_error) too

// A .npy file (version 1) of the values; quantised ones as their stored integers, s4 as i1. The
// tensor must be in the default layout. Throws Error(unsupported) for bf16, which NumPy lacks.
std::vector<std::byte> write_npy(const Tensor& tensor);
void write_npy_file(const std::string& path, const Tensor& tensor);  // throws Error(io_error) too

}  // namespace octet
