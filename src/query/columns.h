// Every statement that is sent about spans, and the rows that come back. This pair of
// files is the only place that knows the columns of the table `spans` and how attributes
// are laid out in every table; store/schema/ makes them.
//
//   const QueryRequest request = ServicesStatement(range);
//   TELLTALE_ASSIGN_OR_RETURN(QueryResult result, engine.Query(request));
//   RowReader rows(result.bytes);
//   while (!rows.done()) Add(ReadServiceRow(rows));
//
// What users typed reaches SQL only as parameters. Ids are 16 and 8 bytes by type and
// are written as hex by us, so they stand in the text.
//
// Ownership      string_views of a row point into the bytes of the QueryResult.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "query/filter.h"
#include "store/engine.h"
#include "store/row_reader.h"
#include "trace/batch.h"
#include "trace/ids.h"

namespace telltale {

class Statement;

// --- Spans of known traces, ordered by start, in pieces -----------------------------

struct SpanRowsPage {
  size_t rows_max = 1000;
  TimeRange range;
  // The piece begins after this row.
  struct After {
    int64_t start_unix_nano = 0;
    SpanId span_id;
  };
  std::optional<After> after;
  std::vector<SpanId> span_ids;  // only spans with one of these; empty: every span
  // Hashes of resource and scope texts that the caller has: those come back empty.
  std::vector<uint64_t> known_resources;
  std::vector<uint64_t> known_scopes;
};

QueryRequest SpanRowsStatement(std::span<const TraceId> ids, const SpanRowsPage& page);

// The attributes of one span as they lie in the result: decoded while they are read.
struct StoredAttributes {
  size_t count = 0;
  std::string_view entries;
  std::string_view types;
  // Pieces of values that are not in the store; the values say so.
  uint32_t missing_chunks = 0;
};

// The columns attrs and attr_types of a row, whatever the table: as they lie there, large
// values as references. ContentJoiner puts those back.
StoredAttributes ReadStoredAttributes(RowReader& rows);

// One attribute in the text form of the store: a string is itself, true or false,
// decimal numbers, base64, and for arrays and maps an OTLP/JSON AnyValue object.
struct StoredAttribute {
  std::string_view key;
  ValueType type = ValueType::kString;
  std::string_view text;
};

class AttributeReader {
 public:
  explicit AttributeReader(const StoredAttributes& attributes)
      : left_(attributes.count), rows_(attributes.entries), types_(attributes.types) {}
  // False at the end.
  bool Next(StoredAttribute& attribute);

