// Reads single spans of known traces, whole: their attributes, with large values put back.
//
//   TELLTALE_ASSIGN_OR_RETURN(TraceSet set, ReadSpans(engine, {{trace_id, span_id}}, {}));
//   for (const Trace& trace : set.traces) Show(set, trace);
//
// Each trace of the set holds only the spans asked for, by start; the first row of a span that
// was sent twice. Its completeness says only what these spans tell.
//
// Ownership      As a TraceSet.
// Failure        As Engine::Query, and what `admit` says. A span that does not exist is not in
//                the set.
// Limits         ReadSpansOptions::bytes_max; spans beyond it are left out, the latest first,
//                and Completeness::truncated of each trace says so.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "base/result.h"
#include "query/trace_reader.h"
#include "store/engine.h"
#include "trace/ids.h"

namespace telltale {

struct SpanKey {
  TraceId trace_id;
  SpanId span_id;
  auto operator<=>(const SpanKey&) const = default;
};

struct ReadSpansOptions {
  size_t bytes_max = 128'000'000;  // of rows, their content joined; the first always fits
  TimeRange range;                 // of span starts; the default is everything
  // Asked before large values are read, with the bytes that all will take.
  std::function<Status(size_t size_bytes)> admit = nullptr;
};

Result<TraceSet> ReadSpans(Engine& engine, std::span<const SpanKey> keys, const ReadSpansOptions& options);

}  // namespace telltale
