// The formats that an answer to SQL of users may have, and how the pieces of one become a document.
//
//   const SqlFormat* format = FindSqlFormat("JSONCompact");   // null: not one of them
//   SqlJoiner joiner(*format);
//   TELLTALE_RETURN_IF_ERROR(joiner.Add(piece, out));          // for each piece of SqlReader::Stream
//   joiner.Finish(statistics, out);
//
// The engine streams an answer as pieces of some thousand rows, each a document of its own. Of these
// a joiner keeps one head, all rows and one tail, and holds nothing but the head.
//
// Not here: formats that need a schema file, and those that name a table to write to.
//
// Thread safety  FindSqlFormat: any thread. A joiner: one at a time.
// Failure        Add: kInternal, where a piece is not what its format says.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "store/sql_reader.h"

namespace telltale {

struct SqlFormat {
  enum class Join : uint8_t {
    kPlain,        // one after the other
    kLines,        // a head of `head_lines` lines
    kBinaryNames,  // RowBinaryWithNames, and with types
    kComma,        // Values
    kJson,         // {"meta": ..., "data": [...], "rows": n, "statistics": ...}
    kXml,          // the same in XML
    kArrow,        // a schema message, batches, the end mark
    kWhole,        // the engine makes it in one piece
  };
  std::string_view name;  // as the engine spells it
  std::string_view content_type;
  Join join = Join::kPlain;
  int head_lines = 0;
  bool is_line_a_row = false;
};

// The name in any case, and the engine's other names of it: TSV.
const SqlFormat* FindSqlFormat(std::string_view name);

class SqlJoiner {
 public:
  explicit SqlJoiner(const SqlFormat& format) : format_(format) {}

  Status Add(std::string_view piece, std::string& out);
  void Finish(const SqlStatistics& statistics, std::string& out);

  // As far as the format tells them: JSON, XML, Native, and those with a line for each row; else 0.
  uint64_t rows() const { return rows_; }

 private:
  Status AddHeaded(std::string_view piece, size_t head_size, std::string& out);
  Status AddDocument(std::string_view piece, std::string& out);
  Status AddArrow(std::string_view piece, std::string& out);

  const SqlFormat& format_;
  bool first_ = true;
  bool rows_begun_ = false;
  std::string head_;
  uint64_t rows_ = 0;
  uint64_t rows_before_limit_ = 0;
};

}  // namespace telltale
