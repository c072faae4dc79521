// A page of rows, newest first, from a table whose rows have no name of their own: a page
// ends between two times, never inside one, so that the next page begins at a time and
// no row is shown twice or left out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/result.h"
#include "query/filter.h"

namespace telltale {

// Rows of one time that a page may hold beyond its limit; more of them are an error, for
// they could only be cut silently.
inline constexpr size_t kRowsOfOneTimeMax = 10'000;

// `read(range, rows_max)` answers at most so many rows of the range, newest first, as
// something with .rows, whose elements have .time_unix_nano, and Append(). `next` is where
// the next page's range ends; nullopt: there is none.
template <typename Page, typename Read>
Result<std::pair<Page, std::optional<int64_t>>> ReadNewestFirst(const TimeRange& range, size_t limit,
                                                                const Read& read) {
  TELLTALE_ASSIGN_OR_RETURN(Page page, read(range, limit + 1));
  if (page.rows.size() <= limit) return std::pair(std::move(page), std::optional<int64_t>());
  const int64_t cut = page.rows.back().time_unix_nano;
  while (!page.rows.empty() && page.rows.back().time_unix_nano == cut) page.rows.pop_back();
  // Everything of the cut's own time: the whole page if it is all one time.
  if (page.rows.empty()) {
    TELLTALE_ASSIGN_OR_RETURN(Page ties, read(TimeRange{cut, cut + 1}, kRowsOfOneTimeMax + 1));
    if (ties.rows.size() > kRowsOfOneTimeMax) {
      return Fail(ErrorCode::kOverLimit, "read a page: more than 10000 rows have one and the same time",
                  "filter by service, trace or name");
    }
    return std::pair(std::move(ties), std::optional<int64_t>(cut));
  }
  return std::pair(std::move(page), std::optional<int64_t>(cut + 1));
}

}  // namespace telltale
