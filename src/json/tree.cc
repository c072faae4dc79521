#include "json/tree.h"

#include <bit>
#include <charconv>
#include <cstring>

namespace telltale {
namespace {

bool IsSpace(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

// Where the first `quote` or backslash at or after `at` is, eight bytes at a time.
const char* FindQuoteOrBackslash(const char* at, const char* end, char quote) {
  constexpr uint64_t kOnes = 0x0101010101010101;
  constexpr uint64_t kHighs = 0x8080808080808080;
  const uint64_t quotes = kOnes * static_cast<uint8_t>(quote);
  constexpr uint64_t kBackslashes = kOnes * static_cast<uint8_t>('\\');
  while (end - at >= 8) {
    uint64_t word;
    std::memcpy(&word, at, 8);
    const uint64_t a = word ^ quotes;
    const uint64_t b = word ^ kBackslashes;
    const uint64_t hit = (((a - kOnes) & ~a) | ((b - kOnes) & ~b)) & kHighs;
    if (hit != 0) {
      static_assert(std::endian::native == std::endian::little);
      return at + std::countr_zero(hit) / 8;
    }
    at += 8;
  }
  while (at != end && *at != quote && *at != '\\') ++at;
  return at;
}

void AppendUtf8(uint32_t code, std::string& out) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | code >> 6);
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0 | code >> 12);
    out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | code >> 18);
    out += static_cast<char>(0x80 | (code >> 12 & 0x3F));
    out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  }
}

// `digits` hex digits at `at` as a number.
bool ReadHex(std::string_view raw, size_t at, size_t digits, uint32_t& code) {
  if (raw.size() < at + digits) return false;
  const auto read = std::from_chars(raw.data() + at, raw.data() + at + digits, code, 16);
  return read.ec == std::errc() && read.ptr == raw.data() + at + digits;
}

// The \u escape whose backslash is at `at`, a surrogate pair as one character; gives
// how many characters it took, 0 when it is none.
size_t ReadUnicodeEscape(std::string_view raw, size_t at, uint32_t& code) {
  if (!ReadHex(raw, at + 2, 4, code)) return 0;
  if (code < 0xD800 || code > 0xDFFF) return 6;
  uint32_t low;
  if (code < 0xDC00 && raw.substr(at + 6, 2) == "\\u" && ReadHex(raw, at + 8, 4, low) && low >= 0xDC00 &&
      low <= 0xDFFF) {
    code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    return 12;
  }
  code = 0xFFFD;
  return 6;
}

char SimpleEscape(char c) {
  switch (c) {
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case 'r':
      return '\r';
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case '"':
    case '\'':
    case '\\':
    case '/':
      return c;
    default:
      return 0;
  }
}

// Appends what the escape at `at` means; gives how many characters it took.
size_t AppendEscape(std::string_view raw, size_t at, std::string& out) {
  uint32_t code;
  if (at + 1 < raw.size()) {
    if (const char simple = SimpleEscape(raw[at + 1]); simple != 0) {
      out += simple;
      return 2;
    }
    if (raw[at + 1] == 'u') {
      if (const size_t taken = ReadUnicodeEscape(raw, at, code); taken > 0) {
        AppendUtf8(code, out);
        return taken;
      }
    }
    // Python's own.
    if (raw[at + 1] == 'x' && ReadHex(raw, at + 2, 2, code)) {
      AppendUtf8(code, out);
      return 4;
    }
    if (raw[at + 1] == 'U' && ReadHex(raw, at + 2, 8, code) && code <= 0x10FFFF) {
      AppendUtf8(code, out);
      return 10;
    }
  }
  out += '\\';
  return 1;
}

}  // namespace

void AppendUnescaped(std::string_view raw, std::string& out) {
  size_t at = 0;
  while (at < raw.size()) {
    const size_t backslash = raw.find('\\', at);
    if (backslash == std::string_view::npos) break;
    out.append(raw, at, backslash - at);
    at = backslash + AppendEscape(raw, backslash, out);
  }
  if (at < raw.size()) out.append(raw, at);
}

class JsonTree::Parser {
 public:
  Parser(JsonTree& tree, JsonNotation notation)
      : nodes_(tree.nodes_),
        begin_(tree.text_.data()),
        at_(begin_),
        end_(begin_ + tree.text_.size()),
        is_python_(notation == JsonNotation::kPython) {}

