// A file that keeps what was built for sub-graphs.
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace octet {

// Keys are texts that name everything a blob depends on. The file is never trusted: what is not
// whole is dropped with one warning, a file of another kind is renamed to FILE.unusable by the next
// put(), which begins anew.
// Several processes may share it: each put() reads it again and replaces it as a whole, so at worst
// an entry of another process is lost and built again. Thread safe.
class EngineCache {
 public:
  // A file that does not exist is an empty cache.
  explicit EngineCache(std::string path);

  std::optional<std::vector<std::byte>> find(const std::string& key);
  // Throws Error(io_error) where the file cannot be written.
  void put(const std::string& key, std::vector<std::byte> blob);

 private:
  void read(bool warns);
  std::string aside() const { return path_ + ".unusable"; }

  const std::string path_;
  bool is_foreign_ = false;  // what the path names is another kind of file
  std::mutex mutex_;
  std::map<std::string, std::vector<std::byte>> entries_;
};

}  // namespace octet
