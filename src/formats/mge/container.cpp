#include "formats/mge/container.hpp"

#include <cstring>
#include <octet/status.hpp>

#include "base/format.hpp"

namespace octet::mge {
namespace {

constexpr std::uint32_t kNewestKnown = 101304;  // MegEngine 1.13.4
// Versions are major * 100000 + minor * 100 + patch. MegEngine v0.3 to v1.6 called themselves
// MegBrain 8.x, so their numbers are greater than those of all later releases.
constexpr std::uint32_t kMegBrain = 800'000;

bool has_text_at(std::span<const std::byte> bytes, std::size_t offset, std::string_view text) {
  return bytes.size() >= offset + text.size() &&
         std::memcmp(bytes.data() + offset, text.data(), text.size()) == 0;
}

}  // namespace

std::span<const std::byte> Source::take(std::uint64_t count, const char* what) {
  if (count > bytes.size() - offset)
    throw Error(StatusCode::invalid_model, concat("the file ends inside ", what));
  const auto part = bytes.subspan(offset, static_cast<std::size_t>(count));
  offset += part.size();
  return part;
}

std::optional<Container> container_at(const Source& source) {
  const auto bytes = source.rest();
  if (has_text_at(bytes, 0, "MGBS")) return Container::mgbs;
  if (has_text_at(bytes, 0, "MGBC")) return Container::mgbc;
  if (has_text_at(bytes, 8, "mgv2")) return Container::v2;
  return std::nullopt;
}

RawGraph read_graph(Source& source) {
  const auto container = container_at(source);
  if (!container)
    throw Error(StatusCode::invalid_model,
                concat("no MegEngine graph begins at byte ", source.offset));
  return *container == Container::v2 ? read_graph_v2(source) : read_graph_v1(source, *container);
}

std::string release_name(std::uint32_t version) {
  const std::uint32_t release = version / 100;
  if (version < kMegBrain)
    return concat("MegEngine ", release / 1000, ".", release % 1000, ".", version % 100);
  // 8.9999 has a minor number of four digits: 8 * 1000 + 9999.
  return concat("MegBrain 8.", release - 8000, ".", version % 100);
}

bool is_newer_than_known(std::uint32_t version) {
  return version > kNewestKnown && version < kMegBrain;
}

bool has_legacy_formats(const RawGraph& graph) {
  // v1.0 to v1.6 all call themselves 8.9999.0; of these, v1.4 and later write metadata.
  return graph.container == Container::mgbs && graph.version >= kMegBrain && !graph.has_metadata;
}

}  // namespace octet::mge
