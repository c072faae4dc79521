#include "query/logs.h"

#include <utility>

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
  return page;
}

void AddConditions(const LogFilter& filter, Statement& sql) {
  if (filter.trace_id) (sql << " AND trace_id = ").Bytes(*filter.trace_id);
  if (filter.span_id) (sql << " AND span_id = ").Bytes(*filter.span_id);
  if (!filter.service.empty()) (sql << " AND service = ").Parameter("service", "String", filter.service);
  if (!filter.event_name.empty())
    (sql << " AND event_name = ").Parameter("event_name", "String", filter.event_name);
  if (filter.severity_min) (sql << " AND severity >= ").Number("severity", *filter.severity_min);
  if (!filter.text.empty())
    (sql << " AND positionCaseInsensitive(body, ").Parameter("text", "String", filter.text) << ") > 0";
  for (size_t i = 0; i < filter.attributes.size(); ++i) AddAttributeCondition(filter.attributes[i], i, sql);
}

}  // namespace

Result<LogPage> ReadLogs(Engine& engine, const LogSearch& search) {
  const auto read = [&](const TimeRange& range, size_t rows_max) {
    Statement sql(kColumns);
    sql.AndRange(range, "time");
    AddConditions(search.filter, sql);
    sql << " ORDER BY time DESC LIMIT " << std::to_string(rows_max);
    return Read(engine, sql.Take(kNewestFirst));
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