  bool Run() {
    SkipSpace();
    if (!ReadValue(0)) return false;
    SkipSpace();
    return at_ == end_;
  }

 private:
  void SkipSpace() {
    while (at_ != end_ && IsSpace(*at_)) ++at_;
  }
  uint32_t Offset() const { return static_cast<uint32_t>(at_ - begin_); }
  size_t Open(JsonType type) {
    nodes_.push_back({.begin = Offset(), .end = 0, .next = 0, .type = type, .has_escapes = false});
    return nodes_.size() - 1;
  }
  bool Close(size_t node) {
    nodes_[node].end = Offset();
    nodes_[node].next = static_cast<uint32_t>(nodes_.size());
    return true;
  }

  bool ReadValue(int depth) {
    if (at_ == end_ || nodes_.size() >= kJsonNodesMax) return false;
    switch (*at_) {
      case '{':
        return depth < kJsonDepthMax && ReadObject(depth);
      case '[':
        return depth < kJsonDepthMax && ReadArray(']', depth);
      case '(':
        return is_python_ && depth < kJsonDepthMax && ReadArray(')', depth);
      case '"':
        return ReadString();
      case '\'':
        return is_python_ && ReadString();
      case '<':
        return is_python_ && depth < kJsonDepthMax && ReadEnum(depth);
      default:
        return is_python_ && IsConstructor() ? depth < kJsonDepthMax && ReadConstructor(depth)
                                             : ReadWordOrNumber();
    }
  }

  static bool IsNamePart(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
  }
  const char* EndOfName(const char* at) const {
    while (at != end_ && IsNamePart(*at)) ++at;
    return at;
  }
  bool IsConstructor() const {
    const char* after = EndOfName(at_);
    return after != at_ && after != end_ && *after == '(';
  }

  // Usage(total=5, details=None): an object of its named arguments. One without a name has
  // the key "".
  bool ReadConstructor(int depth) {
    const size_t node = Open(JsonType::kObject);
    at_ = EndOfName(at_) + 1;
    SkipSpace();
    while (at_ != end_ && *at_ != ')') {
      const size_t key = Open(JsonType::kString);
      const char* after = EndOfName(at_);
      if (after != at_ && after != end_ && *after == '=') {
        at_ = after;
        Close(key);
        ++at_;
      } else {
        Close(key);
      }
      if (!ReadValue(depth + 1) || !EndElement(')')) return false;
    }
    if (at_ == end_) return false;
    ++at_;
    return Close(node);
  }

  // <Role.USER: 'user'>: its value.
  bool ReadEnum(int depth) {
    at_ = EndOfName(at_ + 1);
    if (at_ == end_ || *at_ != ':') return false;
    ++at_;
    SkipSpace();
    if (!ReadValue(depth + 1) || at_ == end_ || *at_ != '>') return false;
    ++at_;
    return true;
  }

  bool ReadObject(int depth) {
    const size_t node = Open(JsonType::kObject);
    ++at_;
    SkipSpace();
    while (at_ != end_ && *at_ != '}') {
      // Python's dicts may have numbers and words as keys.
      if (is_python_ ? !ReadValue(depth + 1) : (*at_ != '"' || !ReadString())) return false;
      SkipSpace();
      if (at_ == end_ || *at_ != ':') return false;
      ++at_;
      SkipSpace();
      if (!ReadValue(depth + 1) || !EndElement('}')) return false;
    }
    if (at_ == end_) return false;
    ++at_;
    return Close(node);
  }

  bool ReadArray(char bracket, int depth) {
    const size_t node = Open(JsonType::kArray);
    ++at_;
    SkipSpace();
    while (at_ != end_ && *at_ != bracket) {
      if (!ReadValue(depth + 1) || !EndElement(bracket)) return false;
    }
    if (at_ == end_) return false;
    ++at_;
    return Close(node);
  }

  // After a value: a comma and another one, or the closing bracket.
  bool EndElement(char bracket) {
    SkipSpace();
    if (at_ == end_) return false;
    if (*at_ == bracket) return true;
    if (*at_ != ',') return false;
    ++at_;
    SkipSpace();
    return at_ != end_ && (*at_ != bracket || is_python_);
  }

