#include "store/chdb_result.h"

#include <charconv>

namespace telltale {
namespace {

ErrorCode CodeOf(int number) {
  switch (number) {
    case 159:  // TIMEOUT_EXCEEDED
    case 160:  // TOO_SLOW
    case 158:  // TOO_MANY_ROWS
    case 241:  // MEMORY_LIMIT_EXCEEDED
    case 394:  // QUERY_WAS_CANCELLED
      return ErrorCode::kOverLimit;
    case 243:  // NOT_ENOUGH_SPACE
    case 252:  // TOO_MANY_PARTS
      return ErrorCode::kUnavailable;
    case 62:   // SYNTAX_ERROR
    case 427:  // CANNOT_COMPILE_REGEXP
    case 457:  // BAD_QUERY_PARAMETER
      return ErrorCode::kInvalidInput;
    default:
      return ErrorCode::kInternal;
  }
}

}  // namespace

int EngineErrorNumber(std::string_view text) {
  int number = 0;
  if (const size_t at = text.find("Code: "); at != std::string_view::npos) {
    std::from_chars(text.data() + at + 6, text.data() + text.size(), number);
  }
  return number;
}

ErrorCode StatementErrorCode(int number) {
  switch (number) {
    case 158:  // TOO_MANY_ROWS
    case 159:  // TIMEOUT_EXCEEDED
    case 160:  // TOO_SLOW
    case 161:  // TOO_MANY_COLUMNS
    case 191:  // SET_SIZE_LIMIT_EXCEEDED
    case 241:  // MEMORY_LIMIT_EXCEEDED
    case 306:  // TOO_DEEP_RECURSION
    case 307:  // TOO_MANY_BYTES
    case 394:  // QUERY_WAS_CANCELLED
    case 396:  // TOO_MANY_ROWS_OR_BYTES
      return ErrorCode::kOverLimit;
    case 243:  // NOT_ENOUGH_SPACE
      return ErrorCode::kUnavailable;
    case 0:
    case 49:    // LOGICAL_ERROR
    case 1001:  // STD_EXCEPTION
      return ErrorCode::kInternal;
    default:
      return ErrorCode::kInvalidInput;
  }
}

Error EngineError(std::string_view what, std::string_view text) {
  return {CodeOf(EngineErrorNumber(text)), std::string(what) + ": " + std::string(text.substr(0, 1000)), {}};
}

std::string EscapeParameter(std::string_view value) {
  std::string out;
  out.reserve(value.size());
  for (const char c : value) {
    switch (c) {
      case '\\':
        out += "\\\\";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\0':
        out += "\\0";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string_view ResultHolder::error() const {
  if (result_ == nullptr) return "the engine gave no result";
  const char* error = chdb_.result_error(result_);
  return error == nullptr ? std::string_view() : std::string_view(error);
}

Status ResultHolder::status(std::string_view what) const {
  if (const std::string_view text = error(); !text.empty()) return std::unexpected(EngineError(what, text));
  return {};
}

}  // namespace telltale
