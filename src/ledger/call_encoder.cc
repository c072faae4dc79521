#include "ledger/call_encoder.h"

#include <cstdint>
#include <tuple>
#include <type_traits>

namespace telltale {

Block CallEncoder::Encode(std::span<const CallRow> rows) {
  out_.clear();
  NativeBlock block(kCallColumnCount, rows.size(), out_);
  const auto write = [&](const auto& column) {
    using Field = std::remove_cvref_t<decltype(column.get(rows.front()))>;
    block.Column(column.name, column.type);
    if constexpr (std::is_same_v<Field, std::string_view>) {
      if (column.type == "String") {
        for (const CallRow& row : rows) block.String(column.get(row));
        return;
      }
      dictionary_.Clear();
      uint32_t hint = 0;
      for (const CallRow& row : rows) dictionary_.Add(column.get(row), hint);
      block.Dictionary(dictionary_);
    } else if constexpr (std::is_same_v<Field, TraceId> || std::is_same_v<Field, SpanId>) {
      for (const CallRow& row : rows) block.Bytes(column.get(row).view());
    } else {
      for (const CallRow& row : rows) block.Number(column.get(row));
    }
  };
  std::apply([&](const auto&... column) { (write(column), ...); }, kCallColumns);
  return {.kind = BlockKind::kCalls, .rows = static_cast<uint32_t>(rows.size()), .bytes = out_};
}

}  // namespace telltale
