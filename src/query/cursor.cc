#include "query/cursor.h"

#include <cstring>

#include "base/bytes.h"

namespace telltale {
namespace {

// [ version 1 ][ range start 8 ][ range end 8 ][ last start 8 ][ trace id 16 ]
constexpr char kVersion = 1;
constexpr size_t kSize = 1 + 3 * 8 + 16;

void AppendNumber(int64_t number, std::string& out) {
  char bytes[sizeof number];
  std::memcpy(bytes, &number, sizeof number);
  out.append(bytes, sizeof number);
}

int64_t TakeNumber(std::string_view& bytes) {
  int64_t number;
  std::memcpy(&number, bytes.data(), sizeof number);
  bytes.remove_prefix(sizeof number);
  return number;
}

}  // namespace

std::string EncodeCursor(const SearchCursor& cursor) {
  std::string bytes(1, kVersion);
  AppendNumber(cursor.range.start_unix_nano, bytes);
  AppendNumber(cursor.range.end_unix_nano, bytes);
  AppendNumber(cursor.last.start_unix_nano, bytes);
  bytes += cursor.last.trace_id.view();
  std::string text;
  AppendBase64(bytes, text);
  // The URL alphabet, without padding: a cursor can be pasted into an address as it is.
  for (char& letter : text) {
    if (letter == '+') letter = '-';
    if (letter == '/') letter = '_';
  }
  text.erase(text.find_last_not_of('=') + 1);
  return text;
}

Result<SearchCursor> ParseCursorUntrusted(std::string_view text) {
  const auto decoded = ParseBase64(text);
  if (!decoded || decoded->size() != kSize || decoded->front() != kVersion) {
    return Fail(ErrorCode::kInvalidInput,
                "parameter cursor: " + std::string(text.substr(0, 100)) + ": not a cursor of this server",
                "pass the value of `next` from the page before, unchanged");
  }
  std::string_view bytes = *decoded;
  bytes.remove_prefix(1);
  SearchCursor cursor;
  cursor.range.start_unix_nano = TakeNumber(bytes);
  cursor.range.end_unix_nano = TakeNumber(bytes);
  cursor.last.start_unix_nano = TakeNumber(bytes);
  cursor.last.trace_id = TraceId::FromBytes(bytes);
  return cursor;
}

}  // namespace telltale
