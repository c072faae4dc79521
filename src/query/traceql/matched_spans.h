// Every span of a time range that a query leaves, trace by trace: for sums over them, and for
// rows of other tables that belong to them.
//
//   TELLTALE_RETURN_IF_ERROR(VisitMatches(engine, query, range, [&](const MatchedTrace& trace) {
//     for (const Spanset& set : trace.sets) ...
//     return true;                                        // false: that is enough
//   }));
//
// Thread safety  Free functions.
// Failure        As SearchTraces; kOverLimit where more than kMatchedTracesMax traces may match.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "base/result.h"
#include "query/traceql/search.h"

namespace telltale {

inline constexpr size_t kMatchedTracesMax = 100'000;
inline constexpr size_t kMatchedCallsMax = 5'000;

struct MatchedTrace {
  const traceql::TraceTable& table;
  const std::vector<traceql::Spanset>& sets;
  const traceql::KeyTexts& texts;
};

Status VisitMatches(Engine& engine, const TraceQuery& query, const TimeRange& range,
                    const std::function<bool(const MatchedTrace&)>& visit);

// Which spans of these traces the query leaves. The range holds the traces whole.
Result<std::set<std::pair<TraceId, SpanId>>> SpansLeftOf(Engine& engine, const TraceQuery& query,
                                                         const std::vector<TraceId>& ids,
                                                         const TimeRange& range);

// A condition on rows of `calls`: the query leaves their span. Exact; over the range only.
// kOverLimit where the query is no single filter and leaves more than kMatchedCallsMax spans.
Result<std::shared_ptr<const traceql::SqlPiece>> CallConditionOf(Engine& engine, const TraceQuery& query,
                                                                 const TimeRange& range);

// The same of a query that is a single filter; null where rows do not tell it one by one.
Result<std::shared_ptr<const traceql::SqlPiece>> CallConditionOfFilter(Engine& engine,
                                                                       const TraceQuery& query,
                                                                       const TimeRange& range);

}  // namespace telltale
