// What arrived in a stretch of time and matches a filter, for LiveTail's readers.
//
//   TELLTALE_ASSIGN_OR_RETURN(ArrivedSpans some, ReadArrivedSpans(engine, filter, {.after = after,
//   .until_unix_ms = until})); for (const ArrivedSpanRow& row : some.rows) ...
//
// Ownership      Texts point into the bytes.
// Thread safety  Free functions.
// Failure        As Engine::Query.
// Cost           Parts of the store that hold nothing so new are not opened.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/result.h"
#include "query/call_rows.h"
#include "query/calls.h"
#include "query/columns.h"
#include "query/filter.h"
#include "query/live_tail.h"
#include "store/engine.h"

namespace telltale {

struct Arrived {
  TailPosition after;
  int64_t until_unix_ms = 0;
  size_t rows_max = 0;
};

struct ArrivedSpans {
  std::vector<ArrivedSpanRow> rows;  // in the order of arrival
  uint64_t more = 0;                 // that were left out
  std::unique_ptr<const QueryResult> bytes;
};
Result<ArrivedSpans> ReadArrivedSpans(Engine& engine, const SpanFilter& filter, const Arrived& arrived);

struct ArrivedCalls {
  CallRows calls;
  uint64_t more = 0;
};
Result<ArrivedCalls> ReadArrivedCalls(Engine& engine, const CallFilter& filter, const Arrived& arrived);

}  // namespace telltale
