#include "query/cursor.h"

#include <cstring>

#include "base/bytes.h"

namespace telltale {
namespace {

// [ version 1 ][ range start 8 ][ range end 8 ][ last start 8 ][ trace id 16 ]
constexpr char kVersion = 1;
constexpr size_t kSize = 1 + 3 * 8 + 16;
// [ version 2 ][ range start 8 ][ range end 8 ][ value 8 ][ start 8 ][ trace id 16 ][ span id 8 ]
constexpr char kCallVersion = 2;
constexpr size_t kCallSize = 1 + 4 * 8 + 16 + 8;
// [ version 3 ][ range start 8 ][ range end 8 ][ group 8 ][ stored 8 ][ start 8 ][ trace id 16 ][ span id 8 ]
constexpr char kTextVersion = 3;
constexpr size_t kTextSize = 1 + 5 * 8 + 16 + 8;

// [ version 3 ][ received 8 ][ spans 8 ][ begin 8 ]
constexpr char kSkeletonVersion = 3;
constexpr size_t kSkeletonSize = 1 + 3 * 8;

// [ version of the list ][ range start 8 ][ range end 8 ][ value 8 ][ hash 8 ]
constexpr size_t kGroupSize = 1 + 4 * 8;

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

// The URL alphabet, without padding: a cursor can be pasted into an address as it is.
std::string ToText(std::string_view bytes) {
  std::string text;
  AppendBase64(bytes, text);
  for (char& letter : text) {
    if (letter == '+') letter = '-';
    if (letter == '/') letter = '_';
  }
  text.erase(text.find_last_not_of('=') + 1);
  return text;
}

std::unexpected<Error> NoCursor(std::string_view text) {
  return Fail(ErrorCode::kInvalidInput,
              "parameter cursor: " + std::string(text.substr(0, 100)) + ": not a cursor of this list",
              "pass the value of `next` from the page before, unchanged");
}

// The bytes behind the version.
Result<std::string> ToBytesUntrusted(std::string_view text, char version, size_t size) {
  auto decoded = ParseBase64(text);
  if (!decoded || decoded->size() != size || decoded->front() != version) return NoCursor(text);
  return decoded->substr(1);
}

}  // namespace

std::string EncodeCursor(const SearchCursor& cursor) {
  std::string bytes(1, kVersion);
  AppendNumber(cursor.range.start_unix_nano, bytes);
  AppendNumber(cursor.range.end_unix_nano, bytes);
  AppendNumber(cursor.last.start_unix_nano, bytes);
  bytes += cursor.last.trace_id.view();
  return ToText(bytes);
}

Result<SearchCursor> ParseCursorUntrusted(std::string_view text) {
  TELLTALE_ASSIGN_OR_RETURN(const std::string decoded, ToBytesUntrusted(text, kVersion, kSize));
  std::string_view bytes = decoded;
  SearchCursor cursor;
  cursor.range.start_unix_nano = TakeNumber(bytes);
  cursor.range.end_unix_nano = TakeNumber(bytes);
  cursor.last.start_unix_nano = TakeNumber(bytes);
  cursor.last.trace_id = TraceId::FromBytes(bytes);
  return cursor;
}

std::string EncodeCallCursor(const CallCursor& cursor) {
  std::string bytes(1, kCallVersion);
  AppendNumber(cursor.range.start_unix_nano, bytes);
  AppendNumber(cursor.range.end_unix_nano, bytes);
  AppendNumber(cursor.value, bytes);
  AppendNumber(cursor.start_unix_nano, bytes);
  bytes += cursor.trace_id.view();
  bytes += cursor.span_id.view();
  return ToText(bytes);
}

Result<CallCursor> ParseCallCursorUntrusted(std::string_view text) {
  TELLTALE_ASSIGN_OR_RETURN(const std::string decoded, ToBytesUntrusted(text, kCallVersion, kCallSize));
  std::string_view bytes = decoded;
  CallCursor cursor;
  cursor.range.start_unix_nano = TakeNumber(bytes);
  cursor.range.end_unix_nano = TakeNumber(bytes);
  cursor.value = TakeNumber(bytes);
  cursor.start_unix_nano = TakeNumber(bytes);
  cursor.trace_id = TraceId::FromBytes(bytes);
  bytes.remove_prefix(16);
  cursor.span_id = SpanId::FromBytes(bytes);
  return cursor;
}

std::string EncodeTextCursor(const TextCursor& cursor) {
  std::string bytes(1, kTextVersion);
  AppendNumber(cursor.range.start_unix_nano, bytes);
  AppendNumber(cursor.range.end_unix_nano, bytes);
  AppendNumber(cursor.group, bytes);
  AppendNumber(cursor.stored_unix_ms, bytes);
  AppendNumber(cursor.start_unix_nano, bytes);
  bytes += cursor.trace_id.view();
  bytes += cursor.span_id.view();
  return ToText(bytes);
}

Result<TextCursor> ParseTextCursorUntrusted(std::string_view text) {
  TELLTALE_ASSIGN_OR_RETURN(const std::string decoded, ToBytesUntrusted(text, kTextVersion, kTextSize));
  std::string_view bytes = decoded;
  TextCursor cursor;
  cursor.range.start_unix_nano = TakeNumber(bytes);
  cursor.range.end_unix_nano = TakeNumber(bytes);
  cursor.group = TakeNumber(bytes);
  cursor.stored_unix_ms = TakeNumber(bytes);
  cursor.start_unix_nano = TakeNumber(bytes);
  cursor.trace_id = TraceId::FromBytes(bytes);
  bytes.remove_prefix(16);
  cursor.span_id = SpanId::FromBytes(bytes);
  return cursor;
}

std::string EncodeSkeletonCursor(const SkeletonCursor& cursor) {
  std::string bytes(1, kSkeletonVersion);
  AppendNumber(cursor.received_unix_ms, bytes);
  AppendNumber(static_cast<int64_t>(cursor.spans), bytes);
  AppendNumber(static_cast<int64_t>(cursor.begin), bytes);
  return ToText(bytes);
}

Result<SkeletonCursor> ParseSkeletonCursorUntrusted(std::string_view text) {
  TELLTALE_ASSIGN_OR_RETURN(const std::string decoded,
                            ToBytesUntrusted(text, kSkeletonVersion, kSkeletonSize));
  std::string_view bytes = decoded;
  SkeletonCursor cursor;
  cursor.received_unix_ms = TakeNumber(bytes);
  cursor.spans = static_cast<uint64_t>(TakeNumber(bytes));
  cursor.begin = static_cast<uint64_t>(TakeNumber(bytes));
  if (cursor.received_unix_ms < 0 || cursor.begin == 0 || cursor.begin >= cursor.spans) return NoCursor(text);
  return cursor;
}

std::string EncodeGroupCursor(GroupList list, const GroupCursor& cursor) {
  std::string bytes(1, static_cast<char>(list));
  AppendNumber(cursor.range.start_unix_nano, bytes);
  AppendNumber(cursor.range.end_unix_nano, bytes);
  AppendNumber(cursor.value, bytes);
  AppendNumber(static_cast<int64_t>(cursor.hash), bytes);
  return ToText(bytes);
}

Result<GroupCursor> ParseGroupCursorUntrusted(GroupList list, std::string_view text) {
  TELLTALE_ASSIGN_OR_RETURN(const std::string decoded,
                            ToBytesUntrusted(text, static_cast<char>(list), kGroupSize));
  std::string_view bytes = decoded;
  GroupCursor cursor;
  cursor.range.start_unix_nano = TakeNumber(bytes);
  cursor.range.end_unix_nano = TakeNumber(bytes);
  cursor.value = TakeNumber(bytes);
  cursor.hash = static_cast<uint64_t>(TakeNumber(bytes));
  return cursor;
}

}  // namespace telltale
