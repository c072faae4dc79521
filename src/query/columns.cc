#include "query/columns.h"

#include <algorithm>
#include <string>
#include <utility>

#include "content/content_keeper.h"
#include "json/writer.h"
#include "query/statement.h"
#include "query/traceql/sql_pieces.h"

namespace telltale {
namespace {

// Newest first, and only a few. One thread and small blocks: these reads stop after a few
// granules, and a second thread or a large block only reads what is thrown away. Lazy
// materialisation costs more than it saves on columns this narrow. With the virtual row a
// part is opened only when its turn comes: 12.1 -> 5.4 ms CPU at 1 M spans in 9 parts.
#define TELLTALE_SHORT_READ                                                                \
  "max_threads = 1, max_block_size = 4096, query_plan_optimize_lazy_materialization = 0, " \
  "read_in_order_use_virtual_row = 1"
constexpr std::string_view kShortRead = TELLTALE_SHORT_READ;

// Filtering before the other columns are read pays when those are wide; where only narrow
// ones are read, it costs more to read them twice (5.4 -> 4.8 ms).
constexpr std::string_view kShortNarrowRead = TELLTALE_SHORT_READ ", optimize_move_to_prewhere = 0";
#undef TELLTALE_SHORT_READ

constexpr std::string_view kOneThread = "max_threads = 1";

// The attribute layout: a map from key to the value's text.
constexpr std::string_view kAttributeColumns = "attrs, attr_types";
constexpr std::string_view kAttributeKeys = "mapKeys(attrs)";

constexpr std::string_view kNoParent = "toFixedString('', 8)";

// Nanoseconds, and never before the start: senders with a broken clock must not make
// a trace end before it began.
constexpr std::string_view kEndNano = "toUnixTimestamp64Nano(start) + greatest(duration, 0)";

std::string NumberList(const std::vector<uint64_t>& numbers) {
  std::string text;
  for (const uint64_t number : numbers) text += (text.empty() ? "" : ", ") + std::to_string(number);
  return text;
}

bool IsInteger(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool IsNumber(std::string_view text) {
  return !text.empty() && text.find_first_not_of("+-.0123456789eE") == std::string_view::npos;
}

std::vector<std::string> Spellings(const AttributeFilter& attribute) {
  const std::string prefix = KeyValueBeginning(attribute.key);
  if (!attribute.value) return {prefix};
  const std::string& value = *attribute.value;
  std::string text = prefix + "{\"stringValue\":";
  AppendJsonString(value, text);
  std::vector<std::string> spellings{text + "}}"};
  if (value == "true" || value == "false") spellings.push_back(prefix + "{\"boolValue\":" + value + "}}");
  if (IsInteger(value)) spellings.push_back(prefix + "{\"intValue\":\"" + value + "\"}}");
  if (IsNumber(value)) spellings.push_back(prefix + "{\"doubleValue\":" + value + "}}");
  return spellings;
}

void AddPositions(std::string_view column, const std::vector<std::string>& texts, const std::string& name,
                  Statement& sql) {
  for (size_t i = 0; i < texts.size(); ++i) {
    sql << (i == 0 ? "" : " OR ") << "position(" << column << ", ";
    sql.Parameter(name + "_" + std::string(column) + std::to_string(i), "String", texts[i]) << ") > 0";
  }
}

void AddResourceMatch(const AttributeFilter& attribute, const std::string& name, Statement& sql) {
  AddPositions("resource", Spellings(attribute), name, sql);
}

// A member whose value is a text. Inside of a text its quotes would be escaped.
std::string Member(std::string_view key, std::string_view value) {
  std::string text = "\"" + std::string(key) + "\":";
  AppendJsonString(value, text);
  return text;
}

void AddPartsMatch(const AttributeFilter& attribute, const std::string& name, Statement& sql) {
  const std::vector<std::string> spellings = Spellings(attribute);
  std::vector<std::string> of_events = spellings;
  if (attribute.key == "event" && attribute.value) of_events.push_back(Member("name", *attribute.value));
  AddPositions("scope", spellings, name, sql);
  sql << " OR ";
  AddPositions("events", of_events, name, sql);
  sql << " OR ";
  AddPositions("links", spellings, name, sql);
}

void AddSpanAttributeMatch(const AttributeFilter& attribute, const std::string& name, Statement& sql) {
  // A map answers '' for a key that it does not have.
  if (!attribute.value || attribute.value->empty()) {
    (sql << "mapContains(attrs, ").Parameter(name + "_key", "String", attribute.key) << ")";
  }
  if (!attribute.value) return;
  sql << (attribute.value->empty() ? " AND attrs[" : "attrs[");
  sql.Parameter(name + "_key", "String", attribute.key) << "] = ";
  sql.Parameter(name + "_value", "String", *attribute.value);
  if (attribute.value->size() < kKeptBytesMin) return;
  // A large value is kept as references that begin alike wherever it was sent. That the key is
  // there is what the index over keys answers.
  (sql << " OR mapContains(attrs, ").Parameter(name + "_key", "String", attribute.key)
      << ") AND startsWith(attrs[";
  sql.Parameter(name + "_key", "String", attribute.key) << "], ";
  sql.Parameter(name + "_kept", "String", KeptBeginning(*attribute.value)) << ")";
}

template <size_t kSize>
Id<kSize> ReadId(RowReader& rows) {
  return Id<kSize>::FromBytes(rows.FixedString(kSize));
}

}  // namespace

std::string KeyValueBeginning(std::string_view key) {
  std::string text = "{\"key\":";
  AppendJsonString(key, text);
  return text + ",\"value\":";
}

void AddAttributeCondition(const AttributeFilter& attribute, size_t index, Statement& sql) {
  const std::string name = "attribute" + std::to_string(index);
  bool is_first = true;
  const auto add = [&](const auto& add_match) {
    sql << (is_first ? " AND (" : " OR ");
    is_first = false;
    add_match(attribute, name, sql);
  };
  if (attribute.on_spans) add(AddSpanAttributeMatch);
  if (attribute.on_resources) add(AddResourceMatch);
  if (attribute.on_parts) add(AddPartsMatch);
  sql << (is_first ? " AND 0" : ")");
}

void AddFilterConditions(const SpanFilter& filter, const TimeRange& range, Statement& sql) {
  if (!filter.service.empty()) (sql << " AND service = ").Parameter("service", "String", filter.service);
  if (!filter.operation.empty()) (sql << " AND name = ").Parameter("operation", "String", filter.operation);
  if (filter.status) (sql << " AND status = ").Number("status", *filter.status);
  if (filter.kind) (sql << " AND kind = ").Number("kind", *filter.kind);
  if (filter.scope_name) AddPositions("scope", {Member("name", *filter.scope_name)}, "name", sql << " AND ");
  if (filter.scope_version)
    AddPositions("scope", {Member("version", *filter.scope_version)}, "version", sql << " AND ");
  if (filter.duration_nano_min)
    (sql << " AND duration >= ").Number("duration_min", *filter.duration_nano_min);
  if (filter.duration_nano_max)
    (sql << " AND duration <= ").Number("duration_max", *filter.duration_nano_max);
  for (size_t i = 0; i < filter.attributes.size(); ++i) AddAttributeCondition(filter.attributes[i], i, sql);
  if (filter.condition) AddPiece(*filter.condition, range, sql << " AND ");
}

QueryRequest SpanRowsStatement(std::span<const TraceId> ids, const SpanRowsPage& page) {
  Statement sql(
      "SELECT trace_id, span_id, parent_id, start, duration, service, name, status_message, trace_state, ");
  sql << kAttributeColumns
      << ", events, links, sipHash64(resource) AS resource_hash, sipHash64(scope) AS scope_hash, "
      << "if(has([" << NumberList(page.known_resources) << "]::Array(UInt64), resource_hash), '', resource), "
      << "if(has([" << NumberList(page.known_scopes) << "]::Array(UInt64), scope_hash), '', scope), "
      << "flags, dropped_attributes, dropped_events, dropped_links, kind, status "
      << "FROM spans WHERE trace_id IN (";
  sql.Ids(ids) << ")";
  for (size_t i = 0; i < page.span_ids.size(); ++i) {
    (sql << (i == 0 ? " AND span_id IN (" : ", ")).Bytes(page.span_ids[i]);
  }
  if (!page.span_ids.empty()) sql << ")";
  sql.AndRange(page.range);
  if (page.after) {
    (sql << " AND start >= ").Time("after", page.after->start_unix_nano);
    (sql << " AND (start > ").Time("after", page.after->start_unix_nano);
    (sql << " OR span_id > ").Bytes(page.after->span_id) << ")";
  }
  sql << " ORDER BY start, span_id LIMIT " << std::to_string(page.rows_max);
  return sql.Take(kOneThread);
}

StoredAttributes ReadStoredAttributes(RowReader& rows) {
  StoredAttributes attributes;
  attributes.count = rows.Length();
  const char* entries = rows.FixedString(0).data();
  for (size_t i = 0; i < 2 * attributes.count; ++i) rows.String();
  attributes.entries = {entries, static_cast<size_t>(rows.FixedString(0).data() - entries)};
  attributes.types = rows.String();
  return attributes;
}

SpanRow ReadSpanRow(RowReader& rows) {
  SpanRow row;
  row.trace_id = ReadId<16>(rows);
  row.span_id = ReadId<8>(rows);
  row.parent_id = ReadId<8>(rows);
  row.start_unix_nano = rows.Number<int64_t>();
  row.duration_nano = rows.Number<int64_t>();
  row.service = rows.String();
  row.name = rows.String();
  row.status_message = rows.String();
  row.trace_state = rows.String();
  row.attributes = ReadStoredAttributes(rows);
  row.events = rows.String();
  row.links = rows.String();
  row.resource_hash = rows.Number<uint64_t>();
  row.scope_hash = rows.Number<uint64_t>();
  row.resource = rows.String();
  row.scope = rows.String();
  row.flags = rows.Number<uint32_t>();
  row.dropped_attributes = rows.Number<uint32_t>();
  row.dropped_events = rows.Number<uint32_t>();
  row.dropped_links = rows.Number<uint32_t>();
  row.kind = rows.Number<uint8_t>();
  row.status = rows.Number<uint8_t>();
  return row;
}

bool AttributeReader::Next(StoredAttribute& attribute) {
  if (left_ == 0) return false;
  --left_;
  attribute.key = rows_.String();
  attribute.text = rows_.String();
  attribute.type = at_ < types_.size() ? static_cast<ValueType>(types_[at_]) : ValueType::kString;
  ++at_;
  return true;
}

QueryRequest MatchesStatement(const SpanFilter& filter, const MatchPage& page) {
  Statement sql("SELECT trace_id, start FROM spans WHERE 1");
  sql.AndRange(page.range);
  AddFilterConditions(filter, page.range, sql);
  if (!page.not_these.empty()) (sql << " AND trace_id NOT IN (").Ids(page.not_these) << ")";
  // Only `start`: with a second key the engine would sort the whole range before the limit.
  sql << " ORDER BY start DESC LIMIT " << std::to_string(page.rows_max);
  return sql.Take(filter.attributes.empty() && !filter.condition ? kShortNarrowRead : kShortRead);
}

QueryRequest TiesStatement(const SpanFilter& filter, const TiePage& page) {
  Statement sql("SELECT trace_id, start FROM spans WHERE start = ");
  sql.Time("at", page.start_unix_nano);
  const TimeRange instant{.start_unix_nano = page.start_unix_nano, .end_unix_nano = page.start_unix_nano + 1};
  AddFilterConditions(filter, instant, sql);
  if (page.below) (sql << " AND trace_id < ").Bytes(*page.below);
  sql << " ORDER BY trace_id DESC LIMIT 1 BY trace_id LIMIT " << std::to_string(page.traces_max);
  return sql.Take(kOneThread);
}

QueryRequest SeenBeforeStatement(const SpanFilter& filter, std::span<const TraceId> ids,
                                 const MatchPosition& position) {
  Statement sql("SELECT trace_id, max(start) FROM spans WHERE trace_id IN (");
  sql.Ids(ids) << ")";
  const TimeRange newer{.start_unix_nano = position.start_unix_nano,
                        .end_unix_nano = filter.range.end_unix_nano};
  sql.AndRange(newer);
  AddFilterConditions(filter, newer, sql);
  (sql << " AND NOT (start = ").Time("at", position.start_unix_nano);
  (sql << " AND trace_id < ").Bytes(position.trace_id) << ") GROUP BY trace_id";
  return sql.Take(kOneThread);
}

MatchRow ReadMatchRow(RowReader& rows) {
  MatchRow row;
  row.trace_id = ReadId<16>(rows);
  row.start_unix_nano = rows.Number<int64_t>();
  return row;
}

void AddArrivedCondition(const ArrivedPage& page, Statement& sql) {
  const auto time = [&](std::string_view name, int64_t unix_ms) {
    (sql << "fromUnixTimestamp64Milli(").Number(std::string(name), unix_ms) << ", 'UTC')";
  };
  // The first two let the engine leave out parts that hold nothing so new.
  sql << " AND received >= ";
  time("arrived_after", page.after_unix_ms);
  sql << " AND received <= ";
  time("arrived_until", page.until_unix_ms);
  sql << " AND (received, trace_id, span_id) > (";
  time("arrived_after", page.after_unix_ms);
  (sql << ", ").Bytes(page.after_trace_id);
  (sql << ", ").Bytes(page.after_span_id) << ")";
}

QueryRequest ArrivedSpansStatement(const SpanFilter& filter, const ArrivedPage& page) {
  Statement sql(
      "SELECT received, trace_id, span_id, parent_id, start, duration, service, name, status_message, kind, "
      "status FROM spans WHERE 1");
  AddArrivedCondition(page, sql);
  sql.AndRange(filter.range);
  AddFilterConditions(filter, filter.range, sql);
  sql << kArrivedOrder << std::to_string(page.rows_max);
  return sql.Take(kOneThread);
}

QueryRequest ArrivedSpansCountStatement(const SpanFilter& filter, const ArrivedPage& page) {
  Statement sql("SELECT count() FROM spans WHERE 1");
  AddArrivedCondition(page, sql);
  sql.AndRange(filter.range);
  AddFilterConditions(filter, filter.range, sql);
  return sql.Take(kOneThread);
}

ArrivedSpanRow ReadArrivedSpanRow(RowReader& rows) {
  ArrivedSpanRow row;
  row.received_unix_ms = rows.Number<int64_t>();
  row.trace_id = ReadId<16>(rows);
  row.span_id = ReadId<8>(rows);
  row.parent_id = ReadId<8>(rows);
  row.start_unix_nano = rows.Number<int64_t>();
  row.duration_nano = rows.Number<int64_t>();
  row.service = rows.String();
  row.name = rows.String();
  row.status_message = rows.String();
  row.kind = rows.Number<uint8_t>();
  row.status = rows.Number<uint8_t>();
  return row;
}

QueryRequest ResourceMatchesStatement(const SpanFilter& filter) {
  Statement sql("SELECT ");
  for (size_t i = 0; i < filter.attributes.size(); ++i) {
    sql << (i == 0 ? "" : ", ") << "max(";
    AddResourceMatch(filter.attributes[i], "attribute" + std::to_string(i), sql);
    sql << ")";
  }
  sql << " FROM spans WHERE 1";
  sql.AndRange(filter.range);
  if (!filter.service.empty()) (sql << " AND service = ").Parameter("service", "String", filter.service);
  return sql.Take(kOneThread);
}

QueryRequest PartsMatchStatement(const SpanFilter& filter) {
  Statement sql("SELECT ");
  for (size_t i = 0; i < filter.attributes.size(); ++i) {
    sql << (i == 0 ? "" : ", ") << "max(";
    AddPartsMatch(filter.attributes[i], "attribute" + std::to_string(i), sql);
    sql << ")";
  }
  sql << " FROM spans WHERE 1";
  sql.AndRange(filter.range);
  if (!filter.service.empty()) (sql << " AND service = ").Parameter("service", "String", filter.service);
  if (!filter.operation.empty()) (sql << " AND name = ").Parameter("operation", "String", filter.operation);
  return sql.Take(kOneThread);
}

QueryRequest ServicesOfTracesStatement(std::span<const TraceId> ids, const TimeRange& range) {
  Statement sql(
      "SELECT trace_id, service, uniqExact(span_id), uniqExactIf(span_id, status = 2), min(start), max(");
  sql << kEndNano << "), argMin((name, status, parent_id = " << kNoParent << ", start, " << kEndNano
      << "), (parent_id != " << kNoParent << ", start)) FROM spans WHERE trace_id IN (";
  sql.Ids(ids) << ")";
  sql.AndRange(range);
  sql << " GROUP BY trace_id, service";
  return sql.Take(kOneThread);
}

ServiceOfTraceRow ReadServiceOfTraceRow(RowReader& rows) {
  ServiceOfTraceRow row;
  row.trace_id = ReadId<16>(rows);
  row.service = rows.String();
  row.spans = rows.Number<uint64_t>();
  row.errors = rows.Number<uint64_t>();
  row.start_unix_nano = rows.Number<int64_t>();
  row.end_unix_nano = rows.Number<int64_t>();
  row.first.name = rows.String();
  row.first.status = rows.Number<uint8_t>();
  row.first.is_root = rows.Number<uint8_t>() != 0;
  row.first.start_unix_nano = rows.Number<int64_t>();
  row.first.end_unix_nano = rows.Number<int64_t>();
  return row;
}

QueryRequest OrphansStatement(std::span<const TraceId> ids, const TimeRange& range) {
  Statement sql("SELECT trace_id, uniqExact(span_id) FROM spans WHERE trace_id IN (");
  sql.Ids(ids) << ")";
  sql.AndRange(range);
  sql << " AND parent_id != " << kNoParent
      << " AND (trace_id, parent_id) NOT IN (SELECT trace_id, span_id FROM spans WHERE trace_id IN (";
  sql.Ids(ids) << ")) GROUP BY trace_id";
  return sql.Take(kOneThread);
}

QueryRequest ServicesStatement(const TimeRange& range, size_t rows_max) {
  Statement sql("SELECT service, count(), countIf(status = 2), max(start) FROM spans WHERE 1");
  sql.AndRange(range);
  sql << " GROUP BY service ORDER BY service LIMIT " << std::to_string(rows_max);
  return sql.Take(kOneThread);
}

ServiceRow ReadServiceRow(RowReader& rows) {
  ServiceRow row;
  row.service = rows.String();
  row.spans = rows.Number<uint64_t>();
  row.errors = rows.Number<uint64_t>();
  row.last_seen_unix_nano = rows.Number<int64_t>();
  return row;
}

QueryRequest OperationsStatement(const std::string& service, const TimeRange& range, size_t rows_max) {
  Statement sql("SELECT name, kind, count() FROM spans WHERE service = ");
  sql.Parameter("service", "String", service).AndRange(range);
  sql << " GROUP BY name, kind ORDER BY name, kind LIMIT " << std::to_string(rows_max);
  return sql.Take(kOneThread);
}

OperationRow ReadOperationRow(RowReader& rows) {
  OperationRow row;
  row.name = rows.String();
  row.kind = rows.Number<uint8_t>();
  row.spans = rows.Number<uint64_t>();
  return row;
}

QueryRequest AttributeKeysStatement(const std::string& service, const TimeRange& range, size_t spans_max) {
  Statement sql(
      "SELECT arraySort(groupUniqArrayArray(1000)(keys)), groupUniqArray(1000)(resource) FROM (SELECT ");
  sql << kAttributeKeys << " AS keys, resource FROM spans WHERE 1";
  sql.AndRange(range);
  if (!service.empty()) (sql << " AND service = ").Parameter("service", "String", service);
  sql << " ORDER BY start DESC LIMIT " << std::to_string(spans_max) << ")";
  return sql.Take(kShortRead);
}

QueryRequest DependenciesStatement(const TimeRange& range, size_t spans_max) {
  const std::string limit = " ORDER BY start DESC LIMIT " + std::to_string(spans_max);
  Statement sql("SELECT parents.service AS parent, children.service AS child, count() AS calls FROM ");
  sql << "(SELECT trace_id, parent_id, service FROM spans WHERE parent_id != " << kNoParent;
  sql.AndRange(range);
  sql << limit << ") AS children INNER JOIN (SELECT trace_id, span_id, service FROM spans WHERE 1";
  sql.AndRange(range);
  sql << limit
      << ") AS parents ON children.trace_id = parents.trace_id AND children.parent_id = parents.span_id "
         "WHERE parents.service != children.service GROUP BY parent, child ORDER BY parent, child LIMIT "
         "10000";
  return sql.Take(kOneThread);
}

DependencyRow ReadDependencyRow(RowReader& rows) {
  DependencyRow row;
  row.parent = rows.String();
  row.child = rows.String();
  row.calls = rows.Number<uint64_t>();
  return row;
}

QueryRequest StoreSizeStatement() {
  return {.sql =
              "SELECT sumIf(rows, table = 'spans'), sum(bytes_on_disk) FROM system.parts "
              "WHERE active AND database = currentDatabase()"};
}

QueryRequest StoreTimesStatement() {
  return {.sql = "SELECT min(start), max(start) FROM spans"};
}

}  // namespace telltale
