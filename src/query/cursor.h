// Where a page of a trace search ended, as an opaque text for the client. The order of
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

}  // namespace telltale
