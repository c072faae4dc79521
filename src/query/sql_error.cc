#include "query/sql_error.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "store/sql_reader.h"

namespace telltale {
namespace {

constexpr size_t kMessageBytesMax = 500;
constexpr size_t kHintBytesMax = 300;

bool Erase(std::string& text, std::string_view part) {
  const size_t at = text.find(part);
  if (at == text.npos) return false;
  text.erase(at, part.size());
  return true;
}

void Cut(std::string& text, std::string_view from) {
  text.resize(std::min(text.find(from), text.size()));
}

void StripEnd(std::string& text) {
  text.resize(text.find_last_not_of(" .:\n") + 1);
}

// "Code: 47. DB::Exception: " before, " (UNKNOWN_IDENTIFIER)" and a version behind.
void StripFrame(std::string& text) {
  constexpr std::string_view kException = "DB::Exception: ";
  while (text.starts_with("Code: ")) {
    const size_t at = text.find(kException);
    if (at == text.npos) break;
    text.erase(0, at + kException.size());
  }
  while (text.ends_with(')')) {
    const size_t at = text.rfind(" (");
    if (at == text.npos) break;
    const std::string_view inside = std::string_view(text).substr(at + 2, text.size() - at - 3);
    const bool is_name = !inside.empty() && std::ranges::all_of(inside, [](char c) {
      return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    });
    if (!is_name && !inside.starts_with("version ")) break;
    text.resize(at);
    StripEnd(text);
  }
  StripEnd(text);
}

// " (93374d2b-4821-4390-a4cb-26d6f8e5b86b)"
void EraseIds(std::string& text) {
  constexpr size_t kIdSize = 36;
  size_t at = 0;
  while ((at = text.find(" (", at)) != text.npos) {
    const std::string_view id = std::string_view(text).substr(at + 2, kIdSize);
    const bool is_id = id.size() == kIdSize && id.find_first_not_of("0123456789abcdef-") == id.npos &&
                       text.substr(at + 2 + kIdSize, 1) == ")";
    if (is_id) {
      text.erase(at, kIdSize + 3);
    } else {
      at += 2;
    }
  }
}

// The engine repeats the statement: "... in scope SELECT ... . Maybe you meant: ['start']."
void EraseScope(std::string& text) {
  std::string guess;
  if (const size_t at = text.find("Maybe you meant: "); at != text.npos) guess = text.substr(at);
  for (const std::string_view scope : {" in scope ", " In scope ", ": In scope "}) Cut(text, scope);
  if (!guess.empty() && !text.contains("Maybe you meant")) text += ". " + guess;
  for (const std::string_view note : {": Note: the query does not have", ": while executing",
                                      ": While executing", ": while processing", ": While processing"})
    Cut(text, note);
}

// "Syntax error: failed at position 8 (FRM) (line 1, col 8): FRM spans. Expected one of: ..."
Error SyntaxError(const std::string& text, ErrorCode code) {
  constexpr std::string_view kExpected = "Expected ";
  constexpr std::string_view kLine = "(line ";
  const size_t expected = text.rfind(kExpected);
  const size_t line = text.find(kLine);
  const size_t failed = text.find("failed at ");
  std::string where;
  if (line != text.npos) {
    const size_t end = std::min(text.find(')', line), text.size());
    where = text.substr(line + 1, end - line - 1);
    if (const size_t column = where.find("col "); column != where.npos) where.replace(column, 4, "column ");
  } else if (failed != text.npos) {
    const size_t begin = failed + std::string_view("failed at ").size();
    const size_t end = std::min(text.find_first_of(":(", begin), text.size());
    where = text.substr(begin, end - begin);
    StripEnd(where);
  }
  Error error{code, "read the statement: syntax error at " + (where.empty() ? "some position" : where), {}};
  if (failed != text.npos) {
    const size_t open = text.find('(', failed);
    const size_t close = text.find(')', open);
    if (open != text.npos && close != text.npos && open < line)
      error.message += ": " + text.substr(open + 1, std::min<size_t>(close - open - 1, 100));
  }
  if (expected != text.npos) error.hint = "expected " + text.substr(expected + kExpected.size());
  Cut(error.hint, ": In scope ");
  return error;
}

std::string HintOf(const std::string& text) {
  if (text.contains("emory limit")) return "read less at a time: a condition on start or time, fewer columns";
  if (text.contains("Timeout exceeded"))
    return "read less: a condition on start or time; or a longer timeout_seconds";
  if (text.contains("Not enough privileges")) return "only the tables of docs/reference/sql.md may be read";
  if (text.contains("Unknown table")) return "the tables are those of docs/reference/sql.md";
  return {};
}

void LimitTo(size_t bytes, std::string& text) {
  if (text.size() <= bytes) return;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xc0) == 0x80) --bytes;
  text.resize(bytes);
  text += " ...";
}

}  // namespace

EngineErrorCode ReadEngineErrorCodeUntrusted(std::string_view text) {
  constexpr std::string_view kCode = "Code: ";
  EngineErrorCode code;
  if (!text.starts_with(kCode)) return code;
  for (const char c : text.substr(kCode.size(), 6)) {
    if (c < '0' || c > '9') break;
    code.number = code.number * 10 + (c - '0');
  }
  // The last brackets with a name in them; a version may stand behind.
  for (size_t open = text.rfind('('); open != text.npos && open > 0; open = text.rfind('(', open - 1)) {
    const size_t close = text.find(')', open);
    if (close == text.npos) continue;
    const std::string_view inside = text.substr(open + 1, close - open - 1);
    const bool is_name = !inside.empty() && std::ranges::all_of(inside, [](char c) {
      return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    });
    if (!is_name || inside[0] < 'A') continue;
    code.name = inside;
    break;
  }
  return code;
}

Error SayEngineErrorUntrusted(const Error& error, std::string_view what) {
  std::string text = error.message;
  StripFrame(text);
  Error said;
  if (text.starts_with("Syntax error")) {
    said = SyntaxError(text, error.code);
  } else if (text.starts_with("Cannot modify")) {
    said = {error.code, "check the statement: SETTINGS may not stand in it", {}};
  } else if (text.starts_with("Empty query")) {
    said = {error.code, "check the statement: it is empty", {}};
  } else {
    said = {error.code, {}, HintOf(text)};
    EraseScope(text);
    EraseIds(text);
    while (Erase(text, std::string(kSqlDatabase) + ".") || Erase(text, "telltale.")) {
    }
    if (text.starts_with("default: ")) text.erase(0, 9);
    // Not what this statement takes: what the engine has taken and not yet given back.
    if (text.starts_with("(total) memory")) {
      said.code = ErrorCode::kUnavailable;
      said.hint = "the server is short of memory: try again in a few seconds";
    }
    StripFrame(text);
    said.message = std::string(what) + ": " + text;
  }
  LimitTo(kMessageBytesMax, said.message);
  LimitTo(kHintBytesMax, said.hint);
  return said;
}

}  // namespace telltale
