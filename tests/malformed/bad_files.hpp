// Files that Octet must refuse: each a different way to be broken, with the code and a part of the
// sentence that it must get. One function per format.
#pragma once

#include <string>
#include <vector>

#include "support/bytes.hpp"

namespace octet::test {

struct BadFile {
  std::string extension;  // "mge", "onnx", "npy", "ppm", "png", "jpg" or "json"
  BadCase refusal;        // its name is unique within the extension
  bool is_model() const { return extension == "mge" || extension == "onnx"; }
  std::string name() const { return extension + "_" + refusal.name; }

  friend void PrintTo(const BadFile& file, std::ostream* out) { *out << file.name(); }
};

std::vector<BadCase> bad_mge_v1_files();
std::vector<BadCase> bad_mge_v2_files();
std::vector<BadCase> bad_onnx_files();
std::vector<BadCase> bad_npy_files();
std::vector<BadCase> bad_pnm_files();
std::vector<BadCase> bad_png_files();
std::vector<BadCase> bad_jpeg_files();
std::vector<BadCase> bad_json_files();

// All of them.
std::vector<BadFile> bad_files();

// Reads `content` as the extension asks for: a model, or the values of an input.
void read_file_of(const std::string& extension, const std::string& content);

}  // namespace octet::test
