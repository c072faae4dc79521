// Traces that a TraceQL query finds, newest first.
//
//   TELLTALE_ASSIGN_OR_RETURN(auto query, TraceQuery::Parse(text));
//   TELLTALE_ASSIGN_OR_RETURN(TraceQlPage page, SearchTraces(engine, *query, {.limit = 20}));
//   for (const TraceMatch& trace : page.traces) Show(trace.match.trace_id, trace.sets);
//
// A filter alone is one condition in SQL. Anything else is two steps: SQL names traces that can
// match (Plan::driver, Plan::needs), and their spans, read whole, go through the pipeline in
// memory. A trace matches if one of the spans that the pipeline leaves starts in the time range;
// it stands where its newest span stands that the pipeline may leave. Spans of a trace are looked
// for a day to both sides of that.
//
// Thread safety  A TraceQuery is immutable; free functions.
// Failure        Parse: as ParseTraceQl and Plan::Check. SearchTraces: as Engine::Query.
// Limits         A page looks at kCandidatesMax traces; it may then hold fewer than its limit
//                and still have a next.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "query/cursor.h"
#include "query/filter.h"
#include "query/trace_search.h"
#include "query/traceql/evaluate.h"
#include "query/traceql/plan.h"
#include "query/traceql/sql_pieces.h"
#include "store/engine.h"
#include "traceql/ast.h"

namespace telltale {

inline constexpr size_t kCandidatesMax = 5'000;

// A parsed query and what it asks of the store. Does not move: one points into the other.
class TraceQuery {
 public:
  static Result<std::shared_ptr<const TraceQuery>> Parse(std::string_view text);

  explicit TraceQuery(traceql::Query query) : query_(std::move(query)), plan_(query_) {}
  TraceQuery(const TraceQuery&) = delete;
  TraceQuery& operator=(const TraceQuery&) = delete;

  const traceql::Query& query() const { return query_; }
  const traceql::Plan& plan() const { return plan_; }
  bool is_metric() const { return query_.metric.has_value(); }

 private:
  const traceql::Query query_;
  const traceql::Plan plan_;
};

struct TraceQlSearch {
  SpanFilter filter;  // must hold, beside the query, on one span that it leaves
  size_t limit = 50;
  std::optional<SearchCursor> cursor;
  size_t spans_max = 0;  // of each set; 0: which spans match is not wanted
};

struct SpanMatch {
  SpanId span_id;
  int64_t start_unix_nano = 0;
  int64_t duration_nano = 0;
  std::vector<std::string> shown;  // beside Plan::shown(), as FieldReading::typed
};

struct SpansetMatch {
  size_t matched = 0;
  std::vector<SpanMatch> spans;                                 // the first ones
  std::vector<std::pair<std::string, std::string>> attributes;  // of the set: typed texts
};

struct TraceMatch {
  MatchRow match;
  std::vector<SpansetMatch> sets;  // none where spans_max is 0
};

struct TraceQlPage {
  std::vector<TraceMatch> traces;
  std::optional<SearchCursor> next;
};

Result<TraceQlPage> SearchTraces(Engine& engine, const TraceQuery& query, const TraceQlSearch& search);

namespace traceql {

// Of the attributes that a query looks for on spans and resources: those that no resource in
// the range has. They are then only looked for where the store has an index.
Result<std::set<std::string>> KeysOfNoResource(Engine& engine, const Plan& plan, const TimeRange& range);

// A condition on a row of spans: it may be one that the query leaves.
struct DriverCondition {
  SqlPiece piece;
  bool is_exact = false;  // ... and it is one
};
enum class DriverForm : uint8_t { kAlone, kWithNeeds };
// A condition on a row of spans that holds wherever any of these conditions of the plan may hold.
SqlPiece AnyOf(const Plan& plan, const std::set<size_t>& conditions,
               const std::set<std::string>& keys_of_no_resource);
DriverCondition DriverOf(const Plan& plan, DriverForm form, const std::set<std::string>& keys_of_no_resource);

}  // namespace traceql
}  // namespace telltale
