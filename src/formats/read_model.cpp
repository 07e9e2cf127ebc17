// Recognises a model file by its bytes and hands it to the reader of its format.
#include "base/file.hpp"
#include "formats/mge/reader.hpp"
#include "formats/model_file.hpp"
#include "formats/onnx/reader.hpp"

namespace octet {

ModelFile read_model(std::shared_ptr<const void> storage, std::span<const std::byte> bytes,
                     const std::string& origin, const ReadOptions& options) {
  if (bytes.empty()) throw Error(StatusCode::invalid_model, "the file is empty", origin);
  if (looks_like_mge(bytes)) return read_mge(std::move(storage), bytes, origin);
  if (looks_like_onnx(bytes)) return read_onnx(bytes, origin, options);
  throw Error(StatusCode::invalid_model, "the file is no model of a known format", origin,
              "graphs dumped by MegEngine (.mge) and ONNX models are read");
}

ModelFile read_model_file(const std::string& path, const ReadOptions& options) {
  const MappedFile file = map_file(path);
  return read_model(file.storage, file.bytes, path, options);
}

}  // namespace octet
