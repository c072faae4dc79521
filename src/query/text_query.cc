#include "query/text_query.h"

#include <algorithm>
#include <utility>

#include "content/word_groups.h"
#include "content/words.h"

namespace telltale {
namespace {

constexpr std::string_view kSpaces = " \t\r\n";

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Result<TextQuery> Parse() {
    if (text_.size() > kTextQueryBytesMax)
      return Wrong(kTextQueryBytesMax, "it is longer than " + std::to_string(kTextQueryBytesMax) + " bytes");
    while (true) {
      at_ = std::min(text_.find_first_not_of(kSpaces, at_), text_.size());
      if (at_ == text_.size()) break;
      if (query_.terms.size() == kTermsMax)
        return Wrong(at_, "more than " + std::to_string(kTermsMax) + " words and phrases");
      TELLTALE_RETURN_IF_ERROR(ReadTerm());
    }
    const auto is_wanted = [](const TextTerm& term) { return !term.is_excluded; };
    if (std::ranges::none_of(query_.terms, is_wanted))
      return Wrong(
          text_.size(), "a word to search for is missing",
          query_.terms.empty() ? "words, \"a phrase\", begin*, -not" : "beside those that are left out");
    return std::move(query_);
  }

 private:
  std::unexpected<Error> Wrong(size_t at, const std::string& why, std::string hint = {}) const {
    const auto letters = std::ranges::count_if(
        text_.substr(0, at), [](char c) { return (static_cast<uint8_t>(c) & 0xC0) != 0x80; });
    return Fail(ErrorCode::kInvalidInput, "column " + std::to_string(letters + 1) + ": " + why,
                std::move(hint));
  }

  Status ReadTerm() {
    const size_t begin = at_;
    TextTerm term;
    if (text_[at_] == '-') {
      term.is_excluded = true;
      ++at_;
    }
    std::string_view words;
    if (at_ < text_.size() && text_[at_] == '"') {
      const size_t end = text_.find('"', at_ + 1);
      if (end == std::string_view::npos)
        return Wrong(at_, "the quote is not closed", "end the phrase with \"");
      words = text_.substr(at_ + 1, end - at_ - 1);
      at_ = end + 1;
    } else {
      const size_t end = std::min(text_.find_first_of(" \t\r\n\"", at_), text_.size());
      words = text_.substr(at_, end - at_);
      const size_t star = words.find('*');
      if (star != std::string_view::npos && star + 1 != words.size())
        return Wrong(at_ + star, "a * stands at the end of a word",
                     "write the beginning of one word, then *");
      term.is_prefix = star != std::string_view::npos;
      words = words.substr(0, star);
      at_ = end;
    }
    return AddTerm(std::move(term), words, begin);
  }

  Status AddTerm(TextTerm term, std::string_view text, size_t begin) {
    const std::string shown(text_.substr(begin, at_ - begin));
    Word word, last;
    std::string single;  // the letter before, of a script without spaces
    bool has_word = false;
    for (WordReader words(text); words.Next(word); last = word) {
      if (has_word && word.place == last.place) continue;  // another reading of the same word
      has_word = true;
      term.words.emplace_back(word.text);
      if (word.is_single && !single.empty()) {
        term.keys.push_back(KeyOfPair(single, word.text));
      } else if (!IsDecimals(text, word)) {
        term.keys.push_back(KeyOfWord(word.text));
      }
      single = word.is_single ? std::string(word.text) : std::string();
    }
    if (!has_word) return Wrong(begin, "`" + shown + "` has no letter and no digit");
    if (term.is_prefix) TELLTALE_RETURN_IF_ERROR(MakePrefix(!single.empty(), term, begin));
    if (term.keys.empty() && !term.is_excluded)
      return Wrong(begin, "`" + shown + "`: the digits behind a point are not searched for alone");
    query_.terms.push_back(std::move(term));
    return {};
  }

  // A letter that is a word of its own begins nothing longer.
  Status MakePrefix(bool ends_in_single, TextTerm& term, size_t begin) {
    if (ends_in_single) {
      term.is_prefix = false;
      return {};
    }
    const std::string_view prefix = PrefixOf(term.words.back());
    if (prefix.empty())
      return Wrong(begin, "a beginning has at least " + std::to_string(kPrefixLetters) + " letters",
                   "write more of `" + term.words.back() + "*`, or the whole word");
    if (!term.keys.empty()) term.keys.pop_back();
    term.keys.push_back(KeyOfPrefix(prefix));
    return {};
  }

  std::string_view text_;
  size_t at_ = 0;
  TextQuery query_;
};

}  // namespace

Result<TextQuery> ParseTextQueryUntrusted(std::string_view text) {
  return Parser(text).Parse();
}

TextMatcher::TextMatcher(const TextQuery& query) : query_(query) {
  for (const TextTerm& term : query.terms) {
    for (const std::string& word : term.words) first_bytes_.set(static_cast<uint8_t>(word.front()));
  }
}

bool TextMatcher::IsWordOf(size_t term, size_t index, std::string_view word) const {
  const TextTerm& wanted = query_.terms[term];
  const bool is_beginning = wanted.is_prefix && index + 1 == wanted.words.size();
  return is_beginning ? word.starts_with(wanted.words[index]) : word == wanted.words[index];
}

bool TextMatcher::Match(std::string_view text, std::vector<TextMatch>& matches) {
  matches.clear();
  if (!HasWords(text)) return false;
  begun_.clear();
  next_.clear();
  found_.assign(query_.terms.size(), 0);
  uint32_t place = 0;
  // False: the text is refused.
  const auto take = [&](Begun begun, const Word& word) {
    const TextTerm& term = query_.terms[begun.term];
    ++begun.words;
    begun.place = word.place;
    if (begun.words < term.words.size()) {
      next_.push_back(begun);
      return true;
    }
    if (term.is_excluded) return false;
    found_[begun.term] = 1;
    matches.push_back({begun.begin, word.end});
    return true;
  };
  Word word;
  for (WordReader words(text); words.Next(word);) {
    if (word.place != place) {
      place = word.place;
      std::swap(begun_, next_);
      next_.clear();
    }
    if (!first_bytes_.test(static_cast<uint8_t>(word.text.front()))) continue;
    for (const Begun& begun : begun_) {
      if (begun.place + 1 == word.place && IsWordOf(begun.term, begun.words, word.text) && !take(begun, word))
        return false;
    }
    for (size_t term = 0; term < query_.terms.size(); ++term) {
      if (IsWordOf(term, 0, word.text) && !take({.term = term, .begin = word.begin}, word)) return false;
    }
  }
  for (size_t term = 0; term < query_.terms.size(); ++term) {
    if (!query_.terms[term].is_excluded && found_[term] == 0) return false;
  }
  std::ranges::sort(matches, {}, [](const TextMatch& match) { return std::pair(match.begin, match.end); });
  const auto same = std::ranges::unique(matches);
  matches.erase(same.begin(), same.end());
  return true;
}

}  // namespace telltale
