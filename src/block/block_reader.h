// Reads the blocks that ingest writes and the log keeps. Private to block/.
#pragma once

#include <charconv>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>

namespace telltale {

// Reads a block from its start; every read says whether the bytes were there.
class BlockReader {
 public:
  explicit BlockReader(std::string_view bytes) : left_(bytes) {}

  bool Varint(uint64_t& value) {
    value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (left_.empty()) return false;
      const auto byte = static_cast<uint8_t>(left_.front());
      left_.remove_prefix(1);
      value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return true;
    }
    return false;
  }
  bool Bytes(uint64_t size, std::string_view& bytes) {
    if (size > left_.size()) return false;
    bytes = left_.substr(0, size);
    left_.remove_prefix(size);
    return true;
  }
  bool Text(std::string_view& text) {
    uint64_t size = 0;
    return Varint(size) && Bytes(size, text);
  }
  bool Word(uint64_t& value) {
    std::string_view bytes;
    if (!Bytes(8, bytes)) return false;
    std::memcpy(&value, bytes.data(), 8);
    return true;
  }
  // `count` strings as they lie there, lengths included.
  bool Texts(uint64_t count, std::string_view& bytes) {
    const std::string_view begin = left_;
    std::string_view text;
    for (uint64_t i = 0; i < count; ++i) {
      if (!Text(text)) return false;
    }
    bytes = begin.substr(0, begin.size() - left_.size());
    return true;
  }
  bool empty() const { return left_.empty(); }
  std::string_view left() const { return left_; }

 private:
  std::string_view left_;
};

enum class Layout { kFixed, kText, kDictionary, kMap };

struct ColumnType {
  Layout layout = Layout::kText;
  uint64_t width = 0;  // kFixed: bytes a value
};

// The types that ingest/encode_*.cc write.
inline bool ParseType(std::string_view type, ColumnType& parsed) {
  constexpr std::pair<std::string_view, uint64_t> kWidths[] = {{"UInt8", 1},  {"UInt16", 2}, {"UInt32", 4},
                                                               {"UInt64", 8}, {"Int64", 8},  {"Float64", 8}};
  for (const auto& [name, width] : kWidths) {
    if (type != name) continue;
    parsed = {Layout::kFixed, width};
    return true;
  }
  if (type.starts_with("DateTime64(")) {
    parsed = {Layout::kFixed, 8};
    return true;
  }
  if (type.starts_with("FixedString(")) {
    parsed.layout = Layout::kFixed;
    return std::from_chars(type.data() + 12, type.data() + type.size(), parsed.width).ec == std::errc();
  }
  if (type == "String") parsed.layout = Layout::kText;
  if (type == "LowCardinality(String)") parsed.layout = Layout::kDictionary;
  if (type == "Map(LowCardinality(String), String)") parsed.layout = Layout::kMap;
  return type == "String" || parsed.layout != Layout::kText;
}

}  // namespace telltale
