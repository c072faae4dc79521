#include "query/text_query.h"

#include <gtest/gtest.h>

#include "query/text_snippet.h"

namespace telltale {
namespace {

// The grammar, golden: what is written -> the terms; the error with its column.
std::string ReadAs(std::string_view text) {
  const Result<TextQuery> query = ParseTextQueryUntrusted(text);
  if (!query) return query.error().message;
  std::string out;
  for (const TextTerm& term : query->terms) {
    if (!out.empty()) out += " & ";
    if (term.is_excluded) out += "not ";
    for (size_t i = 0; i < term.words.size(); ++i) out += (i > 0 ? "+" : "") + term.words[i];
    if (term.is_prefix) out += "*";
  }
  return out;
}

TEST(TextQuery, IsWordsPhrasesBeginningsAndWhatIsLeftOut) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"refund", "refund"},
      {"Refund  ORDER", "refund & order"},
      {"\"visa card\" order", "visa+card & order"},
      {"get_weather", "get+weather"},
      {"confer* -test -\"a b\"", "confer* & not test & not a+b"},
      {"東京 -大阪", "東+京 & not 大+阪"},
      {"東京*", "東+京"},
      {"Café größ*", "café & größ*"},
      {"a\"b c\"d", "a & b+c & d"},
      {"don't", "don+t"},
      {"", "column 1: a word to search for is missing"},
      {"   ", "column 4: a word to search for is missing"},
      {"-test", "column 6: a word to search for is missing"},
      {"é \"open", "column 3: the quote is not closed"},
      {"order ***", "column 7: a * stands at the end of a word"},
      {"a*b", "column 2: a * stands at the end of a word"},
      {"ord*", "column 1: a beginning has at least 4 letters"},
      {"order ...", "column 7: `...` has no letter and no digit"},
      {"order -", "column 7: `-` has no letter and no digit"},
      {"\"\"", "column 1: `\"\"` has no letter and no digit"},
      {"*", "column 1: `*` has no letter and no digit"},
      {"a b c d e f g h i j k l m n o p q", "column 33: more than 16 words and phrases"},
  };
  for (const auto& [text, read] : cases) EXPECT_EQ(ReadAs(text), read) << text;
}

TEST(TextQuery, HasAnEndToItsLength) {
  EXPECT_EQ(ReadAs(std::string(1001, 'a')), "column 1001: it is longer than 1000 bytes");
}

// The matches in brackets; "no": none.
std::string Found(std::string_view words, std::string_view text) {
  const Result<TextQuery> query = ParseTextQueryUntrusted(words);
  EXPECT_TRUE(query) << words;
  std::vector<TextMatch> matches;
  if (!TextMatcher(*query).Match(text, matches)) return "no";
  std::string out;
  size_t at = 0;
  for (const TextMatch& match : matches) {
    out.append(text.substr(at, match.begin - at)).append("[");
    out.append(text.substr(match.begin, match.end - match.begin)).append("]");
    at = match.end;
  }
  return out.append(text.substr(at));
}

TEST(TextMatcher, WantsEveryTermAndNoneThatIsLeftOut) {
  EXPECT_EQ(Found("refund order", "A refund of the Order, a refund"),
            "A [refund] of the [Order], a [refund]");
  EXPECT_EQ(Found("refund order", "A refund"), "no");
  EXPECT_EQ(Found("refund -order", "A refund of the order"), "no");
  EXPECT_EQ(Found("fund", "A refund"), "no");
}

TEST(TextMatcher, FindsWordsSideBySide) {
  EXPECT_EQ(Found("\"new york\"", "a new new, York minute"), "a new [new, York] minute");
  EXPECT_EQ(Found("\"new york\"", "new in york"), "no");
  EXPECT_EQ(Found("\"a a b\"", "a a a b"), "a [a a b]");
  EXPECT_EQ(Found("get_weather", R"({"name":"get_weather"})"), R"({"name":"[get_weather]"})");
  EXPECT_EQ(Found("weather", R"({"name":"get_weather"})"), R"({"name":"get_[weather]"})");
}

TEST(TextMatcher, FindsBeginnings) {
  EXPECT_EQ(Found("conf*", "Conference, conf and con"), "[Conference], [conf] and con");
  EXPECT_EQ(Found("\"the\" conf*", "conferring"), "no");
}

