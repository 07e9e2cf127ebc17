// The container layer: from bytes to RawGraph.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "formats/mge/raw_graph.hpp"

namespace octet::mge {

// Bytes that are read from front to back; `storage` keeps them alive.
struct Source {
  std::shared_ptr<const void> storage;
  std::span<const std::byte> bytes;
  std::size_t offset = 0;

  std::span<const std::byte> rest() const { return bytes.subspan(offset); }
  // The next `count` bytes, and moves past them. Throws Error(invalid_model): the file ends inside
  // `what`.
  std::span<const std::byte> take(std::uint64_t count, const char* what);
};

// What the bytes at the source's offset begin, judged by magic and identifier.
std::optional<Container> container_at(const Source& source);

// Reads one graph and moves past it. Throws Error(invalid_model, unsupported, resource_exhausted).
RawGraph read_graph(Source& source);

// The two kinds; `source` stands at the container's first byte.
RawGraph read_graph_v1(Source& source, Container container);
RawGraph read_graph_v2(Source& source);

// The name of a release, "MegEngine 1.13.0", from its number in a file.
std::string release_name(std::uint32_t version);
// Whether the file comes from a release after the newest one this reader was checked against.
bool is_newer_than_known(std::uint32_t version);
// Files of v1.3 and older number the convolution formats differently.
bool has_legacy_formats(const RawGraph& graph);

}  // namespace octet::mge