  bool ReadString() {
    const char quote = *at_++;
    const size_t node = Open(JsonType::kString);
    while (true) {
      at_ = FindQuoteOrBackslash(at_, end_, quote);
      if (at_ == end_) return false;
      if (*at_ == quote) break;
      nodes_[node].has_escapes = true;
      if (end_ - at_ < 2) return false;
      at_ += 2;
    }
    Close(node);
    ++at_;
    return true;
  }

  bool ReadWordOrNumber() {
    const char* start = at_;
    const size_t node = Open(JsonType::kNumber);
    while (at_ != end_ && !IsSpace(*at_) && *at_ != ',' && *at_ != ']' && *at_ != '}' && *at_ != ':' &&
           *at_ != ')' && !(is_python_ && *at_ == '>'))
      ++at_;
    const std::string_view word(start, static_cast<size_t>(at_ - start));
    if (word == "true" || word == "false" || (is_python_ && (word == "True" || word == "False"))) {
      nodes_[node].type = JsonType::kBool;
    } else if (word == "null" || (is_python_ && word == "None")) {
      nodes_[node].type = JsonType::kNull;
    } else if (!IsNumber(word)) {
      return false;
    }
    return Close(node);
  }

  static bool IsNumber(std::string_view word) {
    if (word == "NaN" || word == "Infinity" || word == "-Infinity") return true;  // Python's json writes them
    double ignored;
    const auto read = std::from_chars(word.data(), word.data() + word.size(), ignored);
    return !word.empty() && read.ptr == word.data() + word.size() && read.ec != std::errc::invalid_argument &&
           (word[0] == '-' || (word[0] >= '0' && word[0] <= '9'));
  }

  std::vector<JsonNode>& nodes_;
  const char* begin_;
  const char* at_;
  const char* end_;
  bool is_python_;
};

bool JsonTree::ParseUntrusted(std::string_view text, JsonNotation notation) {
  nodes_.clear();
  text_ = text;
  if (text.size() <= kJsonBytesMax && Parser(*this, notation).Run()) return true;
  nodes_.clear();
  return false;
}

JsonType JsonValue::type() const {
  if (tree_ == nullptr || index_ >= tree_->nodes_.size()) return JsonType::kMissing;
  return tree_->nodes_[index_].type;
}

std::string_view JsonValue::raw() const {
  if (is_missing()) return {};
  const JsonNode& node = tree_->nodes_[index_];
  return tree_->text_.substr(node.begin, node.end - node.begin);
}

std::string_view JsonValue::json() const {
  if (!is_string()) return raw();
  const JsonNode& node = tree_->nodes_[index_];
  return tree_->text_.substr(node.begin - 1, node.end - node.begin + 2);
}

std::string_view JsonValue::Text(Arena& arena) const {
  if (is_missing() || is_null()) return {};
  if (!is_string() || !tree_->nodes_[index_].has_escapes) return raw();
  std::string text;
  AppendUnescaped(raw(), text);
  return arena.Copy(text);
}

std::optional<double> JsonValue::Number() const {
  if (type() != JsonType::kNumber && !is_string()) return std::nullopt;
  const std::string_view text = raw();
  double number;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<bool> JsonValue::Bool() const {
  if (type() != JsonType::kBool) return std::nullopt;
  return raw()[0] == 't' || raw()[0] == 'T';
}

JsonValue JsonValue::operator[](std::string_view key) const {
  const Range all = members();
  for (Iterator at = all.first; at != all.last; ++at) {
    if (at.key() == key) return *at;
  }
  return {};
}

JsonValue::Iterator& JsonValue::Iterator::operator++() {
  if (members_) index_ = tree_->nodes_[index_].next;
  index_ = tree_->nodes_[index_].next;
  return *this;
}

std::string_view JsonValue::Iterator::key() const {
  return JsonValue(tree_, index_).raw();
}

JsonValue::Range JsonValue::items() const {
  if (!is_array()) return {Iterator(tree_, 0, false), Iterator(tree_, 0, false)};
  return {Iterator(tree_, index_ + 1, false), Iterator(tree_, tree_->nodes_[index_].next, false)};
}

JsonValue::Range JsonValue::members() const {
  if (!is_object()) return {Iterator(tree_, 0, true), Iterator(tree_, 0, true)};
  return {Iterator(tree_, index_ + 1, true), Iterator(tree_, tree_->nodes_[index_].next, true)};
}

}  // namespace telltale
