// What is wrong with a query, and where: for people at a terminal, and for an editor that
// marks the place.
//
//   auto query = ParseTraceQlUntrusted(text);
//   if (!query) std::cerr << query.error().message << "\n" << CaretText(text, query.error());
//
//   { status = failed }
//              ^^^^^^
//
// Thread safety  Free functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace telltale {

struct TraceQlError {
  ErrorCode code = ErrorCode::kInvalidInput;
  size_t offset = 0;  // bytes from the start of the text; its size where something is missing at the end
  size_t length = 0;  // bytes; 0: something is missing here
  std::string message;
  std::string hint;  // may be empty
};

struct TextPlace {
  size_t line = 1;
  size_t column = 1;  // in characters, not bytes
};

TextPlace PlaceOf(std::string_view text, size_t offset);

// "query, line 1, column 13: " before the message.
Error ToError(std::string_view text, const TraceQlError& error);

// The line of the text and the marks below it, cut to what a terminal shows.
std::string CaretText(std::string_view text, const TraceQlError& error);

}  // namespace telltale
