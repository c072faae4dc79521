// The words of a text, as search knows them: where they stand and how they are compared.
//
//   Word word;
//   for (WordReader words(text); words.Next(word);) Use(word.text, word.begin, word.end);
//
// A word is a run of letters and digits, in lower case. Every letter of a script that is
// written without spaces (Chinese, Japanese, Korean, Thai ...) is a word of its own.
// What JSON escapes is read as what it stands for: `\u00e9` is a letter, the n of `\n` is
// none. Where a text does not say whether it is JSON (`C:\new`) both readings are given, as
// two words of one place.
//
// Ownership      Views point into the text or into the reader, until its next word.
// Thread safety  One thread at a time.
// Limits         kWordBytesMax of a word are compared; what is behind them is not.
// Cost           About 2 ns a byte of prose.
#pragma once

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace telltale {

inline constexpr size_t kWordBytesMax = 64;

struct Word {
  std::string_view text;  // lower case, without escapes
  uint32_t begin = 0;     // in the text that is read
  uint32_t end = 0;
  uint32_t place = 0;      // the number of the word
  bool is_single = false;  // one letter of a script without spaces
};

// True for a text that begins as a piece of JSON does: there a backslash is an escape.
bool LooksLikeJsonPiece(std::string_view text);

class WordReader {
 public:
  explicit WordReader(std::string_view text) : WordReader(text, LooksLikeJsonPiece(text), 0) {}
  // From a place on where no word goes on and no escape.
  WordReader(std::string_view text, bool is_json, size_t begin)
      : text_(text), is_json_(is_json), at_(begin) {}

  bool Next(Word& word) { return NextPlain(word) || NextOfAny(word); }
  // Behind the last word. Not told where that word has a second reading.
  std::optional<size_t> at() const { return second_reading_ == 0 ? std::optional(at_) : std::nullopt; }

 private:
  // The next word where it is a short one of ASCII, and all around it is ASCII without escapes;
  // false, with nothing changed, where that is not told by a look at 16 bytes.
  bool NextPlain(Word& word);
  bool NextOfAny(Word& word);
  // What stands at a place of the text: a letter that may be part of a word, or not.
  struct Letter {
    char32_t code = 0;
    uint32_t size = 0;  // bytes of the text
    bool is_word = false;
    bool is_single = false;
  };
  Letter LetterAt(size_t at) const;
  Letter EscapeAt(size_t at) const;
  bool SkipToWord();
  void SkipEscape();
  void ReadLongWord(Word& word);
  void Append(char32_t code);

  std::string_view text_;
  const bool is_json_;
  size_t at_;
  uint32_t place_ = 0;
  size_t second_reading_ = 0;  // where the word begins if its first letter belongs to an escape; 0: nowhere
  size_t size_ = 0;
  char word_[kWordBytesMax + 16];  // zeros behind the word, up to 16 bytes
};

namespace internal {

enum : uint8_t { kOther = 0, kAsciiWord = 1, kBackslash = 2, kHigh = 3 };

inline constexpr std::array<uint8_t, 256> kClasses = [] {
  std::array<uint8_t, 256> classes{};
  for (int c = '0'; c <= '9'; ++c) classes[static_cast<size_t>(c)] = kAsciiWord;
  for (int c = 'a'; c <= 'z'; ++c) classes[static_cast<size_t>(c)] = kAsciiWord;
  for (int c = 'A'; c <= 'Z'; ++c) classes[static_cast<size_t>(c)] = kAsciiWord;
  for (size_t c = 0x80; c < 0x100; ++c) classes[c] = kHigh;
  classes['\\'] = kBackslash;
  return classes;
}();

inline uint8_t ClassOf(char c) {
  return kClasses[static_cast<uint8_t>(c)];
}

#if defined(__SSE2__)
// Letters get the bit of lower case, which digits have.
inline __m128i LowerOf(__m128i bytes) {
  return _mm_or_si128(bytes, _mm_set1_epi8(0x20));
}

// A bit for each letter and digit of ASCII.
inline uint32_t WordMask(__m128i bytes, __m128i lower) {
  const auto is_from = [](__m128i of, char first, char count) {
    const __m128i from_least = _mm_add_epi8(of, _mm_set1_epi8(static_cast<char>(-128 - first)));
    return _mm_cmplt_epi8(from_least, _mm_set1_epi8(static_cast<char>(-128 + count)));
  };
  return static_cast<uint32_t>(
      _mm_movemask_epi8(_mm_or_si128(is_from(lower, 'a', 26), is_from(bytes, '0', 10))));
}

// The first `size` bytes, zeros behind them.
inline __m128i Keep(__m128i bytes, size_t size) {
  alignas(16) static constexpr std::array<uint8_t, 32> kOnes = [] {
    std::array<uint8_t, 32> ones{};
    for (size_t i = 0; i < 16; ++i) ones[i] = 0xFF;
    return ones;
  }();
  return _mm_and_si128(bytes, _mm_loadu_si128(reinterpret_cast<const __m128i*>(kOnes.data() + 16 - size)));
}
#endif

// Behind a single backslash, in JSON: an escape that is no letter.
inline bool EndsEscape(char c) {
  return c == 'n' || c == 'r' || c == 't' || c == 'b' || c == 'f' || ClassOf(c) == kOther;
}

}  // namespace internal

inline bool WordReader::NextPlain(Word& word) {
#if defined(__SSE2__)
  using internal::ClassOf;
  if (second_reading_ != 0) return false;
  size_t at = at_;
  for (; at + 1 < text_.size(); ++at) {
    const uint8_t kind = ClassOf(text_[at]);
    if (kind == internal::kOther) continue;
    // In JSON the escape of a line's end, or of what is no letter.
    if (kind != internal::kBackslash || !is_json_ || !internal::EndsEscape(text_[at + 1])) break;
    ++at;
  }
  if (at + 16 > text_.size()) return false;
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text_.data() + at));
  const __m128i lower = internal::LowerOf(bytes);
  const uint32_t mask = internal::WordMask(bytes, lower);
  const auto size = static_cast<size_t>(std::countr_one(mask));
  if (size == 0 || size >= 15) return false;
  const uint8_t behind = ClassOf(text_[at + size]);
  if (behind == internal::kHigh) return false;
  if (behind == internal::kBackslash && (text_[at + size + 1] == 'u' || text_[at + size + 1] == '\\'))
    return false;
  _mm_storeu_si128(reinterpret_cast<__m128i*>(word_), internal::Keep(lower, size));
  at_ = at + size;
  word = {.text = {word_, size},
          .begin = static_cast<uint32_t>(at),
          .end = static_cast<uint32_t>(at_),
          .place = place_++,
          .is_single = false};
  return true;
