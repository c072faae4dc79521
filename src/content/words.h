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

#include <cstddef>
#include <cstdint>
#include <cstring>
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
  explicit WordReader(std::string_view text) : text_(text), is_json_(LooksLikeJsonPiece(text)) {}

  bool Next(Word& word);

 private:
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
  size_t at_ = 0;
  uint32_t place_ = 0;
  size_t second_reading_ = 0;  // where the word begins if its first letter belongs to an escape; 0: nowhere
  size_t size_ = 0;
  char word_[kWordBytesMax + 8];  // zeros behind the word
};

// Keys of words: 28 bits that reach disk (docs/formats/content.md). Two words may share one.
inline constexpr uint32_t kWordKeyBits = 28;
uint32_t KeyOfWord(std::string_view word);
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
