#include "tokenizer/split.h"

#include <array>

#include "tokenizer/ascii_window.h"
#include "tokenizer/unicode_classes.h"

namespace telltale {
namespace {

// The characters of a text from one place on. Beyond the end every character is of class
// kEnd and has no size.
constexpr auto kEnd = static_cast<CharClass>(8);

constexpr std::array<CharClass, 128> kAsciiClasses = [] {
  std::array<CharClass, 128> classes = {};
  for (char c = 'A'; c <= 'Z'; ++c) classes[static_cast<size_t>(c)] = CharClass::kUpper;
  for (char c = 'a'; c <= 'z'; ++c) classes[static_cast<size_t>(c)] = CharClass::kLower;
  for (char c = '0'; c <= '9'; ++c) classes[static_cast<size_t>(c)] = CharClass::kNumber;
  for (const char c : {'\t', '\v', '\f', ' '}) classes[static_cast<size_t>(c)] = CharClass::kSpace;
  for (const char c : {'\n', '\r'}) classes[static_cast<size_t>(c)] = CharClass::kNewline;
  return classes;
}();

struct Character {
  CharClass kind;
  uint32_t size;
};

class Text {
 public:
  explicit Text(const char* end) : end_(end), unicode_(TheUnicodeClasses()) {}

  const char* end() const { return end_; }

  Character At(const char* p) const {
    if (p == end_) return {kEnd, 0};
    const auto lead = static_cast<uint8_t>(*p);
    if (lead < 0x80) return {kAsciiClasses[lead], 1};
    if (lead < 0xE0) return {unicode_.Of((lead & 0x1Fu) << 6 | Tail(p, 1)), 2};
    if (lead < 0xF0) return {unicode_.Of((lead & 0x0Fu) << 12 | Tail(p, 1) << 6 | Tail(p, 2)), 3};
    return {unicode_.Of((lead & 0x07u) << 18 | Tail(p, 1) << 12 | Tail(p, 2) << 6 | Tail(p, 3)), 4};
  }

  // The end of the run of characters of these classes.
  template <typename Test>
  const char* SkipWhile(const char* p, Test test) const {
    for (Character c = At(p); test(c.kind); c = At(p)) p += c.size;
    return p;
  }

  bool IsByte(const char* p, char byte) const { return p != end_ && *p == byte; }

 private:
  static char32_t Tail(const char* p, size_t i) { return static_cast<uint8_t>(p[i]) & 0x3Fu; }

