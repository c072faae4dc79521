#include "tokenizer/split.h"

#include <algorithm>
#include <array>
#include <bit>

#include "tokenizer/ascii_block.h"
#include "tokenizer/unicode_classes.h"

namespace telltale {
namespace {

// The characters of a text from one place on. Beyond the end every character is of class
// kEnd and has no size.
constexpr auto kEnd = static_cast<CharClass>(15);

constexpr std::array<CharClass, 128> kAsciiClasses = [] {
  std::array<CharClass, 128> classes = {};
  for (char c = '!'; c <= '~'; ++c) classes[static_cast<size_t>(c)] = CharClass::kPunctuation;
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
  return kind == CharClass::kOther || kind == CharClass::kPunctuation || kind == CharClass::kMark;
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

template <typename AnyText>
const char* EndOfSpaces(const AnyText& text, const char* p, SpaceRule rule) {
  const char* last = p;
  const char* after_newline = nullptr;
  const char* q = p;
  Character c = text.At(q);
  for (; IsSpace(c.kind); c = text.At(q)) {
    last = q;
    q += c.size;
    if (c.kind == CharClass::kNewline) after_newline = q;
  }
  if (rule.end_of_text_first && c.kind == kEnd) return q;
  if (rule.to_last_newline && after_newline != nullptr) return after_newline;
  if (c.kind == kEnd || last == p) return q;
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
// Of a block of 64 bytes that begins with a piece, all ends at once: bits instead of
// characters. What a block cannot decide (other than ASCII in the first piece, a run that
// leaves the block) is left to Slow(). How the rules look as bits:
//
//   text     f o o B a r ( x , _ _ _ 4 2 1 7 ) ; \n _ y
//   letters  1 1 1 1 1 1 0 1 0 0 0 0 0 0 0 0 0 0 0 0 1
//   starts   1 0 0 1 0 0 1 0 1 1 0 1 1 0 0 1 1 0 0 1 0     kO200k, _ is a space

struct BlockRule {
  enum class Contractions { kNone, kInFront, kInFrontAsWritten, kBehindWords };

  bool symbol_before_word;  // one symbol or white space joins the word behind it
  bool symbols_take_newlines;
  bool symbols_take_slashes;  // ... behind these newlines
  bool words_begin_with_capitals;
  int digits_max;  // 0: numbers are as words, with a space in front
  Contractions contractions;
};

uint64_t Below(size_t n) {
  return n >= kBlockSize ? ~0ull : (1ull << n) - 1;
}

// Where the run of ones begins that holds bit `at`.
size_t BeginOfRun(uint64_t mask, size_t at) {
  return at + 1 - static_cast<size_t>(std::countl_one(mask << (kBlockSize - 1 - at)));
}

// Every third digit of a run begins a piece.
uint64_t StartsOfDigits(uint64_t digits, int digits_max) {
  if (digits_max == 1) return digits;
  uint64_t starts = digits & ~(digits << 1);
  const uint64_t fourth = digits & digits << 1 & digits << 2 & digits << 3;
  for (uint64_t next = starts << 3 & fourth; next != 0; next = next << 3 & fourth) starts |= next;
  return starts;
}

// The bytes of the contractions that begin at one of the `candidates`.
template <BlockRule kRule>
uint64_t ContractionBytes(const Text& text, const char* p, uint64_t candidates) {
  constexpr Case kCase =
      kRule.contractions == BlockRule::Contractions::kInFrontAsWritten ? Case::kAsWritten : Case::kAny;
  uint64_t bytes = 0;
  for (; candidates != 0; candidates &= candidates - 1) {
    const auto at = static_cast<size_t>(std::countr_zero(candidates));
    // A contraction's last letter is no word that another could follow.
    if (kRule.contractions == BlockRule::Contractions::kBehindWords && (bytes << 1 >> at & 1) != 0) continue;
    const auto size = static_cast<size_t>(EndOfContraction(text, p + at, kCase) - (p + at));
    bytes |= Below(size) << at;
  }
  return bytes;
}

// The bits where pieces begin, but for the first: as far as the block decides them.
template <BlockRule kRule>
uint64_t StartsInBlock(const Text& text, const char* p) {
  const AsciiBlock block(p);
  // What is counted on lies below `end`; no bit below it depends on a byte from there on.
  size_t end = static_cast<size_t>(std::countr_zero(block.NonAscii()));
  uint64_t letters = block.Letters();
  const uint64_t digits = block.Digits();
  const uint64_t spaces = block.Bytes(' ');
  const uint64_t controls = block.Controls();
  const uint64_t newlines = controls & (block.Bytes('\n') | block.Bytes('\r'));
  uint64_t symbols = ~(letters | digits | spaces | controls);

  uint64_t taken_newlines = 0;
  if constexpr (kRule.symbols_take_newlines) {
    taken_newlines = newlines & ~(newlines + (newlines & symbols << 1));
    if constexpr (kRule.symbols_take_slashes) {
      const uint64_t behind = taken_newlines << 1 & symbols;
      if (behind != 0 && (behind & block.Bytes('/')) != 0) [[unlikely]]
        end = std::min(end, static_cast<size_t>(std::countr_zero(behind & block.Bytes('/'))));
    }
  }
  const uint64_t white = (spaces | controls) & ~taken_newlines;
  // What a word may take along, and what ends at its last newline.
  const uint64_t blanks = kRule.symbol_before_word ? white & ~newlines : white;
  if constexpr (kRule.symbol_before_word) {
    // Blanks before a newline, which would not be apart from it: rare, and not for here.
    const uint64_t trailing = blanks & newlines >> 1;
    if (trailing != 0) [[unlikely]]
      end = std::min(end, BeginOfRun(white, static_cast<size_t>(std::countr_zero(trailing))));
  }

  // What stands alone behind a space is taken by the space.
  uint64_t symbol_starts = symbols & ~(symbols << 1 | spaces << 1);
  if constexpr (kRule.contractions != BlockRule::Contractions::kNone) {
    constexpr bool kBehind = kRule.contractions == BlockRule::Contractions::kBehindWords;
    const uint64_t before = letters >> 1 | (kBehind ? block.NonAscii() >> 1 | 1ull << (kBlockSize - 1) : 0);
    const uint64_t after = kBehind ? letters << 1 : symbol_starts;
    const uint64_t bytes = ContractionBytes<kRule>(text, p, before & after & block.Bytes('\'') & Below(end));
    letters &= ~bytes;
    if (kBehind) symbol_starts &= ~bytes;
  }

  uint64_t starts = symbol_starts | (white & ~(white << 1)) | (blanks & ~(white >> 1));
  if constexpr (kRule.symbol_before_word) {
    const uint64_t joined = blanks | (symbol_starts & letters >> 1);
    starts |= (letters & ~(letters << 1 | joined << 1)) | (newlines << 1 & blanks);
  } else {
    starts |= letters & ~(letters << 1 | spaces << 1);
  }
  if constexpr (kRule.words_begin_with_capitals) {
    const uint64_t uppers = block.Uppers() & letters;
    starts |= uppers & (letters & ~uppers) << 1;
  }
  starts |= kRule.digits_max == 0 ? digits & ~(digits << 1 | spaces << 1)
                                  : StartsOfDigits(digits, kRule.digits_max);

  // White space that may go on behind the block: only where it begins is known.
  if (end != 0 && (white >> (end - 1) & 1) != 0) end = BeginOfRun(white, end - 1) + 1;
  return starts & Below(end) & ~1ull;
}

// Writes where the pieces end that these bits begin; returns the last of them.
const char* TakeStarts(const char* p, uint64_t starts, std::span<const char*> ends, size_t& pieces) {
  const auto count = static_cast<size_t>(std::popcount(starts));
  const char** out = ends.data() + pieces;
  const auto take = [&](size_t i) {
    // Beyond the last one the top bit keeps the count of zeros defined.
    out[i] = p + std::countr_zero(starts | 1ull << (kBlockSize - 1));
    starts &= starts - 1;
  };
  constexpr size_t kAtOnce = 8;
  if (ends.size() - pieces >= kBlockSize) [[likely]] {
    // In steps of eight: branches that depend on the text are what costs time here.
    for (size_t i = 0; i < count; i += kAtOnce) {
      for (size_t j = 0; j < kAtOnce; ++j) take(i + j);
    }
    pieces += count;
    return out[count - 1];
  }
  const size_t some = std::min(count, ends.size() - pieces);
  for (size_t i = 0; i < some; ++i) take(i);
  pieces += some;
  return out[some - 1];
}

bool IsAscii(const char* p) {
  return static_cast<uint8_t>(*p) < 0x80;
}

// --- the rules ---------------------------------------------------------------------------

// '(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s
struct R50k {
  static constexpr BlockRule kBlock = {.symbol_before_word = false,
                                       .symbols_take_newlines = false,
                                       .symbols_take_slashes = false,
                                       .words_begin_with_capitals = false,
                                       .digits_max = 0,
                                       .contractions = BlockRule::Contractions::kInFrontAsWritten};

  static const char* Slow(const Text& text, const char* p) {
    if (const char* q = EndOfContraction(text, p, Case::kAsWritten); q != p) return q;
    const char* q = *p == ' ' ? p + 1 : p;
    const CharClass kind = text.At(q).kind;
    if (IsLetter(kind)) return text.SkipWhile(q, IsLetter);
    if (IsNumber(kind)) return text.SkipWhile(q, IsNumber);
    if (IsSymbol(kind)) return text.SkipWhile(q, IsSymbol);
    return EndOfSpaces(text, p, {.to_last_newline = false, .end_of_text_first = true});
  }
};

// cl100k_base, kDigitsMax 3 and kEndFirst:
//   '(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+
//   |\s++$|\s*[\r\n]|\s+(?!\S)|\s
// Qwen 2 and 3, kDigitsMax 1, and Llama 3, kDigitsMax 3:
//   (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,kDigitsMax}| ?[^\s\p{L}\p{N}]+[\r\n]*
//   |\s*[\r\n]+|\s+(?!\S)|\s+
// Qwen 3.5, kMarksInWords: \p{L} of words is [\p{L}\p{M}], and symbols have no \p{M}.
template <int kDigitsMax, bool kMarksInWords, bool kEndFirst>
struct Cl100k {
  static constexpr BlockRule kBlock = {.symbol_before_word = true,
                                       .symbols_take_newlines = true,
                                       .symbols_take_slashes = false,
                                       .words_begin_with_capitals = false,
                                       .digits_max = kDigitsMax,
                                       .contractions = BlockRule::Contractions::kInFront};

  static const char* Slow(const Text& text, const char* p) {
    if (const char* q = EndOfContraction(text, p, Case::kAny); q != p) return q;
    const Character first = text.At(p);
    if (InWord(first.kind)) return text.SkipWhile(p, InWord);
    const char* q = IsPrefix(first.kind) ? p + first.size : p;
    const CharClass second = text.At(q).kind;
    if (InWord(second)) return text.SkipWhile(q, InWord);
    if (IsNumber(first.kind)) return EndOfNumber(text, p, kDigitsMax);
    if (InSymbols(first.kind) || (*p == ' ' && InSymbols(second))) {
      q = text.SkipWhile(q, InSymbols);
      return text.SkipWhile(q, [](CharClass kind) { return kind == CharClass::kNewline; });
    }
    return EndOfSpaces(text, p, {.to_last_newline = true, .end_of_text_first = kEndFirst});
  }

  static bool InWord(CharClass kind) { return IsLetter(kind) || (kMarksInWords && kind == CharClass::kMark); }
  static bool InSymbols(CharClass kind) { return IsSymbol(kind) && !InWord(kind); }
};

// Where H = [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}], T = [\p{Ll}\p{Lm}\p{Lo}\p{M}] and, without
// contractions, C is empty, else C = (?i:'s|'t|'re|'ve|'m|'ll|'d)? :
//   [^\r\n\p{L}\p{N}]?H*T+C|[^\r\n\p{L}\p{N}]?H+T*C|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*
//   |\s*[\r\n]+|\s+(?!\S)|\s+
template <bool kContractions, int kDigitsMax>
struct O200k {
  static constexpr BlockRule kBlock = {
      .symbol_before_word = true,
      .symbols_take_newlines = true,
      .symbols_take_slashes = true,
      .words_begin_with_capitals = true,
      .digits_max = kDigitsMax,
      .contractions = kContractions ? BlockRule::Contractions::kBehindWords : BlockRule::Contractions::kNone};

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

// The stretches between numbers and Chinese or Japanese, which end as a text ends.
class Stretch {
 public:
  explicit Stretch(const Text& text) : text_(text) {}

  Character At(const char* p) const {
    const Character c = text_.At(p);
    return IsNumber(c.kind) || IsCjk(p, c) ? Character{kEnd, 0} : c;
  }
  template <typename Test>
  const char* SkipWhile(const char* p, Test test) const {
    for (Character c = At(p); test(c.kind); c = At(p)) p += c.size;
    return p;
  }
  // U+3040 to U+30FF, U+4E00 to U+9FA5: all of three bytes.
  static bool IsCjk(const char* p, const Character& c) {
    if (c.size != 3) return false;
    const auto byte = [p](int i) { return static_cast<uint32_t>(static_cast<uint8_t>(p[i])); };
    const uint32_t bytes = byte(0) << 16 | byte(1) << 8 | byte(2);
    return (bytes >= 0xE38180 && bytes <= 0xE383BF) || (bytes >= 0xE4B880 && bytes <= 0xE9BEA5);
  }

 private:
  const Text& text_;
};

// Three patterns one after another, each cutting what those before it left whole:
//   \p{N}{1,3}
//   [U+4E00-U+9FA5 U+3040-U+30FF]+
//   [!-/:-@\[-`{-~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*
//   |\s*[\r\n]+|\s+(?!\S)|\s+
// What none of them matches, controls and the like, is a piece for each run of it.
struct DeepSeek {
  static const char* Slow(const Text& text, const char* p) {
    const Character first = text.At(p);
    if (IsNumber(first.kind)) return EndOfNumber(text, p, 3);
    if (Stretch::IsCjk(p, first)) return EndOfCjk(text, p);
    const Stretch stretch(text);
    const char* q = p + first.size;
    if (InWord(first.kind)) return stretch.SkipWhile(p, InWord);
    if (first.kind == CharClass::kPunctuation) {
      if (first.size == 1 && IsAsciiLetter(text, q)) {
        while (IsAsciiLetter(text, q)) ++q;
        return q;
      }
      return EndOfSymbols(stretch, p);
    }
    const CharClass second = stretch.At(q).kind;
    if (first.kind != CharClass::kNewline && InWord(second)) return stretch.SkipWhile(q, InWord);
    if (*p == ' ' && second == CharClass::kPunctuation) return EndOfSymbols(stretch, q);
    if (IsSpace(first.kind)) {
      return EndOfSpaces(stretch, p, {.to_last_newline = true, .end_of_text_first = false});
    }
    return EndOfUnmatched(stretch, p);
  }

 private:
  static bool InWord(CharClass kind) { return IsLetter(kind) || kind == CharClass::kMark; }

  static bool IsAsciiLetter(const Text& text, const char* p) {
    return p != text.end() && static_cast<uint8_t>(*p) < 0x80 &&
           IsLetter(kAsciiClasses[static_cast<uint8_t>(*p)]);
  }
  static const char* EndOfCjk(const Text& text, const char* p) {
    for (Character c = text.At(p); Stretch::IsCjk(p, c); c = text.At(p)) p += c.size;
    return p;
  }
  static const char* EndOfSymbols(const Stretch& stretch, const char* p) {
    p = stretch.SkipWhile(p, [](CharClass kind) { return kind == CharClass::kPunctuation; });
    return stretch.SkipWhile(p, [](CharClass kind) { return kind == CharClass::kNewline; });
  }
  static const char* EndOfUnmatched(const Stretch& stretch, const char* p) {
    for (Character c = stretch.At(p); c.kind == CharClass::kOther; c = stretch.At(p)) {
      if (InWord(stretch.At(p + c.size).kind)) break;  // A word takes this one along.
      p += c.size;
    }
    return p;
  }
};

// Calls `work` with the type of the rule.
template <typename Work>
auto WithRule(SplitRule rule, Work work) {
  switch (rule) {
    case SplitRule::kR50k:
      return work(R50k());
    case SplitRule::kCl100k:
      return work(Cl100k<3, false, true>());
    case SplitRule::kQwen2:
      return work(Cl100k<1, false, false>());
    case SplitRule::kLlama3:
      return work(Cl100k<3, false, false>());
    case SplitRule::kQwen35:
      return work(Cl100k<1, true, false>());
    case SplitRule::kO200k:
      return work(O200k<true, 3>());
    case SplitRule::kDeepSeek:
      return work(DeepSeek());
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
  while (pieces < ends.size() && p != text_end) {
    if constexpr (requires { Rule::kBlock; }) {
      if (static_cast<size_t>(text_end - p) >= kBlockSize && IsAscii(p)) [[likely]] {
        if (const uint64_t starts = StartsInBlock<Rule::kBlock>(text, p); starts != 0) [[likely]] {
          p = TakeStarts(p, starts, ends, pieces);
          continue;
        }
      }
    }
    ends[pieces++] = p = Rule::Slow(text, p);
  }
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
