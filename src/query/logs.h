// Log records: of one trace, or newest first. The only place that knows the columns of
// the table `logs`.
//
//   TELLTALE_ASSIGN_OR_RETURN(LogPage page, ReadLogs(engine, {.filter = {.service = "shop"}, .limit = 50}));
//   for (const LogRow& row : page.rows) Show(row);
//
// Ownership      Views of a row point into the page's bytes; moving the page keeps them.
// Failure        As Engine::Query; kOverLimit when a page takes more than kLogBytesMax.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/result.h"
#include "query/columns.h"
#include "query/filter.h"
#include "store/engine.h"

namespace telltale {

struct LogFilter {
  TimeRange range;
  std::optional<TraceId> trace_id;
  std::optional<SpanId> span_id;
  std::string service;  // empty: any
  std::string event_name;
  std::string text;                     // the body contains it, in any case of ASCII letters
  std::optional<uint8_t> severity_min;  // as in trace/batch.h
  std::vector<AttributeFilter> attributes;
};

struct LogRow {
  int64_t time_unix_nano = 0;  // the event's, else when it was observed, else received
  uint64_t sent_time_unix_nano = 0;
  uint64_t observed_time_unix_nano = 0;
  TraceId trace_id;
  SpanId span_id;
  std::string_view service;
  uint8_t severity_number = 0;
  std::string_view severity_text;
  std::string_view event_name;
  StoredAttribute body;  // without a key
  uint32_t flags = 0;
  StoredAttributes attributes;
  uint32_t dropped_attributes = 0;
  std::string_view resource;
  std::string_view scope;
};

struct LogPage {
  std::vector<LogRow> rows;
  std::optional<int64_t> next;  // where the next page's range ends
  bool truncated = false;       // what was left out would have taken too much memory
  std::unique_ptr<const QueryResult> bytes;
  Arena values;
};

// Of a page's records, their content joined.
inline constexpr size_t kLogBytesMax = 128'000'000;

struct LogSearch {
  LogFilter filter;
  size_t limit = 100;
};

// Newest first.
Result<LogPage> ReadLogs(Engine& engine, const LogSearch& search);

// Every record of one trace, oldest first, at most `rows_max` and as many as kLogBytesMax
// holds: `truncated` tells.
Result<LogPage> ReadLogsOfTrace(Engine& engine, const TraceId& trace_id, size_t rows_max);

}  // namespace telltale