  const char* const end_;
  const UnicodeClasses& unicode_;
};

constexpr bool IsLetter(CharClass kind) {
  return kind == CharClass::kUpper || kind == CharClass::kLower || kind == CharClass::kBothCases;
}
constexpr bool IsNumber(CharClass kind) {
  return kind == CharClass::kNumber;
}
// \s
constexpr bool IsSpace(CharClass kind) {
  return kind == CharClass::kNewline || kind == CharClass::kSpace;
}
// [^\s\p{L}\p{N}]
constexpr bool IsSymbol(CharClass kind) {
  return kind == CharClass::kOther || kind == CharClass::kMark;
}
// [^\r\n\p{L}\p{N}]: what a word may take along in front.
constexpr bool IsPrefix(CharClass kind) {
  return IsSymbol(kind) || kind == CharClass::kSpace;
}
// [\p{Ll}\p{Lm}\p{Lo}\p{M}]
constexpr bool IsWordTail(CharClass kind) {
  return kind == CharClass::kLower || kind == CharClass::kBothCases || kind == CharClass::kMark;
}

enum class Case { kAsWritten, kAny };

// 's 't 're 've 'm 'll 'd at p: where it ends, or p where there is none.
const char* EndOfContraction(const Text& text, const char* p, Case letter_case) {
  const auto left = static_cast<size_t>(text.end() - p);
  if (left < 2 || *p != '\'') return p;
  const auto lower = [&](char c) {
    return letter_case == Case::kAny && c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  };
  const char first = lower(p[1]);
  if (first == 's' || first == 't' || first == 'm' || first == 'd') return p + 2;
  if (left < 3) return p;
  // U+017F, the long s, is an s whose case is ignored.
  if (letter_case == Case::kAny && p[1] == '\xC5' && p[2] == '\xBF') return p + 3;
  const char second = lower(p[2]);
  if ((first == 'r' && second == 'e') || (first == 'v' && second == 'e') || (first == 'l' && second == 'l')) {
    return p + 3;
  }
  return p;
}

// What the rules say of a run of white space: `\s+(?!\S)|\s`, and before that, in one order
// or the other, that it may end with its last newline or with the text.
struct SpaceRule {
  bool to_last_newline;
  bool end_of_text_first;
};

const char* EndOfSpaces(const Text& text, const char* p, SpaceRule rule) {
  const char* last = p;
  const char* after_newline = nullptr;
  const char* q = p;
  for (Character c = text.At(q); IsSpace(c.kind); c = text.At(q)) {
    last = q;
    q += c.size;
    if (c.kind == CharClass::kNewline) after_newline = q;
  }
  if (rule.end_of_text_first && q == text.end()) return q;
  if (rule.to_last_newline && after_newline != nullptr) return after_newline;
  if (q == text.end() || last == p) return q;
  return last;
}

const char* EndOfNumber(const Text& text, const char* p, int digits_max) {
  for (int i = 0; i < digits_max; ++i) {
    const Character c = text.At(p);
    if (!IsNumber(c.kind)) break;
    p += c.size;
  }
  return p;
}

// --- the quick way ---------------------------------------------------------------------
// Each rule's Quick(p) decides from a window of 16 ASCII bytes, or returns nullptr: then
// Slow(p) decides. REQUIRES: kQuickRoom bytes from p on: a prefix, the window, and the byte
// behind it.
constexpr size_t kQuickRoom = 1 + kWindowSize + 1;

constexpr uint8_t kFirstNonAscii = 0x80;

// Whether a word may take this byte along in front, as a number of bytes.
constexpr std::array<uint8_t, 256> kPrefixSizes = [] {
  std::array<uint8_t, 256> sizes = {};
  for (size_t byte = 0; byte < 128; ++byte) {
    const CharClass kind = kAsciiClasses[byte];
    sizes[byte] = kind == CharClass::kOther || kind == CharClass::kSpace ? 1 : 0;
  }
  return sizes;
}();

bool IsAscii(const char* p) {
  return static_cast<uint8_t>(*p) < kFirstNonAscii;
}

// The window as far as it is white space, after a first character of the run before it or
// none: as EndOfSpaces.
const char* QuickSpaces(const char* p, const char* q, const AsciiWindow& window, bool to_last_newline) {
  const size_t spaces = LeadingOnes(window.Spaces());
  if (spaces == kWindowSize || !IsAscii(q + spaces)) return nullptr;
  const uint32_t newlines = window.Newlines() & ((1u << spaces) - 1);
  if (to_last_newline && newlines != 0) return q + std::bit_width(newlines);
  const char* end = q + spaces;
  return end - p > 1 ? end - 1 : end;
}

uint32_t Symbols(const AsciiWindow& window) {
  return ~(window.Letters() | window.Digits() | window.Spaces() | window.NonAscii()) & 0xFFFF;
}

// What is not a word, for the rules that take a prefix before words. The window is at q:
// behind p where p may be a prefix, else at it. `tail` says which bytes may follow symbols.
template <int kDigitsMax, typename Tail>
const char* QuickNoWord(const Text& text, const char* p, const char* q, const AsciiWindow& window,
                        Tail tail) {
  const auto first = static_cast<uint8_t>(*p);
  if (first >= kFirstNonAscii) return nullptr;
  const CharClass kind = kAsciiClasses[first];
  if (kind == CharClass::kNumber) {
    const size_t digits = LeadingOnes(window.Digits());
    if (digits >= kDigitsMax) return p + kDigitsMax;
    return IsAscii(p + digits) ? p + digits : nullptr;
  }
  if (kind == CharClass::kOther || first == ' ') {
    const size_t symbols = LeadingOnes(Symbols(window));
    if (kind == CharClass::kOther || symbols != 0) {
      const char* end = q + symbols;
      if (symbols == kWindowSize || !IsAscii(end)) return nullptr;
      while (end != text.end() && tail(*end)) ++end;
      return end;
    }
  }
  return QuickSpaces(p, q, window, true);
}

// '(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s
struct R50k {
  static const char* Slow(const Text& text, const char* p) {
    if (const char* q = EndOfContraction(text, p, Case::kAsWritten); q != p) return q;
    const char* q = *p == ' ' ? p + 1 : p;
    const CharClass kind = text.At(q).kind;
    if (IsLetter(kind)) return text.SkipWhile(q, IsLetter);
    if (IsNumber(kind)) return text.SkipWhile(q, IsNumber);
    if (IsSymbol(kind)) return text.SkipWhile(q, IsSymbol);
    return EndOfSpaces(text, p, {.to_last_newline = false, .end_of_text_first = true});
  }

