#include "tuning/tuning_file.hpp"

#include <filesystem>

#include "base/format.hpp"

namespace octet {
namespace {

// "OcTu" in the field that tells programs' databases apart, and the version of the table.
constexpr const char* kApplication = "1331909749";
constexpr const char* kVersion = "1";
constexpr std::uintmax_t kMostFileBytes = std::uintmax_t{256} << 20;

// SQLite keeps this text as it is, so it is compared as it is.
constexpr const char* kTable =
    "CREATE TABLE times (device TEXT, capability TEXT, driver TEXT, library TEXT, problem TEXT, "
    "kernel TEXT, ms REAL, PRIMARY KEY (device, capability, driver, library, problem, kernel)) "
    "WITHOUT ROWID";
constexpr const char* kWhere =
    " WHERE device = ?1 AND capability = ?2 AND driver = ?3 AND library = ?4 AND problem = ?5";

[[noreturn]] void unusable(std::string why) {
  throw DatabaseError(DatabaseError::Kind::content, std::move(why));
}

const std::string& checked_path(const std::string& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status))
    throw DatabaseError(DatabaseError::Kind::system, "it is not a regular file");
  if (std::filesystem::exists(status) && std::filesystem::file_size(path, error) > kMostFileBytes)
    unusable("it is larger than such a file can be");
  return path;
}

Statement bound(Database& database, const std::string& sql, const TuningKey& key) {
  Statement statement(database, sql.c_str());
  const DeviceIdentity& id = key.identity;
  statement.bind(1, id.device).bind(2, id.capability).bind(3, id.driver).bind(4, id.library);
  statement.bind(5, key.problem);
  return statement;
}

// Rolls back unless told otherwise.
class Transaction {
 public:
  explicit Transaction(Database& database) : database_(database) {
    database.execute("BEGIN IMMEDIATE");
  }
  ~Transaction() {
    try {
      if (!done_) database_.execute("ROLLBACK");
    } catch (const DatabaseError&) {
      // The failure that brought us here is the one to tell.
    }
  }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit() {
    database_.execute("COMMIT");
    done_ = true;
  }

 private:
  Database& database_;
  bool done_ = false;
};

}  // namespace

TuningFile::TuningFile(const std::string& path, Database::Access access)
    : database_(checked_path(path), access) {
  if (access == Database::Access::write) create();
  check();
  if (access == Database::Access::write) {
    // Readers and a writer do not wait for each other; where the file system cannot do that, the
    // pragma changes nothing.
    database_.execute("PRAGMA journal_mode = WAL");
    database_.execute("PRAGMA synchronous = NORMAL");
  }
}

void TuningFile::create() {
  if (database_.text_of("SELECT count(*) FROM sqlite_master") != "0") return;
  Transaction transaction(database_);
  // Somebody else may have been quicker.
  if (database_.text_of("SELECT count(*) FROM sqlite_master") != "0") return;
  database_.execute(concat("PRAGMA application_id = ", kApplication).c_str());
  database_.execute(concat("PRAGMA user_version = ", kVersion).c_str());
  database_.execute(kTable);
  transaction.commit();
}

void TuningFile::check() {
  if (database_.text_of("PRAGMA application_id") != kApplication)
    unusable("it is the database of another program");
  if (database_.text_of("PRAGMA user_version") != kVersion)
    unusable("it was written by another version of Octet");
  Statement schema(database_, "SELECT sql FROM sqlite_master");
  if (!schema.step() || schema.text(0) != kTable || schema.step())
    unusable("its tables are not those of a tuning file");
  if (database_.text_of("PRAGMA quick_check(1)") != "ok") unusable("it is damaged");
}

KernelTimes TuningFile::load(const TuningKey& key) {
  Statement select = bound(database_, concat("SELECT kernel, ms FROM times", kWhere), key);
  KernelTimes times;
  while (select.step())
    if (const double ms = select.number(1); ms > 0.0) times[select.text(0)] = ms;
  return times;
}

void TuningFile::save(const TuningKey& key, const KernelTimes& times) {
  Transaction transaction(database_);
  bound(database_, concat("DELETE FROM times", kWhere), key).step();
  Statement insert = bound(database_, "INSERT INTO times VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", key);
  for (const auto& [kernel, ms] : times) {
    insert.bind(6, kernel).bind(7, ms).step();
    insert.reset();
  }
  transaction.commit();
}

std::vector<TuningEntry> TuningFile::entries() {
  Statement select(database_,
                   "SELECT device, capability, driver, library, problem, kernel, ms FROM times "
                   "ORDER BY device, capability, driver, library, problem");
  std::vector<TuningEntry> entries;
  while (select.step()) {
    TuningKey key{{select.text(0), select.text(1), select.text(2), select.text(3)}, select.text(4)};
    const bool is_new = entries.empty() || entries.back().key.problem != key.problem ||
                        !(entries.back().key.identity == key.identity);
    if (is_new) entries.push_back({std::move(key), {}});
    if (const double ms = select.number(6); ms > 0.0) entries.back().times[select.text(5)] = ms;
  }
  return entries;
}

void TuningFile::clear() { database_.execute("DELETE FROM times"); }

}  // namespace octet
