#include "query/text_snippet.h"

#include <algorithm>
#include <utility>

#include "content/words.h"

namespace telltale {
namespace {

// Bytes of the text: about two lines of a terminal.
constexpr size_t kBefore = 70;
constexpr size_t kBehind = 150;
// How much further a cut looks for the end of a word.
constexpr size_t kToSpace = 30;
constexpr size_t kRoleBytesMax = 32;
constexpr std::string_view kEllipsis = "…";

bool IsLead(char c) {
  return static_cast<uint8_t>(c) >= 0xC0;
}

// Where the shown part begins: not inside of a letter or an escape.
size_t BeginOf(std::string_view text, size_t match, bool is_json, bool& is_cut) {
  const size_t least = match > kBefore ? match - kBefore : 0;
  size_t begin = least;
  if (is_json) {
    // The string's own quote is the nearest one without a backslash.
    for (size_t i = match; i > least; --i) {
      if (text[i - 1] == '"' && (i < 2 || text[i - 2] != '\\')) {
        is_cut = false;
        return i;
      }
    }
  }
  is_cut = begin > 0;
  if (begin == 0) return 0;
  while (begin < match && text[begin - 1] != ' ' && !IsLead(text[begin])) ++begin;
  return begin;
}

class Writer {
 public:
  Writer(std::string_view text, std::span<const TextMatch> matches, bool is_json)
      : text_(text), matches_(matches), is_json_(is_json) {}

  TextSnippet Write(size_t begin, bool is_cut) {
    if (is_cut) Add(kEllipsis, 1);
    const size_t end = matches_.front().end + kBehind;
    at_ = begin;
    while (at_ < text_.size()) {
      if (is_json_ && text_[at_] == '"' && at_ >= matches_.front().end) break;
      const bool is_far = at_ >= end && (text_[at_] == ' ' || IsLead(text_[at_]) || at_ >= end + kToSpace);
      if (is_far && !is_open_) {
        Add(kEllipsis, 1);
        break;
      }
      AddLetter();
    }
    Close();
    return std::move(snippet_);
  }

 private:
  void Add(std::string_view text, uint32_t units) {
    snippet_.text += text;
    units_ += units;
  }

  // Matches that end here, or begin in the letter of `size` bytes that comes next: what a text may mean by a
  // backslash, a match and an escape may see differently.
  void Mark(size_t size) {
    if (is_open_ && at_ >= end_) Close();
    if (is_open_) return;
    while (next_ < matches_.size() && matches_[next_].end <= at_) ++next_;
    if (next_ == matches_.size() || matches_[next_].begin >= at_ + size) return;
    is_open_ = true;
    end_ = matches_[next_].end;
    snippet_.matches.push_back({units_, units_});
  }
  void Close() {
    if (is_open_) snippet_.matches.back().end = units_;
    is_open_ = false;
  }

  void AddLetter() {
    uint32_t size = 0;
    char32_t code = 0;
    if (is_json_ && text_[at_] == '\\') code = DecodeJsonEscape(text_, at_, size);
    if (size == 0) code = DecodeUtf8(text_.substr(at_), size);
    Mark(size);
    if (code < 0x20 && code != '\n' && code != '\t') code = ' ';
    AppendUtf8(code, snippet_.text);
    units_ += code > 0xFFFF ? 2 : 1;
    at_ += size;
  }

  std::string_view text_;
  std::span<const TextMatch> matches_;
  const bool is_json_;
  TextSnippet snippet_;
  uint32_t units_ = 0;
  size_t at_ = 0;
  size_t next_ = 0;
  bool is_open_ = false;
  size_t end_ = 0;  // of the match that is open
};

// What stands behind "role": in an object.
std::string_view RoleIn(std::string_view object) {
  constexpr std::string_view kKey = "\"role\"";
  size_t at = object.find(kKey);
  if (at == std::string_view::npos) return {};
  at = object.find_first_not_of(" \t\r\n:", at + kKey.size());
  if (at == std::string_view::npos || object[at] != '"') return {};
  const size_t end = object.find_first_of("\"\\", at + 1);
  if (end == std::string_view::npos || object[end] != '"' || end - at - 1 > kRoleBytesMax) return {};
  return object.substr(at + 1, end - at - 1);
}

}  // namespace

TextSnippet MakeSnippet(std::string_view text, std::span<const TextMatch> matches) {
  const bool is_json = LooksLikeJsonPiece(text);
  bool is_cut = false;
  const size_t begin = BeginOf(text, matches.front().begin, is_json, is_cut);
  return Writer(text, matches, is_json).Write(begin, is_cut);
}

std::string_view RoleAt(std::string_view text, size_t at) {
  if (!LooksLikeJsonPiece(text)) return {};
  std::vector<size_t> open;
  bool is_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\') {
      ++i;
    } else if (c == '"') {
      is_string = !is_string;
    } else if (!is_string && c == '{') {
      open.push_back(i);
    } else if (!is_string && c == '}' && !open.empty()) {
      const size_t begin = open.back();
      open.pop_back();
      if (begin > at || i < at) continue;
      if (const std::string_view role = RoleIn(text.substr(begin, i - begin)); !role.empty()) return role;
    }
  }
  return {};
}

}  // namespace telltale
