// SQL of users: reads the views of sql_views.h, and nothing else.
//
//   Sql sql(engine);
//   TELLTALE_ASSIGN_OR_RETURN(SqlAnswer answer,
//                             sql.Ask({.text = "SELECT count() FROM spans", .rows_max = 100}));
//   sql.Stream({.text = "SELECT * FROM spans FORMAT CSVWithNames"}, sink);   // any format, any size
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
// Limits         `statements_max` run at a time; the next is told to come back. Stream holds one piece
//                of the answer (8192 rows), but for formats that have to be made whole: there
//                kSqlWholeBytesMax limit the answer.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "query/sql_format.h"
#include "store/engine.h"

namespace telltale {

inline constexpr int kSqlStatementsMax = 2;
inline constexpr size_t kSqlTextBytesMax = 64u << 10;
inline constexpr uint64_t kSqlWholeBytesMax = 64u << 20;

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

// A question of a ClickHouse client, in its dialect (sql_dialect.h).
struct SqlStreamQuestion {
  std::string text;                             // may end in FORMAT
  std::string default_format = "TabSeparated";  // where it does not
  std::vector<SqlParameter> parameters = {};
  std::vector<SqlSetting> settings = {};  // REQUIRES: each passed its rule (sql_settings.h)
  double seconds_max = 300;
  uint64_t memory_bytes_max = 150'000'000;
  std::function<bool()> cancelled = nullptr;  // asked from another thread
};

// Why a question failed, with the engine's own number and name for that.
struct SqlFault {
  Error error;
  int number = 0;
  std::string name;
};

class SqlSink {
 public:
  virtual ~SqlSink() = default;
  // Once, when the statement is admitted.
  virtual void Begin(const SqlFormat& format) = 0;
  // False: that is enough.
  virtual bool Write(std::string bytes) = 0;
};

class Sql {
 public:
  explicit Sql(Engine& engine, int statements_max = kSqlStatementsMax)
      : engine_(engine), statements_max_(statements_max) {}
  Sql(const Sql&) = delete;

  Result<SqlAnswer> Ask(const SqlQuestion& question);

  // The answer as one document in the format asked for. Blocks while the sink does.
  std::expected<SqlStatistics, SqlFault> Stream(const SqlStreamQuestion& question, SqlSink& sink);

 private:
  // What is asked of the engine once.
  struct Facts {
    std::set<std::string, std::less<>> functions;  // all that it has
    std::string version;
  };
  class Turn;
  struct Prepared;

  Result<std::shared_ptr<const Facts>> EngineFacts();
  Result<std::string> Admit(SqlReader& reader, const std::string& text,
                            std::span<const SqlParameter> parameters, SqlFault* fault);
  Result<Prepared> Prepare(const SqlStreamQuestion& question, SqlFault& fault);
  Result<SqlStatistics> StreamPrepared(const SqlStreamQuestion& question, SqlSink& sink, SqlFault& fault);

  Engine& engine_;
  const int statements_max_;
  Mutex mu_;
  std::shared_ptr<const Facts> facts_ TELLTALE_GUARDED_BY(mu_);
  int running_ TELLTALE_GUARDED_BY(mu_) = 0;
};

}  // namespace telltale
