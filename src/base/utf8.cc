#include "base/utf8.h"

#include <algorithm>

namespace telltale {
namespace {

// A character of UTF-8 has at most three bytes behind its first.
constexpr size_t kFollowingMax = 3;

bool IsFollowing(char byte) {
  return (static_cast<unsigned char>(byte) & 0xc0) == 0x80;
}

// The length of a character by its first byte; 0: none begins so.
size_t LengthOf(char first) {
  const auto byte = static_cast<unsigned char>(first);
  if (byte < 0x80) return 1;
  if (byte >= 0xc2 && byte <= 0xdf) return 2;
  if (byte >= 0xe0 && byte <= 0xef) return 3;
  if (byte >= 0xf0 && byte <= 0xf4) return 4;
  return 0;
}

// Overlong forms, surrogates and what lies beyond U+10FFFF (Unicode, table 3-7).
bool SecondFits(unsigned char first, unsigned char second) {
  switch (first) {
    case 0xe0:
      return second >= 0xa0;
    case 0xed:
      return second <= 0x9f;
    case 0xf0:
      return second >= 0x90;
    case 0xf4:
      return second <= 0x8f;
    default:
      return true;
  }
}

}  // namespace

size_t StartOfCharacter(std::string_view text, size_t offset) {
  if (offset >= text.size()) return text.size();
  for (size_t back = 0; back <= std::min(kFollowingMax, offset); ++back) {
    const char byte = text[offset - back];
    if (IsFollowing(byte)) continue;
    return LengthOf(byte) > back ? offset - back : offset;
  }
  return offset;
}

std::string_view CutUtf8(std::string_view text, size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  const size_t end = StartOfCharacter(text, bytes_max);
  // A single character that does not fit is given whole: a reader must get on.
  if (end == 0 && bytes_max > 0) return text.substr(0, std::max<size_t>(1, LengthOf(text.front())));
  return text.substr(0, end);
}

bool IsUtf8(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const size_t length = LengthOf(text[at]);
    if (length == 0 || length > text.size() - at) return false;
    for (size_t i = 1; i < length; ++i) {
      if (!IsFollowing(text[at + i])) return false;
    }
    if (length > 1 &&
        !SecondFits(static_cast<unsigned char>(text[at]), static_cast<unsigned char>(text[at + 1])))
      return false;
    at += length;
  }
  return true;
}

}  // namespace telltale
