#include "query/live_tail_reads.h"

#include <string>
#include <utility>

#include "query/call_sql.h"
#include "query/statement.h"
#include "store/row_reader.h"

namespace telltale {
namespace {

ArrivedPage PageOf(const Arrived& arrived) {
  return {.after_unix_ms = arrived.after.received_unix_ms,
          .after_trace_id = arrived.after.trace_id,
          .after_span_id = arrived.after.span_id,
          .until_unix_ms = arrived.until_unix_ms,
          .rows_max = arrived.rows_max};
}

// How many rows a count finds beside those that were read.
Result<uint64_t> CountMore(Engine& engine, const QueryRequest& count, size_t rows_read) {
  TELLTALE_ASSIGN_OR_RETURN(const QueryResult result, engine.Query(count));
  RowReader rows(result.bytes);
  const uint64_t all = rows.done() ? 0 : rows.Number<uint64_t>();
  return all > rows_read ? all - rows_read : 0;
}

}  // namespace

Result<ArrivedSpans> ReadArrivedSpans(Engine& engine, const SpanFilter& filter, const Arrived& arrived) {
  const ArrivedPage page = PageOf(arrived);
  TELLTALE_ASSIGN_OR_RETURN(QueryResult result, engine.Query(ArrivedSpansStatement(filter, page)));
  ArrivedSpans spans;
  spans.bytes = std::make_unique<const QueryResult>(std::move(result));
  for (RowReader rows(spans.bytes->bytes); !rows.done();) spans.rows.push_back(ReadArrivedSpanRow(rows));
  if (spans.rows.size() < arrived.rows_max) return spans;
  TELLTALE_ASSIGN_OR_RETURN(spans.more,
                            CountMore(engine, ArrivedSpansCountStatement(filter, page), spans.rows.size()));
  return spans;
}

Result<ArrivedCalls> ReadArrivedCalls(Engine& engine, const CallFilter& filter, const Arrived& arrived) {
  const ArrivedPage page = PageOf(arrived);
  const auto statement = [&](std::string_view columns) {
    Statement sql("SELECT ");
    sql << columns << " FROM calls FINAL WHERE 1";
    AddArrivedCondition(page, sql);
    AddCallConditions(filter, sql);
    return sql;
  };
  Statement sql = statement(CallColumnNames());
  sql << kArrivedOrder << std::to_string(page.rows_max);
  ArrivedCalls calls;
  TELLTALE_ASSIGN_OR_RETURN(calls.calls, ReadCalls(engine, sql.Take(kFinal)));
  if (calls.calls.rows.size() < arrived.rows_max) return calls;
  TELLTALE_ASSIGN_OR_RETURN(calls.more,
                            CountMore(engine, statement("count()").Take(kFinal), calls.calls.rows.size()));
  return calls;
}

}  // namespace telltale
