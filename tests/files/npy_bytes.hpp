// Small .npy files made byte by byte.
#pragma once

#include <string>

namespace octet::test {

// A file whose header is `dictionary`, unpadded.
inline std::string npy(const std::string& dictionary, const std::string& payload, char major = 1) {
  std::string file = "\x93NUMPY";
  file += major;
  file += '\0';
  const std::size_t length = dictionary.size() + 1;
  for (int i = 0; i < (major == 1 ? 2 : 4); ++i)
    file += static_cast<char>(length >> (8 * i) & 0xff);
  return file + dictionary + '\n' + payload;
}

inline std::string npy_header(const std::string& descr, const std::string& shape,
                              const std::string& fortran = "False") {
  return "{'descr': '" + descr + "', 'fortran_order': " + fortran + ", 'shape': " + shape + ", }";
}

}  // namespace octet::test
