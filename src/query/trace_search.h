// Finds traces by what one of their spans is like, newest first, and sums them up.
//
//   TELLTALE_ASSIGN_OR_RETURN(FoundTraces found, FindTraces(engine, {.filter = filter, .limit = 50}));
//   TELLTALE_ASSIGN_OR_RETURN(auto summaries, SummariseTraces(engine, found.traces));
//
// A trace stands where its newest matching span stands; over all pages of a search it
// is shown once. Spans that arrive late, with a start before the page, are not looked
// for again.
//
// Cost           Reads backwards from the newest span and stops, so a search that matches
//                often touches little whatever the store holds; one that matches nothing
//                reads indexes, or the filter's columns, of its whole time range.
// Failure        As Engine::Query; kOverLimit when the matches are too scattered.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "query/columns.h"
#include "query/cursor.h"
#include "query/filter.h"
#include "store/engine.h"

namespace telltale {

struct TraceSearch {
  SpanFilter filter;
  size_t limit = 50;
  std::optional<SearchCursor> cursor;  // its time range replaces the filter's
};

struct FoundTraces {
  std::vector<MatchRow> traces;
  std::optional<SearchCursor> next;
};

Result<FoundTraces> FindTraces(Engine& engine, const TraceSearch& search);

// What holds the traces of these matches whole: a day to both sides of them. REQUIRES: some.
TimeRange RangeAround(const std::vector<MatchRow>& traces);

struct ServiceCount {
  std::string name;
  uint64_t spans = 0;
  uint64_t errors = 0;
};

struct TraceSummary {
  TraceId trace_id;
  std::string service;  // of the root, or of the earliest span where the root is missing
  std::string name;
  uint8_t status = 0;
  bool root_missing = false;
  int64_t start_unix_nano = 0;
  int64_t end_unix_nano = 0;
  uint64_t spans = 0;
  uint64_t errors = 0;
  uint64_t orphans = 0;                // only from CountOrphans
  std::vector<ServiceCount> services;  // by name
};

// In the order of `traces`; a trace that was dropped meanwhile is left out. Spans more
// than a day from every match of the page are only counted where something nearer says
// that there may be some.
Result<std::vector<TraceSummary>> SummariseTraces(Engine& engine, const std::vector<MatchRow>& traces);

// Fills in TraceSummary::orphans: spans whose parent is not in the store.
Status CountOrphans(Engine& engine, std::vector<TraceSummary>& summaries);

}  // namespace telltale
