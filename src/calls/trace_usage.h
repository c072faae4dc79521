// What only the whole trace can tell about its calls: which usage is a sum over other
// spans, which calls are one call told twice, and the totals.
//
//   std::vector<TraceCall> calls;       // every span of the trace, calls or not
//   SettleTraceUsage(calls);            // sets usage.scope and duplicate_of of each call
//   CallTotals totals = TotalsOf(calls);
//
// - Two calls are one when they name the same answer (response id; in two traces: at the
//   same time), or when one lies
//   inside the other, or beside it in time under one parent and from another
//   instrumentation, with the same model and the same tokens, or no tokens at one of them.
//   The one with tokens counts; of two the outer, then the earlier.
// - Usage is a sum when a call below it has usage of its own.
// Tokens that Telltale counted (UsageSource::kCounted) make a sum of what stands above them,
// but tell nothing about which calls are one.
//
// Spans of several traces may come together.
//
// Ownership      The calls belong to the caller.
// Thread safety  One thread at a time.
// Cost           O(n log n) in the spans; beside them about 100 bytes each.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "trace/batch.h"
#include "trace/call.h"

namespace telltale {

struct TraceCall {
  TraceId trace_id;
  SpanId span_id;
  SpanId parent_span_id;
  uint64_t start_unix_nano = 0;
  uint64_t end_unix_nano = 0;
  std::string_view scope_name;
  Call* call = nullptr;  // null: the span is no call
};

struct CallTotals {
  uint64_t calls = 0;   // of models
  uint64_t errors = 0;  // of these
  int64_t input_tokens = 0;
  int64_t output_tokens = 0;
  int64_t cache_read_tokens = 0;
  int64_t cache_write_tokens = 0;
  int64_t reasoning_tokens = 0;
  uint64_t calls_without_usage = 0;
  double reported_cost = 0;  // by the senders; 0 with calls_with_cost 0 is "not told"
  uint64_t calls_with_cost = 0;
};

void SettleTraceUsage(std::span<TraceCall> spans);
CallTotals TotalsOf(std::span<const TraceCall> spans);

}  // namespace telltale
