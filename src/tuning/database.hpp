// SQLite as far as the tuning file needs it. The only file pair that knows its header.
#pragma once

#include <exception>
#include <memory>
#include <string>

struct sqlite3;
struct sqlite3_stmt;

namespace octet {

class DatabaseError : public std::exception {
 public:
  // What to do about it: the file has something in it that cannot be used, somebody else holds it
  // for too long, or the system does not let us.
  enum class Kind { content, busy, system };

  DatabaseError(Kind kind, std::string text) : kind_(kind), text_(std::move(text)) {}
  Kind kind() const noexcept { return kind_; }
  const char* what() const noexcept override { return text_.c_str(); }

 private:
  Kind kind_;
  std::string text_;
};

// All functions throw DatabaseError. Not thread safe.
class Database {
 public:
  enum class Access { read, write };  // write creates the file

  // Trusts nothing in the file: its schema runs no code, and values are bounded. Waits up to five
  // seconds for others.
  Database(const std::string& path, Access access);

  void execute(const char* sql);
  std::string text_of(const char* sql);  // the first column of the first row; empty without rows
  int changes() const;                   // rows that the last statement touched

 private:
  friend class Statement;
  struct Close {
    void operator()(sqlite3* handle) const noexcept;
  };
  std::unique_ptr<sqlite3, Close> handle_;
};

class Statement {
 public:
  Statement(Database& database, const char* sql);

  // Parameters count from 1; the texts must outlive the statement.
  Statement& bind(int parameter, const std::string& value);
  Statement& bind(int parameter, double value);
  bool step();   // true: there is a row
  void reset();  // to run it again
  // Columns count from 0. Empty or NaN where the row has another type.
  std::string text(int column) const;
  double number(int column) const;

 private:
  struct Finish {
    void operator()(sqlite3_stmt* handle) const noexcept;
  };
  std::unique_ptr<sqlite3_stmt, Finish> handle_;
};

}  // namespace octet
