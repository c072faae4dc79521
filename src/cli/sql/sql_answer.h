// The answers of /api/v1/sql, read into plain structs.
//
//   TELLTALE_ASSIGN_OR_RETURN(SqlRows answer, ReadSqlRowsUntrusted(body));
//
// Ownership      The structs own all their text.
// Thread safety  Free functions; may be called from any thread.
// Failure        kCorrupt: not JSON, or not the document that was asked for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace telltale {

// The answer of POST /api/v1/sql.
struct SqlRows {
  struct Column {
    std::string name;
    std::string type;
    bool is_number = false;
  };
  std::vector<Column> columns;
  // As many values as columns: texts as they are, anything else as JSON; empty: NULL.
  std::vector<std::vector<std::optional<std::string>>> rows;
  uint64_t rows_read = 0;
  double elapsed_seconds = 0;
  bool truncated = false;
};
Result<SqlRows> ReadSqlRowsUntrusted(std::string_view body);

// The answer of GET /api/v1/sql/schema.
struct SqlTable {
  struct Column {
    std::string name;
    std::string type;
    std::string about;
  };
  std::string name;
  std::string about;
  std::vector<Column> columns;
};
Result<std::vector<SqlTable>> ReadSqlSchemaUntrusted(std::string_view body);

}  // namespace telltale
