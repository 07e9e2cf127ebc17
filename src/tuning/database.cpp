#include "tuning/database.hpp"

#include <sqlite3.h>

#include <limits>

namespace octet {
namespace {

constexpr int kBusyMilliseconds = 5000;
constexpr int kMostBytes = 1 << 20;  // of one value or statement

[[noreturn]] void fail(sqlite3* handle, int code) {
  const std::string text = handle != nullptr ? sqlite3_errmsg(handle) : sqlite3_errstr(code);
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED: throw DatabaseError(DatabaseError::Kind::busy, text);
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_IOERR:
    case SQLITE_FULL:
    case SQLITE_NOMEM:
    case SQLITE_AUTH: throw DatabaseError(DatabaseError::Kind::system, text);
    default: throw DatabaseError(DatabaseError::Kind::content, text);
  }
}

}  // namespace

void Database::Close::operator()(sqlite3* handle) const noexcept { sqlite3_close_v2(handle); }
void Statement::Finish::operator()(sqlite3_stmt* handle) const noexcept {
  sqlite3_finalize(handle);
}

Database::Database(const std::string& path, Access access) {
  const int flags =
      SQLITE_OPEN_NOMUTEX |
      (access == Access::read ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  // A name like ":memory:" would not be a file.
  const std::string name = path.starts_with(':') ? "./" + path : path;
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(name.c_str(), &handle, flags, nullptr);
  handle_.reset(handle);
  if (code != SQLITE_OK) fail(handle, code);
  sqlite3_busy_timeout(handle, kBusyMilliseconds);
  sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, kMostBytes);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
}

void Database::execute(const char* sql) {
  const int code = sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail(handle_.get(), code);
}

std::string Database::text_of(const char* sql) {
  Statement statement(*this, sql);
  return statement.step() ? statement.text(0) : std::string();
}

int Database::changes() const { return sqlite3_changes(handle_.get()); }

Statement::Statement(Database& database, const char* sql) {
  sqlite3_stmt* handle = nullptr;
  const int code = sqlite3_prepare_v2(database.handle_.get(), sql, -1, &handle, nullptr);
  handle_.reset(handle);
  if (code != SQLITE_OK) fail(database.handle_.get(), code);
}

Statement& Statement::bind(int parameter, const std::string& value) {
  const int code = sqlite3_bind_text64(handle_.get(), parameter, value.data(), value.size(),
                                       SQLITE_STATIC, SQLITE_UTF8);
  if (code != SQLITE_OK) fail(sqlite3_db_handle(handle_.get()), code);
  return *this;
}

Statement& Statement::bind(int parameter, double value) {
  const int code = sqlite3_bind_double(handle_.get(), parameter, value);
  if (code != SQLITE_OK) fail(sqlite3_db_handle(handle_.get()), code);
  return *this;
}

bool Statement::step() {
  const int code = sqlite3_step(handle_.get());
  if (code != SQLITE_ROW && code != SQLITE_DONE) fail(sqlite3_db_handle(handle_.get()), code);
  return code == SQLITE_ROW;
}

void Statement::reset() { sqlite3_reset(handle_.get()); }

std::string Statement::text(int column) const {
  // A pragma's integers are wanted as text as well; blobs and nulls are not.
  const int type = sqlite3_column_type(handle_.get(), column);
  if (type != SQLITE_TEXT && type != SQLITE_INTEGER) return {};
  const auto* bytes = sqlite3_column_text(handle_.get(), column);
  if (bytes == nullptr) return {};
  return {reinterpret_cast<const char*>(bytes),
          static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column))};
}

double Statement::number(int column) const {
  if (sqlite3_column_type(handle_.get(), column) != SQLITE_FLOAT)
    return std::numeric_limits<double>::quiet_NaN();
  return sqlite3_column_double(handle_.get(), column);
}

}  // namespace octet
