#include "runtime/engine_cache.hpp"

#include <sys/stat.h>

#include <cstring>
#include <octet/status.hpp>
#include <span>

#include "base/file.hpp"
#include "base/hash.hpp"
#include "base/log.hpp"

namespace octet {
namespace {

// The file: kMagic, then per entry the sizes of key and blob (u64, little-endian), their bytes, and
// the hash of all that.
constexpr std::string_view kMagic = "octet engines 1\n";

void append(std::vector<std::byte>& file, const void* data, std::size_t size) {
  const auto* bytes = static_cast<const std::byte*>(data);
  file.insert(file.end(), bytes, bytes + size);
}

// Takes pieces from the front, as long as there is enough.
class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes) : rest_(bytes) {}
  bool done() const noexcept { return rest_.empty(); }
  std::span<const std::byte> rest() const noexcept { return rest_; }

  bool take(std::uint64_t size, std::span<const std::byte>& piece) {
    if (size > rest_.size()) return false;
    piece = rest_.first(static_cast<std::size_t>(size));
    rest_ = rest_.subspan(static_cast<std::size_t>(size));
    return true;
  }
  bool take(std::uint64_t& number) {
    std::span<const std::byte> piece;
    if (!take(sizeof number, piece)) return false;
    std::memcpy(&number, piece.data(), sizeof number);
    return true;
  }

 private:
  std::span<const std::byte> rest_;
};

struct Entry {
  std::span<const std::byte> key, blob;
};

bool read_entry(Reader& reader, Entry& entry) {
  const std::span<const std::byte> from = reader.rest();
  std::uint64_t key_size = 0, blob_size = 0, hash = 0;
  if (!reader.take(key_size) || !reader.take(blob_size) || !reader.take(key_size, entry.key) ||
      !reader.take(blob_size, entry.blob))
    return false;
  const auto covered = from.first(from.size() - reader.rest().size());
  return reader.take(hash) && hash == hash_bytes(covered);
}

bool exists(const std::string& path) {
  struct stat info {};
  return stat(path.c_str(), &info) == 0;
}

}  // namespace

EngineCache::EngineCache(std::string path) : path_(std::move(path)) {
  const std::lock_guard lock(mutex_);
  read(true);
}

void EngineCache::read(bool warns) {
  const auto warn = [&](const auto&... parts) {
    if (warns) log(LogLevel::warning, parts...);
  };
  if (!exists(path_)) return;
  std::vector<std::byte> file;
  try {
    file = read_file(path_);
  } catch (const Error& error) {
    warn("the engine cache is not used: ", error.what());
    return;
  }
  Reader reader(file);
  std::span<const std::byte> magic;
  if (!reader.take(kMagic.size(), magic) ||
      std::memcmp(magic.data(), kMagic.data(), kMagic.size()) != 0) {
    warn(path_, ": not an engine cache of Octet; engines are built anew, and it is kept as ",
         aside());
    is_foreign_ = true;
    return;
  }
  while (!reader.done()) {
    Entry entry;
    if (!read_entry(reader, entry)) {
      warn(path_, ": damaged behind ", entries_.size(), " engines; the rest is built anew");
      return;
    }
    std::string key(reinterpret_cast<const char*>(entry.key.data()), entry.key.size());
    // What this process has put is at least as good.
    entries_.emplace(std::move(key), std::vector<std::byte>(entry.blob.begin(), entry.blob.end()));
  }
}

std::optional<std::vector<std::byte>> EngineCache::find(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(key);
  if (found == entries_.end()) return std::nullopt;
  return found->second;
}

void EngineCache::put(const std::string& key, std::vector<std::byte> blob) {
  const std::lock_guard lock(mutex_);
  entries_[key] = std::move(blob);
  read(false);  // what others have put meanwhile; damage was told of when the cache was opened
  std::vector<std::byte> file;
  append(file, kMagic.data(), kMagic.size());
  for (const auto& [name, bytes] : entries_) {
    const std::size_t from = file.size();
    for (const std::uint64_t size : {std::uint64_t{name.size()}, std::uint64_t{bytes.size()}})
      append(file, &size, sizeof size);
    append(file, name.data(), name.size());
    append(file, bytes.data(), bytes.size());
    const std::uint64_t hash = hash_bytes(std::span(file).subspan(from));
    append(file, &hash, sizeof hash);
  }
  if (std::exchange(is_foreign_, false) && std::rename(path_.c_str(), aside().c_str()) != 0)
    throw Error(StatusCode::io_error, "the file is no engine cache, and it cannot be renamed",
                path_);
  write_file(path_, file);
}

}  // namespace octet
