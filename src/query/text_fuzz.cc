// Any bytes as what somebody searches for, and the same bytes as the text: a query that is
// accepted has words, and what matches lies in the text and can be shown.
#include "base/check.h"
#include "query/text_query.h"
#include "query/text_snippet.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace telltale;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const size_t cut = bytes.find('\0');
  const std::string_view words = bytes.substr(0, cut);
  const std::string_view text = cut == std::string_view::npos ? bytes : bytes.substr(cut + 1);
  const Result<TextQuery> query = ParseTextQueryUntrusted(words);
  if (!query) {
    TELLTALE_CHECK(query.error().message.starts_with("column "), "an error says no column");
    return 0;
  }
  std::vector<TextMatch> matches;
  if (!TextMatcher(*query).Match(text, matches)) return 0;
  TELLTALE_CHECK(!matches.empty(), "a match of nothing");
  for (const TextMatch& match : matches)
    TELLTALE_CHECK(match.begin < match.end && match.end <= text.size(), "a match lies outside of its text");
  const TextSnippet snippet = MakeSnippet(text, matches);
  TELLTALE_CHECK(!snippet.matches.empty(), "a snippet without its match");
  for (const auto& range : snippet.matches)
    TELLTALE_CHECK(range.begin < range.end && range.end <= snippet.text.size(),
                   "a range outside of its snippet");
  RoleAt(text, matches.front().begin);
  return 0;
}
