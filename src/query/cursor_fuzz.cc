// A cursor that is accepted writes back to a cursor that says the same.
#include "query/cursor.h"

#include "base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace telltale;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto cursor = ParseCursorUntrusted(text)) {
    const auto again = ParseCursorUntrusted(EncodeCursor(*cursor));
    TELLTALE_CHECK(again && again->last.trace_id == cursor->last.trace_id, "a cursor changed on the way");
  }
  if (const auto cursor = ParseCallCursorUntrusted(text)) {
    const auto again = ParseCallCursorUntrusted(EncodeCallCursor(*cursor));
    TELLTALE_CHECK(again && again->span_id == cursor->span_id, "a cursor of calls changed on the way");
  }
  if (const auto cursor = ParseTextCursorUntrusted(text)) {
    const auto again = ParseTextCursorUntrusted(EncodeTextCursor(*cursor));
    TELLTALE_CHECK(again && again->span_id == cursor->span_id,
                   "a cursor of a text search changed on the way");
  }
  if (const auto cursor = ParseSkeletonCursorUntrusted(text)) {
    const auto again = ParseSkeletonCursorUntrusted(EncodeSkeletonCursor(*cursor));
    TELLTALE_CHECK(again && again->begin == cursor->begin, "a cursor of a skeleton changed on the way");
    TELLTALE_CHECK(cursor->begin < cursor->spans, "a page begins behind its trace");
  }
  for (const GroupList list : {GroupList::kConversations, GroupList::kUsers}) {
    const auto cursor = ParseGroupCursorUntrusted(list, text);
    if (!cursor) continue;
    const auto again = ParseGroupCursorUntrusted(list, EncodeGroupCursor(list, *cursor));
    TELLTALE_CHECK(again && again->hash == cursor->hash, "a cursor of groups changed on the way");
  }
  return 0;
}