  static const char* Quick(const Text& /*text*/, const char* p) {
    if (*p == '\'') return nullptr;
    const char* q = p + (*p == ' ' ? 1 : 0);
    const AsciiWindow window(q);
    size_t run = LeadingOnes(window.Letters());
    if (run == 0) run = LeadingOnes(window.Digits());
    if (run == 0) run = LeadingOnes(Symbols(window));
    if (run == 0) return IsAscii(q) ? QuickSpaces(p, q, window, false) : nullptr;
    return run != kWindowSize && IsAscii(q + run) ? q + run : nullptr;
  }
};

// '(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+
// |\s++$|\s*[\r\n]|\s+(?!\S)|\s
struct Cl100k {
  static const char* Slow(const Text& text, const char* p) {
    if (const char* q = EndOfContraction(text, p, Case::kAny); q != p) return q;
    const Character first = text.At(p);
    const char* q = IsPrefix(first.kind) ? p + first.size : p;
    const CharClass second = text.At(q).kind;
    if (IsLetter(second)) return text.SkipWhile(q, IsLetter);
    if (IsNumber(first.kind)) return EndOfNumber(text, p, 3);
    if (IsSymbol(first.kind) || (*p == ' ' && IsSymbol(second))) {
      q = text.SkipWhile(q, IsSymbol);
      return text.SkipWhile(q, [](CharClass kind) { return kind == CharClass::kNewline; });
    }
    return EndOfSpaces(text, p, {.to_last_newline = true, .end_of_text_first = true});
  }

  static const char* Quick(const Text& text, const char* p) {
    if (*p == '\'') return nullptr;
    const char* q = p + kPrefixSizes[static_cast<uint8_t>(*p)];
    const AsciiWindow window(q);
    const size_t letters = LeadingOnes(window.Letters());
    if (letters != 0) [[likely]] {
      return letters != kWindowSize && IsAscii(q + letters) ? q + letters : nullptr;
    }
    return QuickNoWord<3>(text, p, q, window, [](char c) { return c == '\n' || c == '\r'; });
  }
};

// Where H = [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}], T = [\p{Ll}\p{Lm}\p{Lo}\p{M}] and, without
// contractions, C is empty, else C = (?i:'s|'t|'re|'ve|'m|'ll|'d)? :
//   [^\r\n\p{L}\p{N}]?H*T+C|[^\r\n\p{L}\p{N}]?H+T*C|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*
//   |\s*[\r\n]+|\s+(?!\S)|\s+
template <bool kContractions, int kDigitsMax>
struct O200k {
  static const char* Slow(const Text& text, const char* p) {
    const Character first = text.At(p);
    const char* q = IsPrefix(first.kind) ? p + first.size : p;
    if (const char* word = EndOfWord(text, q, first.kind == CharClass::kMark)) return Contracted(text, word);
    if (IsNumber(first.kind)) return EndOfNumber(text, p, kDigitsMax);
    if (IsSymbol(first.kind) || (*p == ' ' && IsSymbol(text.At(q).kind))) {
      q = text.SkipWhile(q, IsSymbol);
      while (text.IsByte(q, '\r') || text.IsByte(q, '\n') || text.IsByte(q, '/')) ++q;
      return q;
    }
    return EndOfSpaces(text, p, {.to_last_newline = true, .end_of_text_first = false});
  }

