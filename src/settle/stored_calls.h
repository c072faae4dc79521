// What the settler asks the store beside the calls themselves. Private to settle/.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "query/filter.h"
#include "store/engine.h"
#include "trace/ids.h"

namespace telltale {

struct SpanLink {
  TraceId trace_id;
  SpanId span_id;
  SpanId parent_id;
  int64_t start_unix_nano = 0;
  int64_t end_unix_nano = 0;
};

// Every span of these traces, calls or not, at most `rows_max`.
Result<std::vector<SpanLink>> ReadLinks(Engine& engine, std::span<const TraceId> ids, size_t rows_max);

// The traces that have a call with one of these answers (CallRow::response_hash) in the range.
Result<std::vector<TraceId>> TracesOfAnswers(Engine& engine, std::span<const uint64_t> response_hashes,
                                             const TimeRange& range);

// Those of `ids` with a log record that tells something about a call.
Result<std::vector<TraceId>> TracesWithCallRecords(Engine& engine, std::span<const TraceId> ids);

}  // namespace telltale
