#include "tokenizer/utf8.h"

#include <simdjson.h>

#include <cstddef>
#include <cstdint>

namespace telltale {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// A well-formed sequence: its size and between which bytes its second byte lies (the
// others are 80..BF). Size 0: no sequence begins so. Unicode 16, table 3-7.
struct Sequence {
  size_t size;
  uint8_t second_min;
  uint8_t second_max;
};

Sequence SequenceOf(uint8_t lead) {
  if (lead < 0x80) return {1, 0, 0};
  if (lead < 0xC2) return {0, 0, 0};
  if (lead < 0xE0) return {2, 0x80, 0xBF};
  if (lead == 0xE0) return {3, 0xA0, 0xBF};
  if (lead == 0xED) return {3, 0x80, 0x9F};
  if (lead < 0xF0) return {3, 0x80, 0xBF};
  if (lead == 0xF0) return {4, 0x90, 0xBF};
  if (lead < 0xF4) return {4, 0x80, 0xBF};
  if (lead == 0xF4) return {4, 0x80, 0x8F};
  return {0, 0, 0};
}

// How many bytes from the start of `rest` are well-formed as far as they go.
size_t MaximalPart(std::string_view rest, const Sequence& sequence) {
  size_t size = 1;
  for (; size < sequence.size && size < rest.size(); ++size) {
    const auto byte = static_cast<uint8_t>(rest[size]);
    const uint8_t min = size == 1 ? sequence.second_min : 0x80;
    const uint8_t max = size == 1 ? sequence.second_max : 0xBF;
    if (byte < min || byte > max) break;
  }
  return size;
}

}  // namespace

std::string_view RepairedUtf8(std::string_view text, std::string& repaired) {
  if (simdjson::validate_utf8(text.data(), text.size())) return text;
  repaired.clear();
  repaired.reserve(text.size() + text.size() / 8);
  while (!text.empty()) {
    const Sequence sequence = SequenceOf(static_cast<uint8_t>(text[0]));
    const size_t part = MaximalPart(text, sequence);
    repaired += part == sequence.size ? text.substr(0, part) : kReplacement;
    text.remove_prefix(part);
  }
  return repaired;
}

}  // namespace telltale
