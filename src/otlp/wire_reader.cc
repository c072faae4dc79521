#include "otlp/wire_reader.h"

namespace telltale {
namespace {

// protobuf's own limit for nested messages and groups.
constexpr int kGroupDepthMax = 100;

}  // namespace

// Tags and sizes are 32-bit numbers in at most five bytes. In a tag protobuf ignores
// the bits that do not fit, in a size it refuses them.
bool WireReader::ReadLongTag(uint32_t& tag) {
  uint32_t bits = 0;
  for (size_t i = 0; i < 5 && i < left(); ++i) {
    bits |= (Byte(i) & 0x7f) << (7 * i);
    if (Byte(i) < 0x80) {
      tag = bits;
      at_ += i + 1;
      return true;
    }
  }
  return false;
}

bool WireReader::ReadLongSize(uint64_t& size) {
  uint64_t bits = 0;
  for (size_t i = 0; i < 5 && i < left(); ++i) {
    bits |= static_cast<uint64_t>(Byte(i) & 0x7f) << (7 * i);
    if (Byte(i) < 0x80) {
      size = bits;
      at_ += i + 1;
      return true;
    }
  }
  return false;
}

bool WireReader::ReadLongVarint(uint64_t& number) {
  uint64_t bits = 0;
  for (size_t i = 0; i < 10 && i < left(); ++i) {
    bits |= static_cast<uint64_t>(Byte(i) & 0x7f) << (7 * i);
    if (Byte(i) < 0x80) {
      number = bits;
      at_ += i + 1;
      return true;
    }
  }
  return false;
}

bool WireReader::SkipNested(uint32_t tag, int depth) {
  if (tag >> 3 == 0) return false;
  uint64_t number;
  uint32_t number32;
  std::string_view bytes;
  switch (static_cast<WireType>(tag & 7)) {
    case WireType::kVarint:
      return ReadVarint(number);
    case WireType::kFixed64:
      return ReadFixed64(number);
    case WireType::kFixed32:
      return ReadFixed32(number32);
    case WireType::kBytes:
      return ReadBytes(bytes);
    case WireType::kGroupEnd:
      return false;
    case WireType::kGroup:
      break;
    default:
      return false;
  }
  if (depth >= kGroupDepthMax) return false;
  const uint32_t group_end = WireTag(tag >> 3, WireType::kGroupEnd);
  while (!AtEnd()) {
    uint32_t inner;
    if (!ReadTag(inner)) return false;
    if (inner == group_end) return true;
    if (!SkipNested(inner, depth + 1)) return false;
  }
  return false;
}

}  // namespace telltale
