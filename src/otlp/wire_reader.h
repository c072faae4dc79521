// A cursor over the fields of one protobuf message, with no exceptions and no copies.
// It accepts exactly what protobuf's own parser accepts, which the fuzzer of
// trace_protobuf.cc checks.
//
//   WireReader in(bytes);
//   while (!in.AtEnd()) {
//     uint32_t tag;
//     if (!in.ReadTag(tag)) return false;
//     switch (tag) {
//       case WireTag(5, WireType::kBytes): if (!in.ReadBytes(name)) return false; break;
//       default: if (!in.Skip(tag)) return false;   // a field from the future
//     }
//   }
//
// A known field number with another wire type is an unknown field, as in protobuf:
// that is why callers match whole tags.
//
// Ownership      Views point into `bytes`.
// Failure        A Read or Skip that returns false leaves at() near the broken byte;
//                the message cannot be read on.
// Cost           Header-only for what a span is made of; an ordinary tag or length is
//                one compare.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace telltale {

enum class WireType : uint32_t {
  kVarint = 0,
  kFixed64 = 1,
  kBytes = 2,
  kGroup = 3,
  kGroupEnd = 4,
  kFixed32 = 5
};

constexpr uint32_t WireTag(uint32_t field, WireType type) {
  return field << 3 | static_cast<uint32_t>(type);
}

class WireReader {
 public:
  explicit WireReader(std::string_view bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  bool AtEnd() const { return at_ == end_; }
  const char* at() const { return at_; }
  std::string_view rest() const { return {at_, left()}; }

  // REQUIRES: !AtEnd().
  bool ReadTag(uint32_t& tag) {
    const uint32_t first = Byte(0);
    if (first < 0x80) [[likely]] {
      tag = first;
      ++at_;
      return true;
    }
    if (left() >= 2 && Byte(1) < 0x80) {
      tag = (first & 0x7f) | Byte(1) << 7;
      at_ += 2;
      return true;
    }
    return ReadLongTag(tag);
  }

  bool ReadVarint(uint64_t& number) {
    if (at_ != end_ && Byte(0) < 0x80) [[likely]] {
      number = Byte(0);
      ++at_;
      return true;
    }
    return ReadLongVarint(number);
  }

  bool ReadFixed64(uint64_t& number) { return ReadFixed(number); }
  bool ReadFixed32(uint32_t& number) { return ReadFixed(number); }

  // A string, bytes, or the inside of a nested message.
  bool ReadBytes(std::string_view& bytes) {
    uint64_t size;
    if (at_ != end_ && Byte(0) < 0x80) [[likely]] {
      size = Byte(0);
      ++at_;
    } else if (left() >= 2 && Byte(1) < 0x80) {
      size = (Byte(0) & 0x7f) | Byte(1) << 7;
      at_ += 2;
    } else if (!ReadLongSize(size)) {
      return false;
    }
    if (size > left()) return false;
    bytes = {at_, static_cast<size_t>(size)};
    at_ += size;
    return true;
  }

  // Steps over the value of the field whose tag was just read. False for what no
  // message may hold: field number 0, wire types 6 and 7, the end of a group that
  // did not begin, groups nested more than 100 deep.
  bool Skip(uint32_t tag) { return SkipNested(tag, 0); }

 private:
  size_t left() const { return static_cast<size_t>(end_ - at_); }
  uint32_t Byte(size_t i) const { return static_cast<uint8_t>(at_[i]); }

  template <typename Number>
  bool ReadFixed(Number& number) {
    static_assert(std::endian::native == std::endian::little);
    if (left() < sizeof number) return false;
    std::memcpy(&number, at_, sizeof number);
    at_ += sizeof number;
    return true;
  }

  bool ReadLongTag(uint32_t& tag);
  bool ReadLongVarint(uint64_t& number);
  bool ReadLongSize(uint64_t& size);
  bool SkipNested(uint32_t tag, int depth);

  const char* at_;
  const char* end_;
};

}  // namespace telltale
