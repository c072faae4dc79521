// What somebody searches for: words, "words side by side", begin*, and -not.
//
//   TELLTALE_ASSIGN_OR_RETURN(TextQuery query, ParseTextQueryUntrusted(R"(refund "visa card" ord* -test)"));
//   TextMatcher matcher(query);
//   std::vector<TextMatch> matches;
//   if (matcher.Match(message, matches)) Show(message, matches);
//
// A text matches that has every term and none of those with a minus. Words are those of
// content/words.h: `get_weather` is two words side by side, as it is in the text.
//
// Ownership      The matcher refers to its query.
// Thread safety  A query is const after it is made; a matcher is one thread's.
// Failure        kInvalidInput, with the column: the first letter's is 1.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace telltale {

inline constexpr size_t kTextQueryBytesMax = 1'000;
inline constexpr size_t kTermsMax = 16;

struct TextTerm {
  std::vector<std::string> words;  // as content/words.h compares them; side by side
  bool is_prefix = false;          // the last word is a beginning
  bool is_excluded = false;
  std::vector<uint32_t> keys;  // content/words.h: every text with this term has all of them
};

struct TextQuery {
  std::vector<TextTerm> terms;
};

Result<TextQuery> ParseTextQueryUntrusted(std::string_view text);

// Bytes of a text.
struct TextMatch {
  size_t begin = 0;
  size_t end = 0;
  bool operator==(const TextMatch&) const = default;
};

class TextMatcher {
 public:
  explicit TextMatcher(const TextQuery& query);

  // Replaces what is in `matches`: where the terms stand, in order.
  bool Match(std::string_view text, std::vector<TextMatch>& matches);

 private:
  // A term of which some words were found side by side.
  struct Begun {
    size_t term = 0;
    size_t words = 0;
    uint32_t place = 0;
    size_t begin = 0;
  };

  bool IsWordOf(size_t term, size_t index, std::string_view word) const;

  const TextQuery& query_;
  std::bitset<256> first_bytes_;  // of the terms' words
  std::vector<Begun> begun_;
  std::vector<Begun> next_;
  std::vector<char> found_;
};

}  // namespace telltale
