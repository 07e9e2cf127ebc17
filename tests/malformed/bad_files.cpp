#include "malformed/bad_files.hpp"

#include <memory>

#include "formats/model_file.hpp"
#include "formats/tensors/json_tensors.hpp"
#include "formats/tensors/npy.hpp"
#include "formats/tensors/picture.hpp"

namespace octet::test {

std::vector<BadFile> bad_files() {
  std::vector<BadFile> files;
  const auto add = [&](const char* extension, std::vector<BadCase> refusals) {
    for (BadCase& refusal : refusals) files.push_back({extension, std::move(refusal)});
  };
  add("mge", bad_mge_v1_files());
  add("mge", bad_mge_v2_files());
  add("onnx", bad_onnx_files());
  add("npy", bad_npy_files());
  add("ppm", bad_pnm_files());
  add("png", bad_png_files());
  add("jpg", bad_jpeg_files());
  add("json", bad_json_files());
  return files;
}

void read_file_of(const std::string& extension, const std::string& content) {
  const std::string name = "file." + extension;
  if (extension == "npy") {
    (void)read_npy(as_bytes(content), name);
  } else if (extension == "json") {
    (void)read_json_tensors(as_bytes(content), name);
  } else if (extension == "mge" || extension == "onnx") {
    const auto storage = std::make_shared<const std::string>(content);
    (void)read_model(storage, as_bytes(*storage), name, {});
  } else {
    (void)read_picture(as_bytes(content), name);
  }
}

}  // namespace octet::test
