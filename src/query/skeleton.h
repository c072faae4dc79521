// The structure of a trace without its attributes: enough to draw it, for traces of which whole
// spans would be too much.
//
//   TELLTALE_ASSIGN_OR_RETURN(const Skeleton skeleton, ReadSkeleton(engine, trace_id, {}));
//   for (const SkeletonSpan& span : skeleton.spans) Draw(span.depth, span.name);
//
// Spans stand as a tree is drawn: each right before what hangs below it, the earliest first. A
// span whose parent is not in the trace, or hangs below the span itself, stands like a root.
//
// Ownership      Texts point into the skeleton's bytes; moving it keeps them.
// Thread safety  Plain data.
// Failure        As Engine::Query. No span: `spans` is empty.
// Limits         SkeletonOptions::spans_max; the earliest are kept, and
//                Completeness::truncated tells.
// Cost           100,000 spans: about 60 ms of CPU and 20 MB.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "query/trace_reader.h"
#include "store/engine.h"
#include "trace/call.h"
#include "trace/cost.h"
#include "trace/ids.h"

namespace telltale {

struct SkeletonOptions {
  size_t spans_max = 1'000'000;
  int64_t received_unix_ms_max = std::numeric_limits<int64_t>::max();  // later arrivals are left out
};

struct SkeletonSpan {
  static constexpr int64_t kRoot = -1;
  static constexpr int64_t kOrphan = -2;  // its parent is not in the trace, or no tree

  SpanId span_id;
  SpanId parent_id;
  int64_t parent = kRoot;  // place in Skeleton::spans
  int64_t start_unix_nano = 0;
  int64_t duration_nano = 0;
  std::string_view service;
  std::string_view name;
  uint32_t depth = 0;
  uint8_t kind = 0;
  uint8_t status = 0;
  bool has_events = false;
  bool has_links = false;
  bool has_dropped = false;  // attributes, events or links
};

struct Skeleton {
  std::vector<SkeletonSpan> spans;
  Completeness completeness;  // without what only attributes tell: missing_chunks
  int64_t start_unix_nano = 0;
  int64_t end_unix_nano = 0;
  uint64_t errors = 0;
  int64_t received_unix_ms = 0;  // the latest arrival
  std::unique_ptr<const QueryResult> bytes;
};

Result<Skeleton> ReadSkeleton(Engine& engine, const TraceId& id, const SkeletonOptions& options);

// What a drawing shows of a call.
struct SkeletonCall {
  SpanId span_id;
  CallKind kind = CallKind::kNone;
  bool counts = false;
  bool failed = false;
  std::string_view model;  // the answering one, else the requested
  int64_t input_tokens = 0;
  int64_t output_tokens = 0;  // kNotTold likewise
  PicoDollars cost = Cost::kNotTold;
  CostStatus cost_status = CostStatus::kNoUsage;
};

struct SkeletonCalls {
  std::vector<SkeletonCall> calls;  // by span id
  std::unique_ptr<const QueryResult> bytes;
};

// Every call of a trace whose spans start in the range.
Result<SkeletonCalls> ReadSkeletonCalls(Engine& engine, const TraceId& id, const TimeRange& range,
                                        size_t calls_max);

}  // namespace telltale
