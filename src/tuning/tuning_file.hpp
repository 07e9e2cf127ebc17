// The file of --fast-run-algo-policy: an SQLite database with one table of measured times.
#pragma once

#include <vector>

#include "tuning/database.hpp"
#include "tuning/tuning_store.hpp"

namespace octet {

struct TuningEntry {
  TuningKey key;
  KernelTimes times;
};

// All functions throw DatabaseError. Kind::content means: damaged, of another program, or of
// another version of this one. Not thread safe; several processes may have the file open.
class TuningFile {
 public:
  // Checks the whole file. With write access a missing or empty file becomes a new one.
  TuningFile(const std::string& path, Database::Access access);

  KernelTimes load(const TuningKey& key);
  void save(const TuningKey& key, const KernelTimes& times);
  std::vector<TuningEntry> entries();
  void clear();

 private:
  void create();
  void check();

  Database database_;
};

}  // namespace octet
