// A CallRow is what the store's table `calls` keeps of a call: what a list shows, a sum
// adds up and a price needs. Messages and parameters stay with the span.
//
//   CallRow row = RowOf(batch, span, call, cost);
//   std::apply([&](auto... column) { (Show(column.name, column.get(row)), ...); }, kCallColumns);
//
// kCallColumns is the one list of the columns: encoder, statements and readers go through it.
//
// Ownership      Texts point into what the row was made of.
// Thread safety  Plain data.
#pragma once

#include <cstdint>
#include <limits>
#include <string_view>
#include <tuple>

#include "trace/batch.h"
#include "trace/call.h"
#include "trace/cost.h"
#include "trace/ids.h"
#include "trace/usage.h"

namespace telltale {

struct CallRow {
  TraceId trace_id;
  SpanId span_id;
  SpanId parent_id;
  int64_t start_unix_nano = 0;
  int64_t duration_nano = 0;
  uint64_t response_hash = 0;  // of response_id; 0: none. One answer told in two traces is found by it.

  std::string_view service;
  std::string_view name;
  std::string_view scope;  // name of the instrumentation
  CallKind kind = CallKind::kNone;
  std::string_view dialect;
  std::string_view provider;
  std::string_view request_model;
  std::string_view response_model;
  std::string_view service_tier;
  std::string_view response_id;
  std::string_view finish_reason;  // the first, as Telltale names it
  uint8_t failed = 0;
  std::string_view error_type;

  // Its own, or its nearest ancestor's that has one.
  std::string_view conversation;
  std::string_view user;
  std::string_view agent;
  std::string_view tool;
  std::string_view prompt;
  std::string_view prompt_version;

  // Seconds; NaN: not told.
  double time_to_first_token = std::numeric_limits<double>::quiet_NaN();
  Usage usage;
  double reported_cost = std::numeric_limits<double>::quiet_NaN();  // US dollars; NaN: not told

  // What its trace says about it. counts: it adds to sums.
  uint8_t counts = 1;
  SpanId duplicate_of;

  PicoDollars cost = Cost::kNotTold;
  CostStatus cost_status = CostStatus::kNoUsage;
  CostReason cost_reason = CostReason::kUsageNotTold;
  std::string_view price_rule;
  std::string_view price_table;

