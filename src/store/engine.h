// Engine: the one seam to ClickHouse, embedded (embedded_engine.h) or, later, a
// server over HTTP. Nothing here is specific to either.
//
//   auto rows = engine.Query({
//       .sql = "SELECT name FROM spans WHERE trace_id = {id:FixedString(16)}",
//       .parameters = {{"id", bytes}}});
//   RowReader reader(rows->bytes);           // row_reader.h: RowBinary
//   while (!reader.done()) reader.String();
//
// Failure        kInvalidInput: the statement or a parameter is wrong; kOverLimit: a
//                limit of time, memory or rows was reached; kUnavailable: no disk
//                space, no connection, try again; kInternal: anything else. The
//                message begins with the engine's own text.
// Thread safety  Every method may be called from any thread; each call uses a
//                connection of its own from a small pool, and waits for one.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "store/sql_reader.h"
#include "trace/block.h"

namespace telltale {

// The only way for user input into SQL of ours: the statement names it {name:Type}.
// `value` is the plain text of the value; the engine does the escaping.
struct QueryParameter {
  std::string name;
  std::string value;
};

struct QueryRequest {
  std::string sql;
  std::vector<QueryParameter> parameters = {};
  double seconds_max = 30;
  uint64_t memory_bytes_max = 250'000'000;
  // More of the engine's settings, `name = value, name = value`: ours, never a user's.
  std::string_view settings = {};
};

struct QueryResult {
  std::string bytes;  // RowBinary, columns in the order of the SELECT
  uint64_t rows_read = 0;
  double seconds = 0;
};

class Engine {
 public:
  virtual ~Engine() = default;

  // Inserts one block, whose bytes are the pieces one after the other. A `token` that was
  // inserted before is a success that stores nothing: REQUIRES that a token always names
  // the same block.
  virtual Status Insert(BlockKind kind, std::span<const std::string_view> block, std::string_view token) = 0;

  virtual Result<QueryResult> Query(const QueryRequest& request) = 0;

  // DDL and other statements without rows; never with text from users.
  virtual Status Execute(const std::string& sql) = 0;

  // For a statement of a user, after query/sql.h. Waits for no other connection.
  virtual Result<std::unique_ptr<SqlReader>> OpenReader(const SqlReaderLimits& limits) = 0;
};

}  // namespace telltale
