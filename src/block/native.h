// Writes the columns of one ClickHouse Native block: what the store takes without
// parsing text and, for LowCardinality, without building dictionaries itself.
//
//   NativeBlock block(rows, out);
//   block.Column("kind", "UInt8");
//   for (...) block.Number<uint8_t>(span.kind);
//
// Format  https://clickhouse.com/docs/interfaces/formats/Native and, for dictionaries,
//         SerializationLowCardinality.cpp; drawn in docs/formats/block.md.
#pragma once

#include <xxhash.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace telltale {

inline void AppendVarint(uint64_t value, std::string& out) {
  char bytes[10];
  size_t size = 0;
  while (value >= 0x80) {
    bytes[size++] = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  bytes[size++] = static_cast<char>(value);
  out.append(bytes, size);
}

template <typename T>
void AppendNumber(T value, std::string& out) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

inline void AppendString(std::string_view text, std::string& out) {
  AppendVarint(text.size(), out);
  out += text;
}

// Collects the values of one LowCardinality(String) column: a dictionary of the
// distinct ones and an index a row.
//
// Cost  A value equal to the one `hint` points at costs a comparison; any other a
//       hash and a probe.
class DictionaryColumn {
 public:
  DictionaryColumn() { Clear(); }

  void Clear() {
    keys_.assign(1, std::string_view());  // The default value comes first.
    indices_.clear();
    slots_.assign(64, 0);
  }

  // `hint` remembers where the caller's last value at this place went: callers that
  // see the same run of values again and again (attribute keys of like spans) keep
  // one per place.
  void Add(std::string_view value, uint32_t& hint) { indices_.push_back(NumberOf(value, hint)); }

  // The two halves of Add, for who has the numbers of a whole dictionary first.
  uint32_t NumberOf(std::string_view value, uint32_t& hint) {
    if (hint >= keys_.size() || keys_[hint] != value) hint = IndexOf(value);
    return hint;
  }
  void AddNumber(uint32_t number) { indices_.push_back(number); }

  size_t size() const { return indices_.size(); }
  const std::vector<uint32_t>& indices() const { return indices_; }
  // By number; the first is empty.
  const std::vector<std::string_view>& keys() const { return keys_; }

  // The version word that precedes the column.
  static void AppendPrefix(std::string& out) { AppendNumber<uint64_t>(1, out); }

  // Dictionary and indices; nothing at all when there are no rows.
  void AppendBody(std::string& out) const {
    if (indices_.empty()) return;
    constexpr uint64_t kOwnKeys = 1u << 9;
    constexpr uint64_t kReplaceDictionary = 1u << 10;
    const uint64_t width = keys_.size() <= 256 ? 0 : keys_.size() <= 65536 ? 1 : 2;
    AppendNumber<uint64_t>(kOwnKeys | kReplaceDictionary | width, out);
    AppendNumber<uint64_t>(keys_.size(), out);
    for (const std::string_view key : keys_) AppendString(key, out);
    AppendNumber<uint64_t>(indices_.size(), out);
    if (width == 0) AppendIndices<uint8_t>(out);
    if (width == 1) AppendIndices<uint16_t>(out);
    if (width == 2) AppendIndices<uint32_t>(out);
  }

 private:
  template <typename T>
  void AppendIndices(std::string& out) const {
    const size_t begin = out.size();
    out.resize(begin + indices_.size() * sizeof(T));
    char* at = out.data() + begin;
    for (const uint32_t index : indices_) {
      const T narrow = static_cast<T>(index);
      std::memcpy(at, &narrow, sizeof narrow);
      at += sizeof narrow;
    }
  }

  uint32_t IndexOf(std::string_view value) {
    if (value.empty()) return 0;
    if (keys_.size() * 2 > slots_.size()) Grow();
    size_t at = XXH3_64bits(value.data(), value.size()) & (slots_.size() - 1);
    while (slots_[at] != 0) {
      if (keys_[slots_[at]] == value) return slots_[at];
      at = (at + 1) & (slots_.size() - 1);
    }
    slots_[at] = static_cast<uint32_t>(keys_.size());
    keys_.push_back(value);
    return slots_[at];
  }

  void Grow() {
    slots_.assign(slots_.size() * 4, 0);
    for (uint32_t i = 1; i < keys_.size(); ++i) {
      size_t at = XXH3_64bits(keys_[i].data(), keys_[i].size()) & (slots_.size() - 1);
      while (slots_[at] != 0) at = (at + 1) & (slots_.size() - 1);
      slots_[at] = i;
    }
  }

  std::vector<std::string_view> keys_;
  std::vector<uint32_t> indices_;
  std::vector<uint32_t> slots_;  // Open addressing over keys_; 0 is free.
};

// Views given to a DictionaryColumn must live until its body is written.
class NativeBlock {
 public:
  NativeBlock(uint64_t columns, uint64_t rows, std::string& out) : out_(out) {
    AppendVarint(columns, out_);
    AppendVarint(rows, out_);
  }

  void Column(std::string_view name, std::string_view type) {
    AppendString(name, out_);
    AppendString(type, out_);
  }

  template <typename T>
  void Number(T value) {
    AppendNumber(value, out_);
  }
  void Bytes(std::string_view bytes) { out_ += bytes; }
  void String(std::string_view text) { AppendString(text, out_); }
  void Dictionary(const DictionaryColumn& column) {
    DictionaryColumn::AppendPrefix(out_);
    column.AppendBody(out_);
  }

 private:
  std::string& out_;
};

}  // namespace telltale
