#include "formats/onnx/reader.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/format.hpp"
#include "base/limits.hpp"
#include "formats/onnx/importer.hpp"
#include "formats/onnx/normalise.hpp"
#include "formats/onnx/wire.hpp"

namespace octet {
namespace {

// ModelProto's fields: number, and whether it holds bytes (else a varint).
constexpr std::pair<std::uint32_t, bool> kModelFields[] = {
    {1, false}, {2, true}, {3, true},  {4, true},  {5, false}, {6, true},
    {7, true},  {8, true}, {14, true}, {20, true}, {25, true}, {26, true},
};
constexpr std::uint32_t kGraphField = 7;

bool is_model_field(const onnx::WireCursor& cursor) noexcept {
  for (const auto& [number, has_bytes] : kModelFields)
    if (cursor.field() == number) return has_bytes ? cursor.is_message() : cursor.is_varint();
  return false;
}

onnx::proto::ModelProto parse(std::span<const std::byte> bytes) {
  constexpr auto kMostBytes = std::uint64_t{std::numeric_limits<int>::max()};
  if (bytes.size() > std::min<std::uint64_t>(kMostBytes, limits::kFileBytes))
    throw Error(StatusCode::resource_exhausted,
                concat("the model has ", bytes.size(), " bytes, more than ", kMostBytes));
  onnx::check_model_size(bytes);
  onnx::proto::ModelProto model;
  if (!model.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
    throw Error(StatusCode::invalid_model, "the bytes are not a complete ONNX model", {},
                "the file may be cut short or damaged");
  if (!model.has_graph()) throw Error(StatusCode::invalid_model, "the model has no graph");
  return model;
}

std::string producer_of(const onnx::proto::ModelProto& model) {
  if (model.producer_version().empty()) return model.producer_name();
  return concat(model.producer_name(), " ", model.producer_version());
}

ModelFile read(std::span<const std::byte> bytes, const std::string& origin,
               const ReadOptions& options) {
  const onnx::proto::ModelProto model = parse(bytes);
  const onnx::ExternalData external(options.allow_external_data, origin);
  onnx::Importer importer(model, external, options);
  ModelFile file;
  file.graph = onnx::normalise(importer.run());
  file.format = "onnx";
  file.producer = producer_of(model);
  file.warnings = importer.take_warnings();
  return file;
}

}  // namespace

bool looks_like_onnx(std::span<const std::byte> bytes) noexcept {
  onnx::WireCursor cursor(bytes);
  std::size_t fields = 0;
  while (cursor.next()) {
    if (!is_model_field(cursor)) return false;
    if (cursor.field() == kGraphField) return true;
    ++fields;
  }
  // A file that was cut off inside its graph.
  return cursor.broken() && fields > 0 && cursor.field() == kGraphField;
}

ModelFile read_onnx(std::span<const std::byte> bytes, const std::string& origin,
                    const ReadOptions& options) {
  try {
    return read(bytes, origin, options);
  } catch (const Error& error) {
    const Status& s = error.status();
    const bool both = !origin.empty() && !s.where().empty();
    const std::string where = concat(origin, both ? ": " : "", s.where());
    // What is computed while reading is computed from the model's own constants.
    const bool from_model = s.code() == StatusCode::invalid_input;
    throw Error(from_model ? StatusCode::invalid_model : s.code(), s.message(), where, s.hint());
  }
}

}  // namespace octet
