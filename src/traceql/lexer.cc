#include "traceql/lexer.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <system_error>
#include <utility>

namespace telltale::traceql {
namespace {

bool IsDigit(char byte) {
  return byte >= '0' && byte <= '9';
}
bool IsLetter(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_';
}

struct Character {
  char32_t code = 0;
  size_t size = 1;
};

// Broken UTF-8 is U+FFFD, a byte at a time: the parser has refused it already, and half a
// character can only stand where an editor cut the text.
Character CharacterAt(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[at + i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return {first, 1};
  const size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC0 || at + size > text.size()) return {0xFFFD, 1};
  char32_t code = first & (0xFFU >> (size + 1));
  for (size_t i = 1; i < size; ++i) code = (code << 6) | (byte(i) & 0x3FU);
  return {code, size};
}

bool IsSpace(char32_t code) {
  return code == ' ' || (code >= '\t' && code <= '\r') || code == 0x85 || code == 0xA0 || code == 0x1680 ||
         (code >= 0x2000 && code <= 0x200A) || code == 0x2028 || code == 0x2029 || code == 0x202F ||
         code == 0x205F || code == 0x3000;
}

// Everything but space and what the language needs to go on: `a-b`, `http.route/x`, `é`.
bool IsKeyCharacter(char32_t code) {
  if (code < 0x20 || code == 0x7F || IsSpace(code)) return false;
  return code >= 0x80 ||
         std::string_view("{}()=~!<>&|^,\"").find(static_cast<char>(code)) == std::string_view::npos;
}

void AppendUtf8(char32_t code, std::string& text) {
  if (code < 0x80) {
    text += static_cast<char>(code);
  } else if (code < 0x800) {
    text += static_cast<char>(0xC0 | (code >> 6));
    text += static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    text += static_cast<char>(0xE0 | (code >> 12));
    text += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    text += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    text += static_cast<char>(0xF0 | (code >> 18));
    text += static_cast<char>(0x80 | ((code >> 12) & 0x3F));
    text += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    text += static_cast<char>(0x80 | (code & 0x3F));
  }
}

struct OperatorSpelling {
  std::string_view text;
  Operator op;
};

// The longest first among those that start alike.
constexpr OperatorSpelling kOperators[] = {
    {"&>>", Operator::kUnionDescendant},
    {"&<<", Operator::kUnionAncestor},
    {"!>>", Operator::kNoDescendant},
    {"!<<", Operator::kNoAncestor},
    {"&&", Operator::kAnd},
    {"||", Operator::kOr},
    {"!=", Operator::kNotEqual},
    {"!~", Operator::kNotMatches},
    {"=~", Operator::kMatches},
    {">=", Operator::kGreaterOrEqual},
    {"<=", Operator::kLessOrEqual},
    {">>", Operator::kDescendant},
    {"<<", Operator::kAncestor},
    {"!>", Operator::kNoChild},
    {"!<", Operator::kNoParent},
    {"&>", Operator::kUnionChild},
    {"&<", Operator::kUnionParent},
    {"&~", Operator::kUnionSibling},
    {"=", Operator::kEqual},
    {">", Operator::kGreater},
    {"<", Operator::kLess},
    {"~", Operator::kSibling},
    {"!", Operator::kNot},
    {"+", Operator::kAdd},
    {"-", Operator::kSubtract},
    {"*", Operator::kMultiply},
    {"/", Operator::kDivide},
    {"%", Operator::kModulo},
    {"^", Operator::kPower},
};

struct DurationUnit {
  std::string_view text;
  int64_t nano;
};

constexpr int64_t kSecond = 1'000'000'000;
constexpr DurationUnit kUnits[] = {
    {"ns", 1},
    {"us", 1'000},
    {"\xC2\xB5s", 1'000},  // U+00B5, the micro sign
    {"\xCE\xBCs", 1'000},  // U+03BC, the Greek letter
    {"ms", 1'000'000},
    {"s", kSecond},
    {"m", 60 * kSecond},
    {"h", 3'600 * kSecond},
    {"d", 86'400 * kSecond},
    {"w", 604'800 * kSecond},
    {"y", 31'536'000 * kSecond},
};
constexpr std::string_view kUnitsHint = "units are ns, us, ms, s, m, h, d, w and y, as in 1h30m";

// `digits` with an optional point, times `unit`; nothing if it does not fit.
std::optional<int64_t> Nanoseconds(std::string_view digits, int64_t unit) {
  __int128 whole = 0;
  __int128 part = 0;
  __int128 scale = 1;
  bool behind_point = false;
  for (const char byte : digits) {
    if (byte == '.') {
      behind_point = true;
    } else if (!behind_point) {
      whole = whole * 10 + (byte - '0');
      if (whole > std::numeric_limits<int64_t>::max()) return std::nullopt;
    } else if (scale < 1'000'000'000'000'000'000) {  // further digits are below a nanosecond
      part = part * 10 + (byte - '0');
      scale *= 10;
    }
  }
  const __int128 nano = whole * unit + part * unit / scale;
  if (nano > std::numeric_limits<int64_t>::max()) return std::nullopt;
  return static_cast<int64_t>(nano);
}

std::optional<char32_t> HexValue(std::string_view digits) {
  uint32_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

}  // namespace

std::string_view OperatorText(Operator op) {
  for (const OperatorSpelling& spelling : kOperators) {
    if (spelling.op == op) return spelling.text;
  }
  return "?";
}

bool IsPlainKey(std::string_view key) {
  if (key.empty()) return false;
  for (size_t at = 0; at < key.size();) {
    const Character character = CharacterAt(key, at);
    if (!IsKeyCharacter(character.code)) return false;
    // Legal, but a reader would take them for arithmetic.
    if (character.code < 0x80 &&
        std::string_view("+*%'`;?[]\\").find(static_cast<char>(character.code)) != std::string_view::npos)
      return false;
    at += character.size;
  }
  return true;
}

Lexeme Lexer::Next() {
  Lexeme lexeme;
  if (!SkipSpace(lexeme)) return lexeme;
  lexeme.range.begin = static_cast<uint32_t>(at_);
  if (at_ < text_.size()) lexeme = Read(std::move(lexeme));
  lexeme.range.end = static_cast<uint32_t>(at_);
  return lexeme;
}

// False: `lexeme` says what is wrong with a comment.
bool Lexer::SkipSpace(Lexeme& lexeme) {
  while (at_ < text_.size()) {
    const Character character = CharacterAt(text_, at_);
    if (IsSpace(character.code)) {
      at_ += character.size;
    } else if (Peek() == '/' && Peek(1) == '/') {
      at_ = std::min(text_.find('\n', at_), text_.size());
    } else if (Peek() == '/' && Peek(1) == '*') {
      const size_t end = text_.find("*/", at_ + 2);
      if (end == std::string_view::npos) {
        lexeme.range = {static_cast<uint32_t>(at_), static_cast<uint32_t>(at_ + 2)};
        at_ = text_.size();
        lexeme.unclosed = true;
        Invalid(lexeme, "this comment is not closed", "it ends with */");
        return false;
      }
      at_ = end + 2;
    } else {
      return true;
    }
  }
  return true;
}

Lexeme Lexer::Read(Lexeme lexeme) {
  const char first = Peek();
  if (first == '"') {
    QuotedString(lexeme);
  } else if (first == '`') {
    RawString(lexeme);
  } else if (IsDigit(first) || (first == '.' && IsDigit(Peek(1)))) {
    Number(lexeme);
  } else if (first == '.') {
    ++at_;
    lexeme.kind = LexemeKind::kAttribute;
    if (Key(lexeme) && lexeme.text.empty())
      Invalid(lexeme, "expected the name of an attribute behind the point", "as in .http.route");
  } else if (IsLetter(first)) {
    Name(lexeme);
  } else {
    Symbol(lexeme);
  }
  return lexeme;
}

void Lexer::Invalid(Lexeme& lexeme, std::string message, std::string hint) {
  lexeme.meant = lexeme.kind;
  lexeme.kind = LexemeKind::kInvalid;
  lexeme.message = std::move(message);
  lexeme.hint = std::move(hint);
}

void Lexer::Symbol(Lexeme& lexeme) {
  constexpr std::pair<char, LexemeKind> kBrackets[] = {
      {'{', LexemeKind::kOpenBrace},       {'}', LexemeKind::kCloseBrace},
      {'(', LexemeKind::kOpenParenthesis}, {')', LexemeKind::kCloseParenthesis},
      {',', LexemeKind::kComma},
  };
  for (const auto& [bracket, kind] : kBrackets) {
    if (Peek() == bracket) {
      lexeme.kind = kind;
      ++at_;
      return;
    }
  }
  const std::string_view rest = text_.substr(at_);
  for (const OperatorSpelling& spelling : kOperators) {
    if (rest.starts_with(spelling.text)) {
      lexeme.kind = LexemeKind::kOperator;
      lexeme.op = spelling.op;
      at_ += spelling.text.size();
      return;
    }
  }
  if (Peek() == '|') {
    lexeme.kind = LexemeKind::kPipe;
    ++at_;
    return;
  }
  const size_t size = CharacterAt(text_, at_).size;
  const std::string character(rest.substr(0, size));
  at_ += size;
  if (character == "'")
    return Invalid(lexeme, "a string does not stand in single quotes", "write \"text\" or `text`");
  if (character == "&") return Invalid(lexeme, "a single & is no operator", "and is &&");
  const bool shown = static_cast<unsigned char>(character[0]) >= 0x20 && character[0] != 0x7F;
  Invalid(lexeme, shown ? "unexpected character `" + character + "`" : "unexpected control character");
}

void Lexer::Number(Lexeme& lexeme) {
  const size_t begin = at_;
  while (IsDigit(Peek())) ++at_;
  bool whole = true;
  if (Peek() == '.' && IsDigit(Peek(1))) {
    whole = false;
    for (++at_; IsDigit(Peek());) ++at_;
  }
  const bool sign = Peek(1) == '+' || Peek(1) == '-';
  if ((Peek() == 'e' || Peek() == 'E') && IsDigit(Peek(sign ? 2 : 1))) {
    whole = false;
    for (at_ += sign ? 2 : 1; IsDigit(Peek());) ++at_;
  } else if (at_ < text_.size() && (IsLetter(Peek()) || CharacterAt(text_, at_).code == 0xB5 ||
                                    CharacterAt(text_, at_).code == 0x3BC)) {
    return DurationBehind(begin, lexeme);
  }

  const std::string digits(text_.substr(begin, at_ - begin));
  if (whole) {
    lexeme.kind = LexemeKind::kInteger;
    const auto error = std::from_chars(digits.data(), digits.data() + digits.size(), lexeme.integer).ec;
    if (error != std::errc())
      Invalid(lexeme, "the number " + digits + " does not fit into 64 bits",
              "with a point it is a real number");
    return;
  }
  lexeme.kind = LexemeKind::kReal;
  const auto error = std::from_chars(digits.data(), digits.data() + digits.size(), lexeme.real).ec;
  if (error != std::errc() || !std::isfinite(lexeme.real))
    Invalid(lexeme, "the number " + digits + " is out of range");
}

// `begin`: of the first number, behind which a unit begins.
void Lexer::DurationBehind(size_t begin, Lexeme& lexeme) {
  lexeme.kind = LexemeKind::kDuration;
  size_t number = begin;
  while (true) {
    const std::string_view digits = text_.substr(number, at_ - number);
    const size_t unit_begin = at_;
    while (at_ < text_.size() && (IsLetter(Peek()) || static_cast<unsigned char>(Peek()) >= 0x80)) {
      const Character character = CharacterAt(text_, at_);
      if (IsSpace(character.code)) break;
      at_ += character.size;
    }
    const std::string_view unit = text_.substr(unit_begin, at_ - unit_begin);
    const DurationUnit* found = nullptr;
    for (const DurationUnit& candidate : kUnits) {
      if (candidate.text == unit) found = &candidate;
    }
    if (found == nullptr) {
      if (unit.empty()) return Invalid(lexeme, "this duration ends without a unit", std::string(kUnitsHint));
      return Invalid(lexeme, "unknown unit `" + std::string(unit) + "`", std::string(kUnitsHint));
    }
    const std::optional<int64_t> nano = Nanoseconds(digits, found->nano);
    if (!nano || lexeme.nano > std::numeric_limits<int64_t>::max() - *nano)
      return Invalid(lexeme, "this duration is longer than 292 years");
    lexeme.nano += *nano;

    number = at_;
    while (IsDigit(Peek()) || (Peek() == '.' && IsDigit(Peek(1)))) ++at_;
    if (at_ == number) return;
    if (text_.substr(number, at_ - number).find('.') != text_.substr(number, at_ - number).rfind('.'))
      return Invalid(lexeme, "a number has one point at most");
  }
}

void Lexer::QuotedString(Lexeme& lexeme) {
  lexeme.kind = LexemeKind::kString;
  for (++at_; at_ < text_.size() && Peek() != '\n';) {
    if (Peek() == '"') {
      ++at_;
      return;
    }
    if (Peek() != '\\') {
      lexeme.text += text_[at_++];
    } else if (!Escape(lexeme)) {
      return;
    }
  }
  lexeme.unclosed = true;
  Invalid(lexeme, "this string is not closed", "it ends with \" on the same line");
}

bool Lexer::Escape(Lexeme& lexeme) {
  constexpr std::pair<char, char> kSimple[] = {{'a', '\a'}, {'b', '\b'},  {'f', '\f'},
                                               {'n', '\n'}, {'r', '\r'},  {'t', '\t'},
                                               {'v', '\v'}, {'\\', '\\'}, {'"', '"'}};
  const size_t begin = at_++;
  for (const auto& [letter, meaning] : kSimple) {
    if (Peek() == letter && at_ < text_.size()) {
      lexeme.text += meaning;
      ++at_;
      return true;
    }
  }
  const size_t digits = Peek() == 'x' ? 2 : Peek() == 'u' ? 4 : Peek() == 'U' ? 8 : 0;
  if (digits != 0) {
    const bool byte = digits == 2;
    const std::string_view written = text_.substr(at_ + 1, digits);
    const std::optional<char32_t> value = written.size() == digits ? HexValue(written) : std::nullopt;
    if (value && (byte || (*value <= 0x10FFFF && (*value < 0xD800 || *value > 0xDFFF)))) {
      if (byte) {
        lexeme.text += static_cast<char>(*value);
      } else {
        AppendUtf8(*value, lexeme.text);
      }
      at_ += 1 + digits;
      return true;
    }
  }
  if (digits != 0) {
    lexeme.range.begin = static_cast<uint32_t>(begin);
    const std::string escape(text_.substr(begin, 2));
    ++at_;
    Invalid(lexeme, "`" + escape + "` needs " + std::to_string(digits) + " hex digits of a character");
    return false;
  }
  // What is left of the string is not looked at: only its end is needed to go on.
  const size_t size = at_ < text_.size() ? CharacterAt(text_, at_).size : 0;
  const std::string shown(text_.substr(begin, 1 + size));
  lexeme.range.begin = static_cast<uint32_t>(begin);
  at_ += size;
  Invalid(lexeme, "unknown escape `" + shown + "` in a string",
          "a backslash is \\\\; between ` and ` nothing needs an escape");
  return false;
}

void Lexer::RawString(Lexeme& lexeme) {
  lexeme.kind = LexemeKind::kString;
  const size_t end = text_.find('`', at_ + 1);
  if (end == std::string_view::npos) {
    lexeme.text = text_.substr(at_ + 1);
    at_ = text_.size();
    lexeme.unclosed = true;
    return Invalid(lexeme, "this string is not closed", "it ends with `");
  }
  lexeme.text = text_.substr(at_ + 1, end - at_ - 1);
  at_ = end + 1;
}

void Lexer::Name(Lexeme& lexeme) {
  const size_t begin = at_;
  while (IsLetter(Peek()) || IsDigit(Peek())) ++at_;
  const std::string_view word = text_.substr(begin, at_ - begin);
  if (Peek() == ':') {
    for (++at_; IsLetter(Peek()) || IsDigit(Peek());) ++at_;
    lexeme.kind = LexemeKind::kColonName;
    lexeme.text = text_.substr(begin, at_ - begin);
  } else if (Peek() == '.') {
    Scoped(word, lexeme);
  } else {
    lexeme.kind = LexemeKind::kWord;
    lexeme.text = word;
  }
}

// At the point behind `scope`.
void Lexer::Scoped(std::string_view scope, Lexeme& lexeme) {
  ++at_;
  if (scope == "parent") return OfParent(lexeme);
  if (scope == "call") {
    lexeme.kind = LexemeKind::kCallField;
    if (Key(lexeme) && lexeme.text.empty())
      Invalid(lexeme, "expected the name of a field behind `call.`", "as in call.model");
    return;
  }
  const std::optional<AttributeScope> found = FindScope(scope);
  lexeme.kind = found ? LexemeKind::kAttribute : LexemeKind::kDottedName;
  lexeme.scope = found.value_or(AttributeScope::kAny);
  if (!Key(lexeme)) return;
  if (lexeme.text.empty() && found) {
    return Invalid(lexeme, "expected the name of an attribute behind `" + std::string(scope) + ".`",
                   "as in " + std::string(scope) + ".http.route");
  }
  if (!found) lexeme.text = std::string(scope) + "." + lexeme.text;
}

// Behind `parent.`: a scope and a key, a key, or an intrinsic.
void Lexer::OfParent(Lexeme& lexeme) {
  lexeme.kind = LexemeKind::kAttribute;
  lexeme.of_parent = true;
  const std::string_view rest = text_.substr(at_);
  for (const AttributeScope scope : {AttributeScope::kSpan, AttributeScope::kResource}) {
    const std::string prefix = std::string(ScopeName(scope)) + ".";
    if (!rest.starts_with(prefix)) continue;
    at_ += prefix.size();
    lexeme.scope = scope;
    break;
  }
  if (!Key(lexeme)) return;
  if (lexeme.text.empty())
    return Invalid(lexeme, "expected the name of a field behind `parent.`", "as in parent.duration");
  if (lexeme.quoted || lexeme.scope != AttributeScope::kAny) return;
  for (const std::string_view scope : {"event.", "link.", "instrumentation.", "call."}) {
    if (lexeme.text.starts_with(scope)) {
      return Invalid(lexeme, "`parent.` cannot be followed by `" + std::string(scope) + "`",
                     "it takes span., resource., an attribute or an intrinsic; for more of a parent write "
                     "{ ... } > { ... }");
    }
  }
}

// False: the lexeme is invalid.
bool Lexer::Key(Lexeme& lexeme) {
  while (at_ < text_.size()) {
    if (Peek() == '"') {
      if (!QuotedPart(lexeme)) return false;
      continue;
    }
    const Character character = CharacterAt(text_, at_);
    if (!IsKeyCharacter(character.code)) break;
    lexeme.text += text_.substr(at_, character.size);
    at_ += character.size;
  }
  return true;
}

bool Lexer::QuotedPart(Lexeme& lexeme) {
  lexeme.quoted = true;
  for (++at_; at_ < text_.size() && Peek() != '\n';) {
    if (Peek() == '"') {
      ++at_;
      return true;
    }
    if (Peek() == '\\') {
      ++at_;
      if (Peek() != '"' && Peek() != '\\') {
        lexeme.range.begin = static_cast<uint32_t>(at_ - 1);
        Invalid(lexeme, "unknown escape in the name of an attribute", "only \\\" and \\\\ are known there");
        return false;
      }
    }
    lexeme.text += text_[at_++];
  }
  lexeme.unclosed = true;
  Invalid(lexeme, "this name is not closed", "it ends with \" on the same line");
  return false;
}

}  // namespace telltale::traceql
