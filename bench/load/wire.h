// Writes protobuf fields, as few kinds as the load generator needs. It is apart from the
// server's own codec on purpose: a mistake must not be able to cancel itself out.
//
//   WireWriter span;
//   const uint32_t at = span.Fixed64(7, 0);        // where the value lies, to patch it later
//   request.Message(2, span);                       // `at` has moved by what this returns
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace telltale::bench {

class WireWriter {
 public:
  void Varint(uint32_t field, uint64_t value) {
    Tag(field, 0);
    Raw(value);
  }

  // Returns the offset of the eight bytes.
  uint32_t Fixed64(uint32_t field, uint64_t value) {
    Tag(field, 1);
    const auto at = static_cast<uint32_t>(bytes_.size());
    char raw[8];
    std::memcpy(raw, &value, sizeof raw);
    bytes_.append(raw, sizeof raw);
    return at;
  }

  void Double(uint32_t field, double value) {
    uint64_t raw = 0;
    std::memcpy(&raw, &value, sizeof raw);
    Fixed64(field, raw);
  }

  void Fixed32(uint32_t field, uint32_t value) {
    Tag(field, 5);
    char raw[4];
    std::memcpy(raw, &value, sizeof raw);
    bytes_.append(raw, sizeof raw);
  }

  // Returns the offset of the first byte of `value`.
  uint32_t Bytes(uint32_t field, std::string_view value) {
    Tag(field, 2);
    Raw(value.size());
    const auto at = static_cast<uint32_t>(bytes_.size());
    bytes_.append(value);
    return at;
  }

  uint32_t Message(uint32_t field, const WireWriter& message) { return Bytes(field, message.bytes_); }

  const std::string& bytes() const { return bytes_; }
  std::string Take() && { return std::move(bytes_); }

 private:
  void Tag(uint32_t field, uint32_t wire_type) { Raw(uint64_t{field} << 3 | wire_type); }
  void Raw(uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_.push_back(static_cast<char>(value | 0x80));
    bytes_.push_back(static_cast<char>(value));
  }

  std::string bytes_;
};

}  // namespace telltale::bench
