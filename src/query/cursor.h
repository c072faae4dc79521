// Where a page of a search ended, as an opaque text for the client. The order of
// a search is (start of the newest match, trace id), both descending, so the last
// trace shown is all that the next page needs; the time range is kept with it, because
// "now" moves between two pages.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "query/columns.h"
#include "query/filter.h"

namespace telltale {

struct SearchCursor {
  TimeRange range;
  MatchPosition last;
};

std::string EncodeCursor(const SearchCursor& cursor);

// kInvalidInput for anything that EncodeCursor does not write.
Result<SearchCursor> ParseCursorUntrusted(std::string_view text);

// The same of a list of calls, which may be in another order than by time.
struct CallCursor {
  TimeRange range;
  int64_t value = 0;  // the last call's, of what the list is ordered by
  int64_t start_unix_nano = 0;
  TraceId trace_id;
  SpanId span_id;
};
std::string EncodeCallCursor(const CallCursor& cursor);
Result<CallCursor> ParseCallCursorUntrusted(std::string_view text);

// The same of a search for text: its order is by group of text, then by what follows.
struct TextCursor {
  TimeRange range;
  int64_t group = 0;
  int64_t stored_unix_ms = 0;
  int64_t start_unix_nano = 0;
  TraceId trace_id;
  SpanId span_id;
};
std::string EncodeTextCursor(const TextCursor& cursor);
Result<TextCursor> ParseTextCursorUntrusted(std::string_view text);

// The same of a list of groups of calls, which are known by a hash of their name.
enum class GroupList : char { kConversations = 4, kUsers = 5 };
struct GroupCursor {
  TimeRange range;
  int64_t value = 0;  // the last group's, of what the list is ordered by
  uint64_t hash = 0;
};
std::string EncodeGroupCursor(GroupList list, const GroupCursor& cursor);
Result<GroupCursor> ParseGroupCursorUntrusted(GroupList list, std::string_view text);

// The same of a trace's skeleton: what had arrived, and how far it was told.
struct SkeletonCursor {
  int64_t received_unix_ms = 0;
  uint64_t spans = 0;  // in all
  uint64_t begin = 0;  // of the next page
};
std::string EncodeSkeletonCursor(const SkeletonCursor& cursor);
// `begin` is at least 1 and less than `spans`.
Result<SkeletonCursor> ParseSkeletonCursorUntrusted(std::string_view text);

}  // namespace telltale
