#include "block/fixed_column.h"

#include "block/block_reader.h"

namespace telltale {

FixedColumns::FixedColumns(std::string_view block) {
  BlockReader in(block);
  uint64_t count = 0;
  uint64_t rows = 0;
  if (!in.Varint(count) || !in.Varint(rows) || rows > block.size()) return;
  count_ = count;
  rows_ = rows;
  columns_ = in.left();
}

std::string_view FixedColumns::Find(std::string_view name, uint64_t width) const {
  BlockReader in(columns_);
  std::string_view at;
  std::string_view type;
  std::string_view bytes;
  ColumnType parsed;
  for (uint64_t i = 0; i < count_; ++i) {
    if (!in.Text(at) || !in.Text(type) || !ParseType(type, parsed) || parsed.layout != Layout::kFixed)
      return {};
    if (!in.Bytes(rows_ * parsed.width, bytes)) return {};
    if (at == name) return parsed.width == width ? bytes : std::string_view();
  }
  return {};
}

}  // namespace telltale
