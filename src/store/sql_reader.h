// SqlReader: a connection of its own for one question of a user. It may read the views in
// kSqlDatabase and nothing else, and it cannot lift its limits. That is one of three gates
// (query/sql_gate.h): rights alone stop neither the function file() nor KILL QUERY.
//
//   auto reader = engine.OpenReader({.seconds_max = 10, .cancelled = [&] { return gone; }});
//   auto read = (*reader)->Stream({.sql = sql, .format = "JSONCompactEachRow"}, [&](std::string_view piece) {
//     out += piece;
//     return out.size() < bytes_max;   // false: that is enough
//   });
//
// Ownership      The engine must outlive its readers. A reader closes its connection.
// Thread safety  One thread at a time; `cancelled` is called from another thread.
// Failure        kInvalidInput: the statement is wrong; kOverLimit: a limit was reached, or it
//                was cancelled; kUnavailable, kInternal: as Engine. The message is the engine's
//                own text, with its internals.
// Cost           Opening takes some 0.6 ms.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace telltale {

// The database of the views, and of nothing else: the embedded engine's, and that of a database of tables
// by another name.
inline constexpr std::string_view kSqlDatabase = "telltale_sql";
inline std::string SqlDatabaseOf(std::string_view tables) {
  return std::string(tables) + "_sql";
}

// A value for {name:Type}. `value` as the engine reads it: with \\, \t and \n for what they stand for.
struct SqlParameter {
  std::string name;
  std::string value;
};

// A setting of the engine, `name = value`.
struct SqlSetting {
  std::string name;
  std::string value;
};

struct SqlReaderLimits {
  double seconds_max = 10;
  uint64_t memory_bytes_max = 150'000'000;
  // Of the answer: the engine stops soon after. 0: none.
  uint64_t rows_max = 0;
  // More settings of this connection. REQUIRES: they lift no limit and open nothing.
  std::vector<SqlSetting> settings = {};
  // True as soon as nobody waits for the answer: asked every 50 ms while a statement runs.
  std::function<bool()> cancelled = nullptr;
};

struct SqlStatistics {
  uint64_t rows_read = 0;
  uint64_t bytes_read = 0;
  uint64_t rows_answered = 0;  // 0 also where nobody counts them
  double seconds = 0;
};

class SqlReader {
 public:
  virtual ~SqlReader() = default;

  // What the engine's own parser makes of a text, which is not run.
  struct Analysis {
    uint32_t statements = 0;  // 0: it does not parse
    bool only_reads = false;  // all of them
  };
  virtual Result<Analysis> Analyse(std::string_view sql) = 0;

  // The one statement in the engine's own spelling: no comments, every name that is not plain
  // in backquotes, every text in quotes. The text reaches the engine as a value.
  virtual Result<std::string> Canonical(std::string_view sql) = 0;

  // EXPLAIN AST: a node a line, with the parameters in their places. REQUIRES: Analyse says that it
  // is one statement, which reads.
  virtual Result<std::string> SyntaxTree(std::string_view sql,
                                         std::span<const SqlParameter> parameters = {}) = 0;

  struct Run {
    std::string_view sql;
    std::string_view format;  // of the engine's
    std::span<const SqlParameter> parameters = {};
    // The engine makes the whole answer, in memory, before the first piece is taken. For formats
    // that cannot be put together from pieces.
    bool whole = false;
  };
  // Runs a statement. REQUIRES: it passed query/sql.h. `take` gets the answer in pieces. Each is complete in
  // itself: a format with a head has it in every one; a whole answer is one piece.
  virtual Result<SqlStatistics> Stream(const Run& run,
                                       const std::function<bool(std::string_view piece)>& take) = 0;

  // True where every answer is one document, whose pieces end anywhere.
  virtual bool answers_in_one() const { return false; }
};

}  // namespace telltale
