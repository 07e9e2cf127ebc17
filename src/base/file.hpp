// Whole files in and out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/limits.hpp"

namespace octet {

// The content of a regular file. Throws Error(io_error) with the system's reason and the path, or
// Error(resource_exhausted) when the file is larger than `most_bytes`, before anything is
// allocated.
std::vector<std::byte> read_file(const std::string& path,
                                 std::uint64_t most_bytes = limits::kFileBytes);

// A regular file in memory without reading it; `storage` keeps the mapping alive. The file must not
// be made shorter meanwhile; what is written into the memory does not reach it. Throws as read_file
// does.
struct MappedFile {
  std::shared_ptr<const void> storage;
  std::span<const std::byte> bytes;
};
MappedFile map_file(const std::string& path, std::uint64_t most_bytes = limits::kFileBytes);

// An open file of the system, closed at the end. Negative: none.
class Descriptor {
 public:
  explicit Descriptor(int fd) noexcept : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor();
  int get() const noexcept { return fd_; }
  // Closes now; false with errno set when the system reports a late write error.
  bool close() noexcept;

 private:
  int fd_;
};

// What the system says of an errno.
std::string system_message(int error);

// Replaces or creates `path`. The bytes go to a file beside it that is renamed at the end, so
// `path` holds either the old or the whole new content, with the old rights; links are followed,
// and devices and pipes are written to. Throws Error(io_error).
void write_file(const std::string& path, std::span<const std::byte> bytes);

}  // namespace octet
