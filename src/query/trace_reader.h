// Reads whole traces: every span, once each, sorted by start, with their resources
// and scopes told apart by text.
//
//   TELLTALE_ASSIGN_OR_RETURN(TraceSet set, ReadTraces(engine, ids, {}));
//   for (const Trace& trace : set.traces) Show(set, trace);
//
// A large trace comes in pieces: the first rows carry the texts of their resources,
// later ones only those that are new, so 100,000 spans of one service cost one text.
//
// Ownership      Every view of a TraceSet points into bytes that it owns; moving it
//                keeps them valid.
// Failure        As Engine::Query. A trace that does not exist is not in the set.
// Limits         ReadTracesOptions; what did not fit is told by Completeness::truncated.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/result.h"
#include "query/columns.h"
#include "store/engine.h"

namespace telltale {

struct ReadTracesOptions {
  size_t spans_max = 100'000;      // over all traces asked for
  size_t bytes_max = 128'000'000;  // of rows held in memory, their content joined, likewise
  TimeRange range;                 // of span starts; the default is everything
};

// What is missing from a trace, as far as the trace itself can tell.
struct Completeness {
  bool root_missing = false;
  bool truncated = false;
  std::vector<SpanId> missing_parents;  // each once, sorted
  uint64_t duplicate_spans = 0;         // rows with a span id that came before
  uint64_t hidden_spans = 0;            // of those, the ones that are another span
  uint64_t dropped_attributes = 0;      // as the senders told
  uint64_t dropped_events = 0;
  uint64_t dropped_links = 0;
  uint64_t missing_chunks = 0;  // pieces of values that are not in the store

  bool complete() const {
    return !root_missing && !truncated && missing_parents.empty() && hidden_spans == 0 &&
           dropped_attributes == 0 && dropped_events == 0 && dropped_links == 0 && missing_chunks == 0;
  }
};

struct TraceSpan {
  SpanRow row;
  uint32_t resource = 0;  // index into TraceSet::resources
  uint32_t scope = 0;     // index into TraceSet::scopes
};

struct Trace {
  TraceId trace_id;
  std::vector<TraceSpan> spans;  // by start
  Completeness completeness;
  int64_t start_unix_nano = 0;
  int64_t end_unix_nano = 0;
};

struct TraceSet {
  std::vector<Trace> traces;  // in the order of the ids asked for
  std::vector<std::string_view> resources;
  std::vector<std::string_view> scopes;
  std::vector<std::unique_ptr<const QueryResult>> pieces;  // what the views point into:
  Arena values;                                            // rows, and values put back
};

// REQUIRES: `ids` has no duplicates.
Result<TraceSet> ReadTraces(Engine& engine, std::span<const TraceId> ids, const ReadTracesOptions& options);

}  // namespace telltale
