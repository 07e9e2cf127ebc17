// Whole files in and out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/limits.hpp"

namespace octet {

// The content of a regular file. Throws Error(io_error) with the system's reason and the path, or
// Error(resource_exhausted) when the file is larger than `most_bytes`, before anything is
// allocated.
std::vector<std::byte> read_file(const std::string& path,
                                 std::uint64_t most_bytes = limits::kFileBytes);

// A regular file in memory without reading it; `storage` keeps the mapping alive. The file must not
// be made shorter meanwhile. Throws as read_file does.
struct MappedFile {
  std::shared_ptr<const void> storage;
  std::span<const std::byte> bytes;
};
MappedFile map_file(const std::string& path, std::uint64_t most_bytes = limits::kFileBytes);

// Replaces or creates `path`. The bytes go to a file beside it that is renamed at the end, so
// `path` holds either the old or the whole new content. Throws Error(io_error).
void write_file(const std::string& path, std::span<const std::byte> bytes);

}  // namespace octet
