// SQL of users: reads the views of sql_views.h, and nothing else.
//
//   Sql sql(engine);
//   TELLTALE_ASSIGN_OR_RETURN(SqlAnswer answer,
//                             sql.Ask({.text = "SELECT count() FROM spans", .rows_max = 100}));
//
// A statement passes three gates, each of which alone has holes (docs/decisions/0010 names them):
//
//   1  class     the engine's own parser says that it is one statement, and one that only reads
//   2  tree      every node, function and name of its syntax tree is known (sql_ast.h); what is
//                looked at is, byte for byte, what runs
//   3  rights    it runs on a connection that may SELECT from the views only and cannot lift
//                its limits (store/sql_reader.h)
//
// Ownership      The engine must outlive it.
// Thread safety  Any thread may ask.
// Failure        kInvalidInput: the statement is wrong, or asks for what it may not have;
//                kOverLimit: time or memory; kUnavailable: too many statements run. The message is
//                the engine's, without its internals.
// Limits         kSqlStatementsMax run at a time, of the Api's four threads; the next is told to
//                come back.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "store/engine.h"

namespace telltale {

inline constexpr int kSqlStatementsMax = 2;
inline constexpr size_t kSqlTextBytesMax = 64u << 10;

struct SqlQuestion {
  std::string text;
  uint64_t rows_max = 10'000;
  size_t bytes_max = 16u << 20;  // of the rows as JSON
  double seconds_max = 10;
  std::function<bool()> cancelled = nullptr;  // asked from another thread
};

struct SqlAnswer {
  struct Column {
    std::string name;
    std::string type;
  };
  std::vector<Column> columns;
  // JSON arrays with commas between. Integers of 64 bits and more are texts; NaN and infinities null.
  std::string rows;
  uint64_t row_count = 0;
  bool truncated = false;  // there are more rows
  SqlStatistics statistics;
};

class Sql {
 public:
  explicit Sql(Engine& engine) : engine_(engine) {}
  Sql(const Sql&) = delete;

  Result<SqlAnswer> Ask(const SqlQuestion& question);

 private:
  using Names = std::set<std::string, std::less<>>;

  // Of every function that the engine has; asked for once.
  Result<std::shared_ptr<const Names>> Functions();
  Result<std::string> Admit(SqlReader& reader, const std::string& text);

  Engine& engine_;
  Mutex mu_;
  std::shared_ptr<const Names> functions_ TELLTALE_GUARDED_BY(mu_);
  int running_ TELLTALE_GUARDED_BY(mu_) = 0;
};

}  // namespace telltale
