#include "settle/stored_calls.h"

#include <string>

#include "query/statement.h"
#include "store/row_reader.h"

namespace telltale {
namespace {

constexpr size_t kTracesOfAnswersMax = 256;

Result<std::vector<TraceId>> ReadTraceIds(Engine& engine, const QueryRequest& request) {
  TELLTALE_ASSIGN_OR_RETURN(const QueryResult result, engine.Query(request));
  std::vector<TraceId> ids;
  for (RowReader rows(result.bytes); !rows.done();) ids.push_back(TraceId::FromBytes(rows.FixedString(16)));
  return ids;
}

}  // namespace

Result<std::vector<SpanLink>> ReadLinks(Engine& engine, std::span<const TraceId> ids, size_t rows_max) {
  Statement sql("SELECT trace_id, span_id, parent_id, start, duration FROM spans WHERE trace_id IN (");
  sql.Ids(ids) << ") LIMIT " << std::to_string(rows_max);
  TELLTALE_ASSIGN_OR_RETURN(const QueryResult result, engine.Query(sql.Take("max_threads = 1")));
  std::vector<SpanLink> links;
  for (RowReader rows(result.bytes); !rows.done();) {
    SpanLink link;
    link.trace_id = TraceId::FromBytes(rows.FixedString(16));
    link.span_id = SpanId::FromBytes(rows.FixedString(8));
    link.parent_id = SpanId::FromBytes(rows.FixedString(8));
    link.start_unix_nano = rows.Number<int64_t>();
    link.end_unix_nano = link.start_unix_nano + rows.Number<int64_t>();
    links.push_back(link);
  }
  return links;
}

Result<std::vector<TraceId>> TracesOfAnswers(Engine& engine, std::span<const uint64_t> response_hashes,
                                             const TimeRange& range) {
  if (response_hashes.empty()) return std::vector<TraceId>();
  Statement sql("SELECT DISTINCT trace_id FROM calls WHERE response_hash IN (");
  for (size_t i = 0; i < response_hashes.size(); ++i)
    sql << (i == 0 ? "" : ", ") << std::to_string(response_hashes[i]);
  (sql << ")").AndRange(range) << " LIMIT " << std::to_string(kTracesOfAnswersMax);
  return ReadTraceIds(engine, sql.Take("max_threads = 1"));
}

Result<std::vector<TraceId>> TracesWithCallRecords(Engine& engine, std::span<const TraceId> ids) {
  if (ids.empty()) return std::vector<TraceId>();
  Statement sql("SELECT DISTINCT trace_id FROM logs WHERE trace_id IN (");
  sql.Ids(ids) << ") AND (arrayExists(begin -> startsWith(event_name, begin) OR "
                  "startsWith(attrs['event.name'], begin), "
                  "['gen_ai.', 'claude_code.', 'codex.']) OR "
                  "arrayExists(key -> startsWith(key, 'gen_ai.'), mapKeys(attrs)))";
  return ReadTraceIds(engine, sql.Take("max_threads = 1"));
}

}  // namespace telltale