#else
  static_cast<void>(word);
  return false;
#endif
}

// Keys of words: 28 bits that reach disk (docs/formats/content.md). Two words may share one.
inline constexpr uint32_t kWordKeyBits = 28;
namespace internal {

inline constexpr uint64_t kMultiplier = 0x9E3779B97F4A7C15;
inline constexpr uint64_t kWordSeed = 1;

inline uint32_t KeyOf(uint64_t hash) {
  hash ^= hash >> 32;
  hash *= 0xD6E8FEB86659FD93;
  return static_cast<uint32_t>((hash ^ (hash >> 32)) >> (64 - kWordKeyBits));
}

// Of 16 bytes and fewer, zeros behind them; no branch, as lengths follow no rule.
inline uint64_t HashOfShort(uint64_t low, uint64_t high, size_t size, uint64_t seed) {
  uint64_t hash = ((seed ^ size) * kMultiplier ^ low) * kMultiplier;
  hash ^= hash >> 29;
  return (hash ^ high) * kMultiplier;
}
uint64_t HashOf(std::string_view text, uint64_t seed);

}  // namespace internal

inline uint32_t KeyOfWord(std::string_view word) {
  return internal::KeyOf(internal::HashOf(word, internal::kWordSeed));
}
// The same of a word of at most 16 bytes: `low` and `high` are its bytes, zeros behind them.
inline uint32_t KeyOfShortWord(uint64_t low, uint64_t high, size_t size) {
  return internal::KeyOf(internal::HashOfShort(low, high, size, internal::kWordSeed));
}
// The same of a word that a reader has just read: behind it are zeros.
inline uint32_t KeyOfRead(const Word& word) {
  if (word.text.size() > 16) return KeyOfWord(word.text);
  uint64_t eight[2];
  std::memcpy(eight, word.text.data(), sizeof eight);
  return KeyOfShortWord(eight[0], eight[1], word.text.size());
}
// Of all words that begin with these kPrefixLetters letters.
inline constexpr size_t kPrefixLetters = 4;
uint32_t KeyOfPrefix(std::string_view letters);
// Of two letters of a script without spaces that stand side by side.
uint32_t KeyOfPair(std::string_view first, std::string_view second);
// The first kPrefixLetters letters of a word; empty: it is shorter.
std::string_view PrefixOf(std::string_view word);

// Letters as they are compared, for the words that somebody searches for.
char32_t LowerCaseOf(char32_t code);
// One code point at the beginning of `text` (not empty) and its size; a broken byte is U+FFFD.
char32_t DecodeUtf8(std::string_view text, uint32_t& size);
void AppendUtf8(char32_t code, std::string& out);

// The JSON escape that begins at text[at], which is a backslash, as the code point that it
// stands for; `size` is 0 where there is none. A pair of surrogates is one escape.
char32_t DecodeJsonEscape(std::string_view text, size_t at, uint32_t& size);

}  // namespace telltale
