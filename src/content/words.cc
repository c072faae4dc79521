#include "content/words.h"

#include <algorithm>
#include <array>
#include <span>

namespace telltale {
namespace {

using internal::ClassOf;
using internal::kAsciiWord;
using internal::kBackslash;
using internal::kHigh;
using internal::kMultiplier;
using internal::kOther;

struct Range {
  char32_t first;
  char32_t last;
};

// Beyond ASCII, in order. What is in neither list is a letter.
constexpr Range kNoLetters[] = {
    {0x80, 0xA9},     {0xAB, 0xB4},     {0xB6, 0xB9},     {0xBB, 0xBF},       {0xD7, 0xD7},
    {0xF7, 0xF7},     {0x37E, 0x37E},   {0x387, 0x387},   {0x55A, 0x55F},     {0x589, 0x58A},
    {0x5BE, 0x5BE},   {0x5C0, 0x5C0},   {0x5F3, 0x5F4},   {0x60C, 0x60D},     {0x61B, 0x61F},
    {0x66A, 0x66D},   {0x6D4, 0x6D4},   {0x964, 0x965},   {0x2000, 0x209F},   {0x20A0, 0x20CF},
    {0x2190, 0x2BFF}, {0x2E00, 0x2E7F}, {0x3000, 0x3004}, {0x3008, 0x303F},   {0x30A0, 0x30A0},
    {0x30FB, 0x30FB}, {0xD800, 0xF8FF}, {0xFE00, 0xFE6F}, {0xFEFF, 0xFF0F},   {0xFF1A, 0xFF20},
    {0xFF3B, 0xFF40}, {0xFF5B, 0xFF65}, {0xFFE0, 0xFFFF}, {0x1F000, 0x1FAFF}, {0xE0000, 0x10FFFF}};
constexpr Range kSingles[] = {{0xE00, 0xEFF},   {0x1000, 0x109F},  {0x1100, 0x11FF}, {0x1780, 0x17FF},
                              {0x2E80, 0x2FDF}, {0x3005, 0x3007},  {0x3040, 0x318F}, {0x31A0, 0x31FF},
                              {0x3400, 0x4DBF}, {0x4E00, 0xA4CF},  {0xAC00, 0xD7FF}, {0xF900, 0xFAFF},
                              {0xFF66, 0xFFDF}, {0x20000, 0x3FFFF}};

bool IsIn(std::span<const Range> ranges, char32_t code) {
  const auto at = std::ranges::lower_bound(ranges, code, {}, &Range::last);
  return at != ranges.end() && at->first <= code;
}

// Upper and lower case side by side: the upper one is even, or odd.
constexpr Range kEvenUpper[] = {{0x100, 0x137}, {0x14A, 0x177}, {0x1DE, 0x1EF},   {0x1F8, 0x21F},
                                {0x222, 0x233}, {0x370, 0x373}, {0x3D8, 0x3EF},   {0x460, 0x481},
                                {0x48A, 0x4BF}, {0x4D0, 0x52F}, {0x1E00, 0x1E95}, {0x1EA0, 0x1EFF}};
constexpr Range kOddUpper[] = {{0x139, 0x148}, {0x179, 0x17E}, {0x1CD, 0x1DC}, {0x4C1, 0x4CE}};
struct Shift {
  char32_t first;
  char32_t last;
  int32_t by;
};
// None becomes ASCII: who looks for letters of ASCII finds them as they are.
constexpr Shift kShifts[] = {{0xC0, 0xDE, 32},
                             {0x178, 0x178, -121},
                             {0x386, 0x386, 38},
                             {0x388, 0x38A, 37},
                             {0x38C, 0x38C, 64},
                             {0x38E, 0x38F, 63},
                             {0x391, 0x3AB, 32},
                             {0x3C2, 0x3C2, 1},
                             {0x400, 0x40F, 80},
                             {0x410, 0x42F, 32},
                             {0x4C0, 0x4C0, 15},
                             {0x531, 0x556, 48},
                             {0x1E9E, 0x1E9E, 0xDF - 0x1E9E},
                             {0xFF21, 0xFF3A, 32}};

uint32_t HexValue(char c) {
  if (c >= '0' && c <= '9') return static_cast<uint32_t>(c - '0');
  c |= 0x20;
  return c >= 'a' && c <= 'f' ? static_cast<uint32_t>(c - 'a' + 10) : 16;
}

// uXXXX at text[at]; false: there is none.
bool DecodeUnit(std::string_view text, size_t at, char32_t& unit) {
  if (at + 5 > text.size() || text[at] != 'u') return false;
  unit = 0;
  for (size_t i = at + 1; i < at + 5; ++i) {
    const uint32_t digit = HexValue(text[i]);
    if (digit > 15) return false;
    unit = unit * 16 + digit;
  }
  return true;
}

constexpr bool IsHighSurrogate(char32_t unit) {
  return unit >= 0xD800 && unit < 0xDC00;
}

// The unit at text[at], behind `backslashes` of them, and its second half if it is one of two.
char32_t DecodeUnits(std::string_view text, size_t at, size_t backslashes, uint32_t& size) {
  char32_t code = 0;
  size = 0;
  if (!DecodeUnit(text, at, code)) return 0;
  size = 5;
  if (!IsHighSurrogate(code)) return code;
  char32_t low = 0;
  const size_t next = at + 5 + backslashes;
  if (text.substr(at + 5, backslashes) == text.substr(at - backslashes, backslashes) &&
      DecodeUnit(text, next, low) && low >= 0xDC00 && low < 0xE000) {
    size = static_cast<uint32_t>(10 + backslashes);
    return 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
  }
  return code;
}

bool IsControlLetter(char c) {
  return c == 'n' || c == 'r' || c == 't' || c == 'b' || c == 'f';
}

// Beside kWordSeed, so that a word, a prefix and a pair of the same letters have keys of their own.
constexpr uint64_t kPrefixSeed = 2;
constexpr uint64_t kPairSeed = 3;

}  // namespace

bool LooksLikeJsonPiece(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && std::string_view("{[\"],}:").contains(text[first]);
}

char32_t LowerCaseOf(char32_t code) {
  if (code < 0x80) return code >= 'A' && code <= 'Z' ? code + 32 : code;
  for (const Shift& shift : kShifts) {
    if (code >= shift.first && code <= shift.last)
      return static_cast<char32_t>(static_cast<int32_t>(code) + shift.by);
  }
  if (IsIn(kEvenUpper, code)) return code | 1;
  if (IsIn(kOddUpper, code)) return code + (code & 1);
  return code;
}

char32_t DecodeUtf8(std::string_view text, uint32_t& size) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const auto is_more = [&](size_t i) { return i < text.size() && (byte(i) & 0xC0) == 0x80; };
  size = 1;
  const uint8_t first = byte(0);
  if (first < 0x80) return first;
  if (first >= 0xC2 && first < 0xE0 && is_more(1)) {
    size = 2;
    return static_cast<char32_t>((first & 0x1F) << 6 | (byte(1) & 0x3F));
  }
  if (first >= 0xE0 && first < 0xF0 && is_more(1) && is_more(2)) {
    const auto code = static_cast<char32_t>((first & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F));
    if (code < 0x800 || (code >= 0xD800 && code < 0xE000)) return 0xFFFD;
    size = 3;
    return code;
  }
  if (first >= 0xF0 && first < 0xF5 && is_more(1) && is_more(2) && is_more(3)) {
    const auto code = static_cast<char32_t>((first & 0x07) << 18 | (byte(1) & 0x3F) << 12 |
                                            (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F));
    if (code < 0x10000 || code > 0x10FFFF) return 0xFFFD;
    size = 4;
    return code;
  }
  return 0xFFFD;
}