 private:
  size_t left_;
  size_t at_ = 0;
  RowReader rows_;
  std::string_view types_;
};

struct SpanRow {
  TraceId trace_id;
  SpanId span_id;
  SpanId parent_id;
  int64_t start_unix_nano = 0;
  int64_t duration_nano = 0;  // negative where the sender's end is before its start
  std::string_view service;
  std::string_view name;
  std::string_view status_message;
  std::string_view trace_state;
  StoredAttributes attributes;
  std::string_view events;  // empty or a JSON array in OTLP/JSON
  std::string_view links;   // likewise
  uint64_t resource_hash = 0;
  uint64_t scope_hash = 0;
  std::string_view resource;  // empty when its hash was known
  std::string_view scope;
  uint32_t flags = 0;
  uint32_t dropped_attributes = 0;
  uint32_t dropped_events = 0;
  uint32_t dropped_links = 0;
  uint8_t kind = 0;
  uint8_t status = 0;
};

SpanRow ReadSpanRow(RowReader& rows);

// --- Spans that match a filter, newest first ----------------------------------------

struct MatchPage {
  size_t rows_max = 256;
  TimeRange range;                 // part of the filter's range
  std::vector<TraceId> not_these;  // traces that are known already
};

QueryRequest MatchesStatement(const SpanFilter& filter, const MatchPage& page);

// The traces with a match that starts at exactly this time, largest id first.
struct TiePage {
  int64_t start_unix_nano = 0;
  std::optional<TraceId> below;
  size_t traces_max = 0;
};

QueryRequest TiesStatement(const SpanFilter& filter, const TiePage& page);

// Which of `ids` have a match at or after the position in the order (start, id)
// descending; the filter's range gives the newest end.
struct MatchPosition {
  int64_t start_unix_nano = 0;
  TraceId trace_id;
};

QueryRequest SeenBeforeStatement(const SpanFilter& filter, std::span<const TraceId> ids,
                                 const MatchPosition& position);

struct MatchRow {
  TraceId trace_id;
  int64_t start_unix_nano = 0;
};

MatchRow ReadMatchRow(RowReader& rows);

// One UInt8 for each attribute of the filter: 1 when a resource in the range matches it.
QueryRequest ResourceMatchesStatement(const SpanFilter& filter);
// Likewise for the parts of a span (AttributeFilter::on_parts).
QueryRequest PartsMatchStatement(const SpanFilter& filter);

// --- Spans in the order of their arrival ----------------------------------------------

struct ArrivedPage {
  // Behind this one, until then, both by the time of arrival.
  int64_t after_unix_ms = 0;
  TraceId after_trace_id;
  SpanId after_span_id;
  int64_t until_unix_ms = 0;
  size_t rows_max = 0;
};
// ` AND ...`, for whichever table. REQUIRES: a condition stands before it.
void AddArrivedCondition(const ArrivedPage& page, Statement& sql);
inline constexpr std::string_view kArrivedOrder = " ORDER BY received, trace_id, span_id LIMIT ";

// The filter's time range is of starts.
QueryRequest ArrivedSpansStatement(const SpanFilter& filter, const ArrivedPage& page);
// One UInt64: how many there are, whatever `rows_max`.
QueryRequest ArrivedSpansCountStatement(const SpanFilter& filter, const ArrivedPage& page);

struct ArrivedSpanRow {
  int64_t received_unix_ms = 0;
  TraceId trace_id;
  SpanId span_id;
  SpanId parent_id;
  int64_t start_unix_nano = 0;
  int64_t duration_nano = 0;
  std::string_view service;
  std::string_view name;
  std::string_view status_message;
  uint8_t kind = 0;
  uint8_t status = 0;
};
ArrivedSpanRow ReadArrivedSpanRow(RowReader& rows);

// --- One row for each trace and service ---------------------------------------------

struct ServiceOfTraceRow {
  TraceId trace_id;
  std::string_view service;
  uint64_t spans = 0;
  uint64_t errors = 0;
  int64_t start_unix_nano = 0;
  int64_t end_unix_nano = 0;
  // The earliest root, or the earliest span where there is no root.
  struct First {
    std::string_view name;
    uint8_t status = 0;
    bool is_root = false;
    int64_t start_unix_nano = 0;
    int64_t end_unix_nano = 0;
  } first;
};

QueryRequest ServicesOfTracesStatement(std::span<const TraceId> ids, const TimeRange& range);
ServiceOfTraceRow ReadServiceOfTraceRow(RowReader& rows);

// Rows: trace id, count of spans whose parent is not in the trace.
QueryRequest OrphansStatement(std::span<const TraceId> ids, const TimeRange& range);

// --- Catalogue ----------------------------------------------------------------------

struct ServiceRow {
  std::string_view service;
  uint64_t spans = 0;
  uint64_t errors = 0;
  int64_t last_seen_unix_nano = 0;
};

QueryRequest ServicesStatement(const TimeRange& range, size_t rows_max);
ServiceRow ReadServiceRow(RowReader& rows);

struct OperationRow {
  std::string_view name;
  uint8_t kind = 0;
  uint64_t spans = 0;
};

QueryRequest OperationsStatement(const std::string& service, const TimeRange& range, size_t rows_max);
OperationRow ReadOperationRow(RowReader& rows);

// One row: Array(String) of span attribute keys, Array(String) of resource texts, both
// over the newest `spans_max` spans.
QueryRequest AttributeKeysStatement(const std::string& service, const TimeRange& range, size_t spans_max);

struct DependencyRow {
  std::string_view parent;
  std::string_view child;
  uint64_t calls = 0;
};

// Over the newest `spans_max` spans of the range.
QueryRequest DependenciesStatement(const TimeRange& range, size_t spans_max);
DependencyRow ReadDependencyRow(RowReader& rows);

// One row: UInt64 rows, UInt64 bytes on disk.
QueryRequest StoreSizeStatement();
// One row: Int64 oldest and newest start; both 0 when there are no spans.
QueryRequest StoreTimesStatement();

}  // namespace telltale
