// The typed questions: what a face parses out of a request and the query layer answers.
// Nothing here is SQL and nothing here is HTTP.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace telltale {

namespace traceql {
struct SqlPiece;
}

// Start times in nanoseconds since the Unix epoch: [start, end).
struct TimeRange {
  int64_t start_unix_nano = 0;
  int64_t end_unix_nano = std::numeric_limits<int64_t>::max();
};

// One attribute that a span, or the resource it belongs to, must have: at one of the
// places that are true.
struct AttributeFilter {
  std::string key;
  std::optional<std::string> value;  // as text, whatever its type; nullopt: any value
  // False when no resource in the time range can match: then the store's own
  // indexes over span attributes do the work. SearchTraces finds this out.
  bool on_resources = true;
  bool on_spans = true;
  // On the span's scope, events or links, or as the name of an event where the key is
  // `event`. Those have no index: a search first finds out whether there is any.
  bool on_parts = false;
};

// Every condition must hold on one and the same span.
struct SpanFilter {
  TimeRange range;
  std::string service;            // empty: any
  std::string operation;          // empty: any
  std::optional<uint8_t> status;  // 0 unset, 1 ok, 2 error
  std::optional<uint8_t> kind;    // as in trace/batch.h
  std::optional<std::string> scope_name;
  std::optional<std::string> scope_version;
  std::optional<int64_t> duration_nano_min;
  std::optional<int64_t> duration_nano_max;
  std::vector<AttributeFilter> attributes;
  // What a TraceQL query says of the span; only query/traceql/ makes one.
  std::shared_ptr<const traceql::SqlPiece> condition;
};

}  // namespace telltale
