// Spans of traces that may match, read whole: for each the conditions that hold on it, and the
// numbers and keys that the query wants of it.
//
//   TELLTALE_ASSIGN_OR_RETURN(std::vector<TraceTable> traces,
//                             ReadTraceTables(engine, plan, ids, range, keys_of_no_resource));
//   for (const TraceTable& trace : traces) Evaluate(query, plan, trace);
//
// Ownership      Keys of a TraceTable are numbers of its KeyTexts, which the caller keeps.
// Failure        As Engine::Query; kOverLimit for traces of more than kJoinedSpansMax spans
//                together, where there is only one of them.
// Cost           One statement; rows of 33 bytes, 9 more for a number.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "query/filter.h"
#include "query/traceql/plan.h"
#include "store/engine.h"
#include "trace/ids.h"

namespace telltale::traceql {

inline constexpr size_t kJoinedSpansMax = 1'000'000;

struct SpanFacts {
  SpanId span_id;
  SpanId parent_id;
  int64_t start_unix_nano = 0;
  int64_t duration_nano = 0;
  uint64_t conditions = 0;  // bit i: Plan::conditions()[i] holds
  bool in_filter = true;    // what was asked for beside the query holds on it
};

// Each distinct typed text (FieldReading::typed) once; number 0 is nil.
class KeyTexts {
 public:
  KeyTexts() { NumberOf({}); }
  uint32_t NumberOf(std::string_view text);
  const std::string& TextOf(uint32_t number) const { return *texts_[number]; }

 private:
  std::map<std::string, uint32_t, std::less<>> numbers_;
  std::vector<const std::string*> texts_;  // keys of a map stay where they are
};

struct TraceTable {
  TraceId trace_id;
  std::vector<SpanFacts> spans;  // by start; each span once
  std::vector<double> numbers;   // NaN: nil. Of span s: [s * Plan::numbers().size() ...)
  std::vector<uint32_t> keys;    // likewise
};

struct TracesQuestion {
  std::span<const TraceId> ids;
  TimeRange range;                     // holds the traces whole
  const SpanFilter* filter = nullptr;  // its range aside
  const std::set<std::string>* keys_of_no_resource = nullptr;
};

// In no order; a trace that is not in the store is left out.
Result<std::vector<TraceTable>> ReadTraceTables(Engine& engine, const Plan& plan,
                                                const TracesQuestion& question, KeyTexts& texts);

// One span of an answer, with what the query shows of it.
struct SpanPlace {
  TraceId trace_id;
  SpanId span_id;
};

// Typed texts beside Plan::shown(), for each place in their order. Empty where the span is not
// in the store, and for places in a walk.
Result<std::vector<std::vector<std::string>>> ReadShown(Engine& engine, const Plan& plan,
                                                        std::span<const SpanPlace> places,
                                                        const TimeRange& range);

QueryRequest TraceTablesStatement(const Plan& plan, const TracesQuestion& question);

}  // namespace telltale::traceql
