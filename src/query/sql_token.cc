#include "query/sql_token.h"

#include <algorithm>

namespace telltale {
namespace {

using Kind = SqlToken::Kind;

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

bool IsWordPart(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || IsDigit(c);
}

// Past the closing quote; a backslash takes the next character with it.
size_t EndOfQuote(std::string_view sql, size_t at) {
  const char quote = sql[at];
  for (size_t i = at + 1; i < sql.size(); ++i) {
    if (sql[i] == '\\') {
      ++i;
    } else if (sql[i] == quote) {
      return i + 1;
    }
  }
  return sql.size();
}

// A type may have quotes in it: {x:Enum8('}' = 1)}.
size_t EndOfParameter(std::string_view sql, size_t at) {
  for (size_t i = at + 1; i < sql.size();) {
    if (sql[i] == '}') return i + 1;
    i = sql[i] == '\'' || sql[i] == '`' ? EndOfQuote(sql, i) : i + 1;
  }
  return sql.size();
}

size_t EndOfNumber(std::string_view sql, size_t at) {
  size_t end = at;
  while (end < sql.size()) {
    const bool is_exponent_sign = (sql[end] == '-' || sql[end] == '+') && end > at &&
                                  (sql[end - 1] == 'e' || sql[end - 1] == 'E') && IsDigit(sql[at]);
    if (!IsWordPart(sql[end]) && sql[end] != '.' && !is_exponent_sign) break;
    ++end;
  }
  return end;
}

}  // namespace

std::vector<SqlToken> ReadSqlTokensUntrusted(std::string_view sql) {
  std::vector<SqlToken> tokens;
  for (size_t at = 0; at < sql.size();) {
    const char c = sql[at];
    if (c == ' ' || c == '\n' || c == '\t' || c == '\r') {
      ++at;
      continue;
    }
    Kind kind = Kind::kSymbol;
    size_t end = at + 1;
    // Behind a point stands the number of a part of a tuple, which has no point itself: t.1.2
    const bool is_part = !tokens.empty() && tokens.back().text == "." && tokens.back().at + 1 == at;
    if (c == '\'') {
      kind = Kind::kText;
      end = EndOfQuote(sql, at);
    } else if (c == '`' || c == '"') {
      kind = Kind::kName;
      end = EndOfQuote(sql, at);
    } else if (c == '{') {
      kind = Kind::kParameter;
      end = EndOfParameter(sql, at);
    } else if (IsDigit(c)) {
      kind = Kind::kNumber;
      end = is_part ? static_cast<size_t>(
                          std::find_if_not(sql.begin() + static_cast<ptrdiff_t>(at), sql.end(), IsDigit) -
                          sql.begin())
                    : EndOfNumber(sql, at);
    } else if (IsWordPart(c)) {
      kind = Kind::kWord;
      while (end < sql.size() && IsWordPart(sql[end])) ++end;
    }
    tokens.push_back({.kind = kind, .at = at, .text = sql.substr(at, end - at)});
    at = end;
  }
  return tokens;
}

}  // namespace telltale