  // Of two rows of one span the one with the larger revision holds.
  uint32_t revision = 0;
  int64_t received_unix_ms = 0;
};

template <typename Get>
struct CallColumn {
  std::string_view name;
  std::string_view type;  // ClickHouse's
  Get get;                // a reference to the row's field
};

// The first columns have a fixed width: the settler finds them without reading the rest.
inline constexpr auto kCallColumns = std::tuple{
    CallColumn{"trace_id", "FixedString(16)", [](auto& row) -> auto& { return row.trace_id; }},
    CallColumn{"span_id", "FixedString(8)", [](auto& row) -> auto& { return row.span_id; }},
    CallColumn{"parent_id", "FixedString(8)", [](auto& row) -> auto& { return row.parent_id; }},
    CallColumn{"start", "DateTime64(9, 'UTC')", [](auto& row) -> auto& { return row.start_unix_nano; }},
    CallColumn{"duration", "Int64", [](auto& row) -> auto& { return row.duration_nano; }},
    CallColumn{"response_hash", "UInt64", [](auto& row) -> auto& { return row.response_hash; }},
    CallColumn{"service", "LowCardinality(String)", [](auto& row) -> auto& { return row.service; }},
    CallColumn{"name", "LowCardinality(String)", [](auto& row) -> auto& { return row.name; }},
    CallColumn{"scope", "LowCardinality(String)", [](auto& row) -> auto& { return row.scope; }},
    CallColumn{"kind", "UInt8", [](auto& row) -> auto& { return row.kind; }},
    CallColumn{"dialect", "LowCardinality(String)", [](auto& row) -> auto& { return row.dialect; }},
    CallColumn{"provider", "LowCardinality(String)", [](auto& row) -> auto& { return row.provider; }},
    CallColumn{"request_model", "LowCardinality(String)",
               [](auto& row) -> auto& { return row.request_model; }},
    CallColumn{"response_model", "LowCardinality(String)",
               [](auto& row) -> auto& { return row.response_model; }},
    CallColumn{"service_tier", "LowCardinality(String)", [](auto& row) -> auto& { return row.service_tier; }},
    CallColumn{"response_id", "String", [](auto& row) -> auto& { return row.response_id; }},
    CallColumn{"finish_reason", "LowCardinality(String)",
               [](auto& row) -> auto& { return row.finish_reason; }},
    CallColumn{"failed", "UInt8", [](auto& row) -> auto& { return row.failed; }},
    CallColumn{"error_type", "LowCardinality(String)", [](auto& row) -> auto& { return row.error_type; }},
    CallColumn{"conversation", "String", [](auto& row) -> auto& { return row.conversation; }},
    CallColumn{"user", "String", [](auto& row) -> auto& { return row.user; }},
    CallColumn{"agent", "LowCardinality(String)", [](auto& row) -> auto& { return row.agent; }},
    CallColumn{"tool", "LowCardinality(String)", [](auto& row) -> auto& { return row.tool; }},
    CallColumn{"prompt", "LowCardinality(String)", [](auto& row) -> auto& { return row.prompt; }},
    CallColumn{"prompt_version", "LowCardinality(String)",
               [](auto& row) -> auto& { return row.prompt_version; }},
    CallColumn{"time_to_first_token", "Float64", [](auto& row) -> auto& { return row.time_to_first_token; }},
    CallColumn{"input_tokens", "Int64", [](auto& row) -> auto& { return row.usage.input_tokens; }},
    CallColumn{"output_tokens", "Int64", [](auto& row) -> auto& { return row.usage.output_tokens; }},
    CallColumn{"cache_read_tokens", "Int64", [](auto& row) -> auto& { return row.usage.cache_read_tokens; }},
    CallColumn{"cache_write_tokens", "Int64",
               [](auto& row) -> auto& { return row.usage.cache_write_tokens; }},
    CallColumn{"cache_write_5m_tokens", "Int64",
               [](auto& row) -> auto& { return row.usage.cache_write_5m_tokens; }},
    CallColumn{"cache_write_1h_tokens", "Int64",
               [](auto& row) -> auto& { return row.usage.cache_write_1h_tokens; }},
    CallColumn{"audio_input_tokens", "Int64",
               [](auto& row) -> auto& { return row.usage.audio_input_tokens; }},
    CallColumn{"image_input_tokens", "Int64",
               [](auto& row) -> auto& { return row.usage.image_input_tokens; }},
    CallColumn{"reasoning_tokens", "Int64", [](auto& row) -> auto& { return row.usage.reasoning_tokens; }},
    CallColumn{"audio_output_tokens", "Int64",
               [](auto& row) -> auto& { return row.usage.audio_output_tokens; }},
    CallColumn{"image_output_tokens", "Int64",
               [](auto& row) -> auto& { return row.usage.image_output_tokens; }},
    CallColumn{"web_searches", "Int64", [](auto& row) -> auto& { return row.usage.web_searches; }},
    CallColumn{"usage_convention", "UInt8", [](auto& row) -> auto& { return row.usage.convention; }},
    CallColumn{"usage_scope", "UInt8", [](auto& row) -> auto& { return row.usage.scope; }},
    CallColumn{"usage_source", "UInt8", [](auto& row) -> auto& { return row.usage.source; }},
    CallColumn{"reported_cost", "Float64", [](auto& row) -> auto& { return row.reported_cost; }},
    CallColumn{"counts", "UInt8", [](auto& row) -> auto& { return row.counts; }},
    CallColumn{"duplicate_of", "FixedString(8)", [](auto& row) -> auto& { return row.duplicate_of; }},
    CallColumn{"cost", "Int64", [](auto& row) -> auto& { return row.cost; }},
    CallColumn{"cost_status", "UInt8", [](auto& row) -> auto& { return row.cost_status; }},
    CallColumn{"cost_reason", "UInt8", [](auto& row) -> auto& { return row.cost_reason; }},
    CallColumn{"price_rule", "LowCardinality(String)", [](auto& row) -> auto& { return row.price_rule; }},
    CallColumn{"price_table", "LowCardinality(String)", [](auto& row) -> auto& { return row.price_table; }},
    CallColumn{"revision", "UInt32", [](auto& row) -> auto& { return row.revision; }},
    CallColumn{"received", "DateTime64(3, 'UTC')", [](auto& row) -> auto& { return row.received_unix_ms; }},
};
inline constexpr size_t kCallColumnCount = std::tuple_size_v<decltype(kCallColumns)>;

// REQUIRES: call.is_call(). Texts point into the batch, the call and the cost.
CallRow RowOf(const Batch& batch, const Span& span, const Call& call, const Cost& cost);

// What a row tells of the call that it was made of. Texts point into what the row's do.
Call CallOf(const CallRow& row);

// True when lists, sums and prices would show the two alike: all but revision and arrival.
bool SaysTheSame(const CallRow& a, const CallRow& b);

}  // namespace telltale
