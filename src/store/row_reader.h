// Reads ClickHouse's RowBinary: values back to back, rows without separators.
//
//   RowReader row(result.bytes);
//   while (!row.done()) {
//     const std::string_view name = row.String();
//     const uint64_t count = row.Number<uint64_t>();
//   }
//
// Ownership      Views point into the bytes given, which must outlive them.
// Failure        Reading past the end is a bug of the caller (the column list and
//                the reads disagree): TELLTALE_CHECK.
// Format         https://clickhouse.com/docs/interfaces/formats/RowBinary
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/check.h"

namespace telltale {

class RowReader {
 public:
  explicit RowReader(std::string_view bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  bool done() const { return at_ == end_; }

  // Fixed-width little-endian numbers: UInt8 ... UInt64, Int64, Float64, DateTime64 (as Int64).
  template <typename T>
  T Number() {
    T value;
    std::memcpy(&value, Take(sizeof(T)), sizeof(T));
    return value;
  }

  std::string_view FixedString(size_t size) { return {Take(size), size}; }
  std::string_view String() {
    const size_t size = Length();
    return {Take(size), size};
  }

  // The element count of an Array or a Map, and the length of a String: LEB128.
  size_t Length() {
    uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
      const auto byte = static_cast<uint8_t>(*Take(1));
      value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
      TELLTALE_CHECK(shift < 63, "RowBinary length is longer than 64 bits");
    }
  }

 private:
  const char* Take(size_t size) {
    TELLTALE_CHECK(size <= static_cast<size_t>(end_ - at_), "RowBinary ends inside a row");
    const char* bytes = at_;
    at_ += size;
    return bytes;
  }

  const char* at_;
  const char* end_;
};

}  // namespace telltale
