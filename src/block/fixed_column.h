// Finds a column of fixed width near the start of a Native block, without reading the rest.
//
//   FixedColumns columns(record.bytes);
//   std::string_view ids = columns.Find("trace_id", 16);   // 16 bytes a row
//
// Ownership      Views point into the block.
// Thread safety  Plain data.
// Failure        Empty: there is no such column among the leading ones of fixed width, or the
//                block is not what ingest writes.
#pragma once

#include <cstdint>
#include <string_view>

namespace telltale {

class FixedColumns {
 public:
  explicit FixedColumns(std::string_view block);

  uint64_t rows() const { return rows_; }
  std::string_view Find(std::string_view name, uint64_t width) const;

 private:
  std::string_view columns_;
  uint64_t count_ = 0;
  uint64_t rows_ = 0;
};

}  // namespace telltale