void AppendUtf8(char32_t code, std::string& out) {
  const auto add = [&](char32_t byte) { out += static_cast<char>(byte); };
  if (code >= 0xD800 && code < 0xE000) code = 0xFFFD;
  if (code < 0x80) {
    add(code);
  } else if (code < 0x800) {
    add(0xC0 | code >> 6);
    add(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    add(0xE0 | code >> 12);
    add(0x80 | (code >> 6 & 0x3F));
    add(0x80 | (code & 0x3F));
  } else {
    add(0xF0 | code >> 18);
    add(0x80 | (code >> 12 & 0x3F));
    add(0x80 | (code >> 6 & 0x3F));
    add(0x80 | (code & 0x3F));
  }
}

char32_t DecodeJsonEscape(std::string_view text, size_t at, uint32_t& size) {
  size = 0;
  if (at + 1 >= text.size()) return 0;
  const char letter = text[at + 1];
  if (letter == 'u') {
    const char32_t code = DecodeUnits(text, at + 1, 1, size);
    if (size > 0) ++size;
    return code;
  }
  constexpr std::string_view kLetters = "\"\\/nrtbf";
  constexpr std::string_view kMeaning = "\"\\/\n\r\t\b\f";
  const size_t which = kLetters.find(letter);
  if (which == std::string_view::npos) return 0;
  size = 2;
  return static_cast<char32_t>(kMeaning[which]);
}

WordReader::Letter WordReader::LetterAt(size_t at) const {
  const uint8_t kind = ClassOf(text_[at]);
  if (kind == kAsciiWord) return {.code = static_cast<uint8_t>(text_[at]), .size = 1, .is_word = true};
  if (kind == kBackslash) return EscapeAt(at);
  if (kind == kOther) return {.size = 1};
  Letter letter;
  letter.code = DecodeUtf8(text_.substr(at), letter.size);
  letter.is_word = !IsIn(kNoLetters, letter.code);
  letter.is_single = letter.is_word && IsIn(kSingles, letter.code);
  return letter;
}

// Escapes may be escaped again, where JSON stands in a text of JSON: \\u00e9.
WordReader::Letter WordReader::EscapeAt(size_t at) const {
  const size_t behind = std::min(text_.find_first_not_of('\\', at), text_.size());
  Letter letter;
  letter.code = DecodeUnits(text_, behind, behind - at, letter.size);
  if (letter.size == 0) return {.size = 1};
  letter.size += static_cast<uint32_t>(behind - at);
  letter.is_word = letter.code < 0x80 ? ClassOf(static_cast<char>(letter.code)) == kAsciiWord
                                      : !IsIn(kNoLetters, letter.code);
  letter.is_single = letter.is_word && IsIn(kSingles, letter.code);
  return letter;
}

// at_ is at a backslash that begins no letter.
void WordReader::SkipEscape() {
  const size_t begin = at_;
  at_ = std::min(text_.find_first_not_of('\\', at_), text_.size());
  const size_t backslashes = at_ - begin;
  if (at_ == text_.size()) return;
  char32_t code = 0;
  if (DecodeUnit(text_, at_, code)) {
    uint32_t size = 0;
    DecodeUnits(text_, at_, backslashes, size);
    at_ += size;
  } else if (IsControlLetter(text_[at_])) {
    if (is_json_ && backslashes == 1) {
      ++at_;
    } else {
      second_reading_ = at_ + 1;
    }
  }
}

bool WordReader::SkipToWord() {
  while (at_ < text_.size()) {
    const uint8_t kind = ClassOf(text_[at_]);
    if (kind == kAsciiWord) return true;
    if (kind == kOther) {
      ++at_;
      continue;
    }
    const Letter letter = LetterAt(at_);
    if (letter.is_word) return true;
    if (kind == kBackslash) {
      SkipEscape();
    } else {
      at_ += letter.size;
    }
  }
  return false;
}

void WordReader::Append(char32_t code) {
  code = LowerCaseOf(code);
  char bytes[4];
  size_t count = 0;
  if (code < 0x80) {
    bytes[count++] = static_cast<char>(code);
  } else if (code < 0x800) {
    bytes[count++] = static_cast<char>(0xC0 | code >> 6);
    bytes[count++] = static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    bytes[count++] = static_cast<char>(0xE0 | code >> 12);
    bytes[count++] = static_cast<char>(0x80 | (code >> 6 & 0x3F));
    bytes[count++] = static_cast<char>(0x80 | (code & 0x3F));
  } else {
    bytes[count++] = static_cast<char>(0xF0 | code >> 18);
    bytes[count++] = static_cast<char>(0x80 | (code >> 12 & 0x3F));
    bytes[count++] = static_cast<char>(0x80 | (code >> 6 & 0x3F));
    bytes[count++] = static_cast<char>(0x80 | (code & 0x3F));
  }
  if (size_ + count > kWordBytesMax) return;
  std::memcpy(word_ + size_, bytes, count);
  size_ += count;
}

// A word with letters beyond ASCII, letter by letter from where at_ is.
void WordReader::ReadLongWord(Word& word) {
  while (at_ < text_.size()) {
    const Letter letter = LetterAt(at_);
    if (!letter.is_word || (letter.is_single && size_ > 0)) return;
    Append(letter.code);
    at_ += letter.size;
    if (!letter.is_single) continue;
    word.is_single = true;
    return;
  }
}

bool WordReader::NextOfAny(Word& word) {
  bool is_second = false;
  if (second_reading_ != 0 && second_reading_ <= at_ && at_ > 0) {
    // The word before began with the letter of what may have been an escape.
    const size_t begin = second_reading_;
    second_reading_ = 0;
    if (begin < at_ && LetterAt(begin).is_word) {
      at_ = begin;
      is_second = true;
    }
  }
  if (!SkipToWord()) return false;
  word.begin = static_cast<uint32_t>(at_);
  word.is_single = false;
  const char* const begin = text_.data() + at_;
  const char* const end = text_.data() + text_.size();
  const char* last = begin;
  while (last < end && ClassOf(*last) == kAsciiWord) ++last;
  const auto size = static_cast<size_t>(last - begin);
  size_ = std::min(size, kWordBytesMax);
  // Letters and digits of ASCII have, or get, the same bit in lower case.
  for (size_t i = 0; i < size_; ++i) word_[i] = static_cast<char>(begin[i] | 0x20);
  at_ += size;
  if (last < end && ClassOf(*last) >= kBackslash) ReadLongWord(word);
  word.end = static_cast<uint32_t>(at_);
  std::memset(word_ + size_, 0, 16);
  word.text = {word_, size_};
  word.place = is_second ? place_ - 1 : place_++;
  return true;
}

uint64_t internal::HashOf(std::string_view text, uint64_t seed) {
  const size_t size = text.size();
  uint64_t hash = seed;
  while (text.size() > 16) {
    uint64_t eight;
    std::memcpy(&eight, text.data(), 8);
    hash = (hash ^ eight) * kMultiplier;
    hash ^= hash >> 29;
    text.remove_prefix(8);
  }
  uint64_t eight[2] = {};
  std::memcpy(eight, text.data(), text.size());
  return HashOfShort(eight[0], eight[1], size, hash);
}

uint32_t KeyOfPrefix(std::string_view letters) {
  return internal::KeyOf(internal::HashOf(letters, kPrefixSeed));
}

uint32_t KeyOfPair(std::string_view first, std::string_view second) {
  return internal::KeyOf(internal::HashOf(second, internal::HashOf(first, kPairSeed)));
}

std::string_view PrefixOf(std::string_view word) {
  size_t at = 0;
  for (size_t letters = 0; letters < kPrefixLetters; ++letters) {
    if (at >= word.size()) return {};
    uint32_t size = 0;
    DecodeUtf8(word.substr(at), size);
    at += size;
  }
  return word.substr(0, at);
}

}  // namespace telltale