TEST(TextMatcher, FindsWhatIsBehindEscapes) {
  EXPECT_EQ(Found("hello", R"({"content":"a\nHello"})"), R"({"content":"a\n[Hello]"})");
  EXPECT_EQ(Found("café", R"({"content":"caf\u00e9"})"), R"({"content":"[caf\u00e9]"})");
  EXPECT_EQ(Found("\"one two\"", R"({"x":"one\ntwo"})"), R"({"x":"[one\ntwo]"})");
  EXPECT_EQ(Found("new", R"(C:\new)"), R"(C:\[new])");
  EXPECT_EQ(Found("\"c new x\"", R"(C:\new\x)"), R"([C:\new\x])");
}

TEST(TextMatcher, FindsScriptsWithoutSpaces) {
  EXPECT_EQ(Found("東京", "私は東京に京都"), "私は[東京]に京都");
  EXPECT_EQ(Found("京", "東京"), "東[京]");
}

// Shown with its matches in brackets, which are counted in UTF-16.
std::string Shown(std::string_view words, std::string_view text) {
  const Result<TextQuery> query = ParseTextQueryUntrusted(words);
  std::vector<TextMatch> matches;
  EXPECT_TRUE(TextMatcher(*query).Match(text, matches)) << words;
  const TextSnippet snippet = MakeSnippet(text, matches);
  std::string out;
  uint32_t units = 0;
  size_t next = 0;
  for (size_t at = 0; at <= snippet.text.size();) {
    if (next < snippet.matches.size() && snippet.matches[next].end == units) {
      out += ']';
      ++next;
    }
    if (next < snippet.matches.size() && snippet.matches[next].begin == units) out += '[';
    if (at == snippet.text.size()) break;
    const auto lead = static_cast<uint8_t>(snippet.text[at]);
    const size_t size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    out += snippet.text.substr(at, size);
    units += size == 4 ? 2 : 1;
    at += size;
  }
  return out;
}

TEST(Snippet, ShowsTheTextAroundTheFirstMatch) {
  EXPECT_EQ(Shown("order", "Where is my order?"), "Where is my [order]?");
  const std::string before(40, 'x'), long_text = before + " " + before + " order " + std::string(300, 'y');
  EXPECT_EQ(Shown("order", long_text), "…" + before + " [order] " + std::string(179, 'y') + "…");
}

TEST(Snippet, ShowsTheStringOfJsonThatHasTheMatch) {
  EXPECT_EQ(Shown("hello", R"({"role":"user","content":"say \"Hello\"\nto caf\u00e9 \ud83d\ude80","n":1})"),
            "say \"[Hello]\"\nto café 🚀");
}

TEST(Snippet, CountsAsJavaScriptDoes) {
  EXPECT_EQ(Shown("東京 order", "🚀🚀 東京 🚀 order"), "🚀🚀 [東京] 🚀 [order]");
  EXPECT_EQ(Shown("order", R"({"c":"\ud83d\ude80 order"})"), "🚀 [order]");
}

TEST(Snippet, IsCutBetweenLetters) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "東";
  EXPECT_TRUE(Shown("京都", text + "京都" + text).starts_with("…東"));
}

TEST(Snippet, MarksAMatchThatAnEscapeSeesDifferently) {
  const std::string_view text = R"(,\\\\rd\\\aP)";
  EXPECT_TRUE(Shown("rd", text).contains("[rd]")) << Shown("rd", text);
  EXPECT_TRUE(Shown("n", R"({"a":"\\\n"})").contains("[")) << Shown("n", R"({"a":"\\\n"})");
}

TEST(Role, IsThatOfTheMessageAroundTheMatch) {
  const std::string_view text =
      R"({"role":"user","parts":[{"type":"text","content":"one"}]},{"parts":[{"content":"two"}],"role":"tool"})";
  EXPECT_EQ(RoleAt(text, text.find("one")), "user");
  EXPECT_EQ(RoleAt(text, text.find("two")), "tool");
  EXPECT_EQ(RoleAt("the role of a user", 4), "");
}

}  // namespace
}  // namespace telltale
