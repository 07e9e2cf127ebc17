#include "base/file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <octet/status.hpp>
#include <system_error>

#include "base/format.hpp"

namespace octet {
namespace {

[[noreturn]] void fail(const std::string& path, const char* action, int error) {
  throw Error(StatusCode::io_error,
              concat("the file cannot be ", action, ": ", system_message(error)), path);
}

std::uint64_t size_of_regular_file(const Descriptor& file, const std::string& path) {
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) fail(path, "read", errno);
  if (S_ISDIR(status.st_mode)) fail(path, "read", EISDIR);
  if (!S_ISREG(status.st_mode))
    throw Error(StatusCode::io_error, "the path does not name a regular file", path);
  return static_cast<std::uint64_t>(status.st_size);
}

Descriptor open_for_reading(const std::string& path) {
  // Without O_NONBLOCK, opening a pipe that nobody writes to would hang.
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) fail(path, "opened", errno);
  return Descriptor(fd);
}

std::size_t checked_size(const Descriptor& file, const std::string& path,
                         std::uint64_t most_bytes) {
  const std::uint64_t size = size_of_regular_file(file, path);
  if (size > most_bytes)
    throw Error(StatusCode::resource_exhausted,
                concat("the file has ", size, " bytes; the limit is ", most_bytes), path);
  return static_cast<std::size_t>(size);
}

void write_all(const Descriptor& file, std::span<const std::byte> bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(file.get(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail(path, "written", errno);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
}

// Beside `path`, with a name of its own for every call, so that neither processes nor threads share
// a draft, and short, so that it fits where the path does.
std::string draft_beside(const std::string& path) {
  static std::atomic<unsigned> calls{0};
  const std::string folder = path.substr(0, path.rfind('/') + 1);  // empty: the current one
  return concat(folder, ".octet-", ::getpid(), "-", calls++);
}

// Devices and pipes take bytes; nothing is put in their place.
void write_through(const std::string& path, std::span<const std::byte> bytes) {
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (file.get() < 0) fail(path, "opened", errno);
  write_all(file, bytes, path);
  if (!file.close()) fail(path, "written", errno);
}

}  // namespace

Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

bool Descriptor::close() noexcept { return ::close(std::exchange(fd_, -1)) == 0; }

std::string system_message(int error) { return std::generic_category().message(error); }

std::vector<std::byte> read_file(const std::string& path, std::uint64_t most_bytes) {
  const Descriptor file = open_for_reading(path);
  std::vector<std::byte> bytes(checked_size(file, path, most_bytes));
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t count = ::read(file.get(), bytes.data() + done, bytes.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail(path, "read", errno);
    if (count == 0) break;  // the file became shorter meanwhile
    done += static_cast<std::size_t>(count);
  }
  bytes.resize(done);
  return bytes;
}

MappedFile map_file(const std::string& path, std::uint64_t most_bytes) {
  const Descriptor file = open_for_reading(path);
  const std::size_t size = checked_size(file, path, most_bytes);
  if (size == 0) return {};  // which mmap would refuse
  void* start = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, file.get(), 0);
  if (start == MAP_FAILED) fail(path, "mapped", errno);
  const std::shared_ptr<const void> storage(
      start, [size](const void* mapped) { ::munmap(const_cast<void*>(mapped), size); });
  return {storage, {static_cast<const std::byte*>(start), size}};
}

void write_file(const std::string& path, std::span<const std::byte> bytes) {
  struct stat status {};
  const bool exists = ::stat(path.c_str(), &status) == 0;
  if (exists && !S_ISREG(status.st_mode)) return write_through(path, bytes);
  std::error_code error;
  const std::string target = exists ? std::filesystem::canonical(path, error).string() : path;
  if (error) fail(path, "found", error.value());
  const std::string draft = draft_beside(target);
  Descriptor file(::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (file.get() < 0) fail(path, "created", errno);
  try {
    // The new content keeps the rights of the old.
    if (exists && ::fchmod(file.get(), status.st_mode & 07777) != 0) fail(path, "created", errno);
    write_all(file, bytes, path);
    if (!file.close()) fail(path, "written", errno);
    if (std::rename(draft.c_str(), target.c_str()) != 0) fail(path, "replaced", errno);
  } catch (...) {
    ::unlink(draft.c_str());
    throw;
  }
}

}  // namespace octet
