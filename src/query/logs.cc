#include "query/logs.h"

#include <algorithm>
#include <utility>

#include "query/content_joiner.h"
#include "query/newest_first.h"
#include "query/statement.h"

namespace telltale {
namespace {

constexpr std::string_view kColumns =
    "SELECT time, sent_time, observed_time, trace_id, span_id, service, severity, severity_text, event_name, "
    "body, body_type, flags, attrs, attr_types, dropped_attributes, resource, scope FROM logs WHERE 1";

constexpr std::string_view kNewestFirst = "max_threads = 1, read_in_order_use_virtual_row = 1";

LogRow ReadRow(RowReader& rows) {
  LogRow row;
  row.time_unix_nano = rows.Number<int64_t>();
  row.sent_time_unix_nano = rows.Number<uint64_t>();
  row.observed_time_unix_nano = rows.Number<uint64_t>();
  row.trace_id = TraceId::FromBytes(rows.FixedString(16));
  row.span_id = SpanId::FromBytes(rows.FixedString(8));
  row.service = rows.String();
  row.severity_number = rows.Number<uint8_t>();
  row.severity_text = rows.String();
  row.event_name = rows.String();
  row.body.text = rows.String();
  row.body.type = static_cast<ValueType>(rows.Number<uint8_t>());
  row.flags = rows.Number<uint32_t>();
  row.attributes = ReadStoredAttributes(rows);
  row.dropped_attributes = rows.Number<uint32_t>();
  row.resource = rows.String();
  row.scope = rows.String();
  return row;
}

Result<LogPage> Read(Engine& engine, const QueryRequest& request) {
  TELLTALE_ASSIGN_OR_RETURN(QueryResult result, engine.Query(request));
  LogPage page;
  page.bytes = std::make_unique<const QueryResult>(std::move(result));
  RowReader rows(page.bytes->bytes);
  while (!rows.done()) page.rows.push_back(ReadRow(rows));
  ContentJoiner joiner(engine, kLogBytesMax, page.values);
  const auto end = std::ranges::find_if(
      page.rows, [&](LogRow& row) { return !joiner.Add(row.body) || !joiner.Add(row.attributes); });
  TELLTALE_RETURN_IF_ERROR(joiner.Run());
  page.truncated = end != page.rows.end();
  page.rows.erase(end, page.rows.end());
  return page;
}

// Everything but the text. REQUIRES: a condition stands before it.
void AddConditions(const LogFilter& filter, const TimeRange& range, Statement& sql) {
  sql.AndRange(range, "time");
  if (filter.trace_id) (sql << " AND trace_id = ").Bytes(*filter.trace_id);
  if (filter.span_id) (sql << " AND span_id = ").Bytes(*filter.span_id);
  if (!filter.service.empty()) (sql << " AND service = ").Parameter("service", "String", filter.service);
  if (!filter.event_name.empty())
    (sql << " AND event_name = ").Parameter("event_name", "String", filter.event_name);
  if (filter.severity_min) (sql << " AND severity >= ").Number("severity", *filter.severity_min);
  for (size_t i = 0; i < filter.attributes.size(); ++i) AddAttributeCondition(filter.attributes[i], i, sql);
}

// The parts of a large body's reference (content/kept_value.h), and which bodies are one: those
// whose type is an upper-case letter.
constexpr std::string_view kBodyStored = "reinterpretAsInt64(substring(body, 9, 8))";
constexpr std::string_view kBodyHash = "reinterpretAsUInt64(substring(body, 1, 8))";
constexpr std::string_view kBodyIsKept = "body_type < 97";

// The body contains the text. Large bodies are asked for in the table that has them: of those
// that the other conditions leave.
void AddTextCondition(const LogFilter& filter, const TimeRange& range, Statement& sql) {
  if (filter.text.empty()) return;
  (sql << " AND if(" << kBodyIsKept << ", (" << kBodyStored << ", " << kBodyHash)
      << ") IN (SELECT stored, hash FROM content WHERE stored IN (SELECT " << kBodyStored
      << " FROM logs WHERE " << kBodyIsKept;
  AddConditions(filter, range, sql);
  (sql << ") AND positionCaseInsensitive(bytes, ").Parameter("text", "String", filter.text) << ") > 0), ";
  (sql << "positionCaseInsensitive(body, ").Parameter("text", "String", filter.text) << ") > 0)";
}

}  // namespace

Result<LogPage> ReadLogs(Engine& engine, const LogSearch& search) {
  const auto read = [&](const TimeRange& range, size_t rows_max) -> Result<LogPage> {
    Statement sql(kColumns);
    AddConditions(search.filter, range, sql);
    AddTextCondition(search.filter, range, sql);
    sql << " ORDER BY time DESC LIMIT " << std::to_string(rows_max);
    Result<LogPage> page = Read(engine, sql.Take(kNewestFirst));
    if (page && page->truncated) {
      return Fail(ErrorCode::kOverLimit,
                  "read logs: " + std::to_string(rows_max) + " records: their content takes more than " +
                      std::to_string(kLogBytesMax) + " bytes",
                  "ask for fewer at a time");
    }
    return page;
  };
  TELLTALE_ASSIGN_OR_RETURN(auto found, ReadNewestFirst<LogPage>(search.filter.range, search.limit, read));
  found.first.next = found.second;
  return std::move(found.first);
}

Result<LogPage> ReadLogsOfTrace(Engine& engine, const TraceId& trace_id, size_t rows_max) {
  Statement sql(kColumns);
  (sql << " AND trace_id = ").Bytes(trace_id);
  // Records of one time stay in the order in which they were sent.
  sql << " ORDER BY time, _part, _part_offset LIMIT " << std::to_string(rows_max);
  return Read(engine, sql.Take("max_threads = 1"));
}

}  // namespace telltale