  static const char* Quick(const Text& text, const char* p) {
    const char* q = p + kPrefixSizes[static_cast<uint8_t>(*p)];
    const AsciiWindow window(q);
    size_t letters = LeadingOnes(window.Uppers());
    letters += LeadingOnes(window.Lowers() >> letters);
    if (letters != 0) [[likely]] {
      const char* end = q + letters;
      const bool decided = letters != kWindowSize && IsAscii(end) && !(kContractions && *end == '\'');
      return decided ? end : nullptr;
    }
    return QuickNoWord<kDigitsMax>(text, p, q, window,
                                   [](char c) { return c == '\n' || c == '\r' || c == '/'; });
  }

  // H*T+ at p, else H+T*, else nullptr. The greedy H* also takes letters without case and
  // marks; where no lower-case letter follows, T+ gets the last of them back and the word
  // ends there. A mark in front that began as the prefix is such a last one itself.
  static const char* EndOfWord(const Text& text, const char* p, bool prefix_is_mark) {
    const char* after_both = prefix_is_mark ? p : nullptr;
    const char* q = p;
    Character c = text.At(q);
    for (; IsLetter(c.kind) || c.kind == CharClass::kMark; c = text.At(q)) {
      if (c.kind == CharClass::kLower) return text.SkipWhile(q, IsWordTail);
      q += c.size;
      if (c.kind != CharClass::kUpper) after_both = q;
    }
    if (after_both != nullptr) return after_both;
    return q != p ? q : nullptr;
  }

  static const char* Contracted(const Text& text, const char* word) {
    return kContractions ? EndOfContraction(text, word, Case::kAny) : word;
  }
};

// Calls `work` with the type of the rule.
template <typename Work>
auto WithRule(SplitRule rule, Work work) {
  switch (rule) {
    case SplitRule::kR50k:
      return work(R50k());
    case SplitRule::kCl100k:
      return work(Cl100k());
    case SplitRule::kO200k:
      return work(O200k<true, 3>());
    case SplitRule::kTekken:
      break;
  }
  return work(O200k<false, 1>());
}

template <typename Rule>
size_t FillEnds(const char*& position, const char* text_end, std::span<const char*> ends) {
  const Text text(text_end);
  const char* p = position;
  size_t pieces = 0;
  while (pieces < ends.size() && static_cast<size_t>(text_end - p) >= kQuickRoom) {
    const char* end = Rule::Quick(text, p);
    if (end == nullptr) [[unlikely]]
      end = Rule::Slow(text, p);
    ends[pieces++] = p = end;
  }
  while (pieces < ends.size() && p != text_end) ends[pieces++] = p = Rule::Slow(text, p);
  position = p;
  return pieces;
}

}  // namespace

Splitter::Splitter(SplitRule rule, std::string_view text)
    : rule_(rule), position_(text.data()), end_(text.data() + text.size()) {}

size_t Splitter::Next(std::span<const char*> ends) {
  return WithRule(rule_, [&]<typename Rule>(Rule /*rule*/) { return FillEnds<Rule>(position_, end_, ends); });
}

namespace internal {

const char* EndOfPiece(SplitRule rule, const char* begin, const char* end) {
  return WithRule(rule, [&]<typename Rule>(Rule /*rule*/) { return Rule::Slow(Text(end), begin); });
}

}  // namespace internal
}  // namespace telltale
