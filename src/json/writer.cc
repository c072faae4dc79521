#include "json/writer.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <utility>

namespace telltale {
namespace {

constexpr uint64_t kOnes = 0x0101010101010101;
constexpr uint64_t kHighs = 0x8080808080808080;
constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD

// High bit set in each byte of `word` that is zero, and perhaps in bytes above the
// first such: enough to find the first one.
constexpr uint64_t ZeroBytes(uint64_t word) {
  return (word - kOnes) & ~word & kHighs;
}

constexpr bool IsPlain(uint8_t byte) {
  return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

// The first byte that cannot be copied as it is: a quote, a backslash, a control
// character, or the start of something that is not ASCII.
const char* FindSpecial(const char* at, const char* end) {
  static_assert(std::endian::native == std::endian::little);
  while (end - at >= 8) {
    uint64_t word;
    std::memcpy(&word, at, 8);
    const uint64_t below_space = (word - kOnes * 0x20) & ~word & kHighs;
    const uint64_t special =
        below_space | ZeroBytes(word ^ kOnes * '"') | ZeroBytes(word ^ kOnes * '\\') | (word & kHighs);
    if (special != 0) return at + std::countr_zero(special) / 8;
    at += 8;
  }
  while (at != end && IsPlain(static_cast<uint8_t>(*at))) ++at;
  return at;
}

struct Sequence {
  size_t size = 1;     // bytes to step over
  bool valid = false;  // whether they are one character
};

// Reads the UTF-8 sequence that starts at `at`, where a byte of 0x80 or more stands.
// The range of the second byte keeps out overlong forms, surrogates and what lies
// beyond U+10FFFF (Unicode, table 3-7).
Sequence ReadSequence(const char* at, const char* end) {
  const auto lead = static_cast<uint8_t>(*at);
  size_t size = 0;
  uint8_t second_min = 0x80;
  uint8_t second_max = 0xbf;
  if (lead >= 0xc2 && lead <= 0xdf) {
    size = 2;
  } else if (lead >= 0xe0 && lead <= 0xef) {
    size = 3;
    if (lead == 0xe0) second_min = 0xa0;
    if (lead == 0xed) second_max = 0x9f;
  } else if (lead >= 0xf0 && lead <= 0xf4) {
    size = 4;
    if (lead == 0xf0) second_min = 0x90;
    if (lead == 0xf4) second_max = 0x8f;
  } else {
    return {};
  }
  for (size_t i = 1; i < size; ++i) {
    if (at + i == end) return {.size = i};
    const auto byte = static_cast<uint8_t>(at[i]);
    const bool fits = i == 1 ? byte >= second_min && byte <= second_max : (byte & 0xc0) == 0x80;
    if (!fits) return {.size = i};
  }
  return {.size = size, .valid = true};
}

// Copies a run of characters outside ASCII, such as a sentence in Japanese; returns its end.
const char* AppendNonAscii(const char* at, const char* end, std::string& out) {
  const char* run = at;
  while (at != end && static_cast<uint8_t>(*at) >= 0x80) {
    const Sequence sequence = ReadSequence(at, end);
    if (!sequence.valid) {
      out.append(run, at);
      out += kReplacement;
      run = at + sequence.size;
    }
    at += sequence.size;
  }
  out.append(run, at);
  return at;
}

void AppendEscape(char c, std::string& out) {
  constexpr char kHexDigits[] = "0123456789abcdef";
  out += '\\';
  switch (c) {
    case '"':
    case '\\':
      out += c;
      return;
    case '\n':
      out += 'n';
      return;
    case '\r':
      out += 'r';
      return;
    case '\t':
      out += 't';
      return;
    case '\b':
      out += 'b';
      return;
    case '\f':
      out += 'f';
      return;
    default:
      break;
  }
  out += "u00";
  out += kHexDigits[static_cast<uint8_t>(c) >> 4];
  out += kHexDigits[static_cast<uint8_t>(c) & 15];
}

template <typename Number>
void AppendNumber(Number number, std::string& out) {
  char text[32];
  const auto written = std::to_chars(text, text + sizeof text, number);
  out.append(text, written.ptr);
}

}  // namespace

void AppendJsonString(std::string_view text, std::string& out) {
  const char* at = text.data();
  const char* const end = at + text.size();
  out += '"';
  while (at != end) {
    const char* special = FindSpecial(at, end);
    out.append(at, special);
    at = special;
    if (at == end) break;
    if (static_cast<uint8_t>(*at) >= 0x80) {
      at = AppendNonAscii(at, end, out);
    } else {
      AppendEscape(*at++, out);
    }
  }
  out += '"';
}

void AppendJsonInt(int64_t number, std::string& out) {
  AppendNumber(number, out);
}

void AppendJsonUint(uint64_t number, std::string& out) {
  AppendNumber(number, out);
}

void AppendJsonDouble(double number, std::string& out) {
  if (std::isnan(number)) {
    out += "\"NaN\"";
  } else if (std::isinf(number)) {
    out += number > 0 ? "\"Infinity\"" : "\"-Infinity\"";
  } else {
    AppendNumber(number, out);
  }
}

JsonWriter& JsonWriter::Key(std::string_view key) {
  Separate();
  AppendJsonString(key, *out_);
  out_->push_back(':');
  comma_due_ = false;
  return *this;
}

JsonWriter& JsonWriter::Divert(LongTexts* texts, size_t bytes_max) {
  long_texts_ = texts;
  text_bytes_max_ = texts == nullptr ? SIZE_MAX : bytes_max;
  return *this;
}

JsonWriter& JsonWriter::WriteLong(std::string_view text, bool is_json) {
  // What is written in its place is written as it is.
  const size_t bytes_max = std::exchange(text_bytes_max_, SIZE_MAX);
  long_texts_->Write(text, is_json, *this);
  text_bytes_max_ = bytes_max;
  return *this;
}

JsonWriter& JsonWriter::String(std::string_view text) {
  if (text.size() > text_bytes_max_) [[unlikely]]
    return WriteLong(text, false);
  Separate();
  AppendJsonString(text, *out_);
  return *this;
}

JsonWriter& JsonWriter::Int(int64_t number) {
  Separate();
  AppendJsonInt(number, *out_);
  return *this;
}

JsonWriter& JsonWriter::Uint(uint64_t number) {
  Separate();
  AppendJsonUint(number, *out_);
  return *this;
}

JsonWriter& JsonWriter::Double(double number) {
  Separate();
  AppendJsonDouble(number, *out_);
  return *this;
}

JsonWriter& JsonWriter::Raw(std::string_view json) {
  if (json.size() > text_bytes_max_) [[unlikely]]
    return WriteLong(json, true);
  Separate();
  *out_ += json;
  return *this;
}

JsonWriter& JsonWriter::IntString(int64_t number) {
  Separate();
  out_->push_back('"');
  AppendJsonInt(number, *out_);
  out_->push_back('"');
  return *this;
}

JsonWriter& JsonWriter::UintString(uint64_t number) {
  Separate();
  out_->push_back('"');
  AppendJsonUint(number, *out_);
  out_->push_back('"');
  return *this;
}

}  // namespace telltale
