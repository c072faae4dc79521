#include "query/calls.h"

#include <charconv>
#include <cmath>
#include <utility>

#include "query/call_sql.h"
#include "query/statement.h"
#include "query/traceql/sql_pieces.h"
#include "store/row_reader.h"

namespace telltale {
namespace {

std::string_view ExpressionOf(CallOrder order) {
  switch (order) {
    case CallOrder::kStart:
      return "toUnixTimestamp64Nano(start)";
    case CallOrder::kCost:
      return "cost";
    case CallOrder::kTokens:
      return "greatest(input_tokens, 0) + greatest(output_tokens, 0)";
    case CallOrder::kDuration:
      return "duration";
  }
  return "cost";
}

int64_t ValueOf(CallOrder order, const CallRow& row) {
  switch (order) {
    case CallOrder::kStart:
      return row.start_unix_nano;
    case CallOrder::kCost:
      return row.cost;
    case CallOrder::kTokens:
      return std::max<int64_t>(row.usage.input_tokens, 0) + std::max<int64_t>(row.usage.output_tokens, 0);
    case CallOrder::kDuration:
      return row.duration_nano;
  }
  return 0;
}

std::string_view ExpressionOf(CallDimension dimension) {
  switch (dimension) {
    case CallDimension::kModel:
      return "toString(if(response_model = '', request_model, response_model))";
    case CallDimension::kProvider:
      return "toString(provider)";
    case CallDimension::kService:
      return "toString(service)";
    case CallDimension::kKind:
      return "toString(kind)";
    case CallDimension::kOperation:
      return "toString(name)";
    case CallDimension::kUser:
      return "user";
    case CallDimension::kConversation:
      return "conversation";
    case CallDimension::kPrompt:
      return "toString(prompt)";
    case CallDimension::kPromptVersion:
      return "toString(prompt_version)";
    case CallDimension::kAgent:
      return "toString(agent)";
    case CallDimension::kCostStatus:
      return "toString(cost_status)";
  }
  return "''";
}

std::string_view ExpressionOf(SumOrder order) {
  switch (order) {
    case SumOrder::kCost:
      return kCostSum;
    case SumOrder::kCalls:
      return "countIf(kind IN (1, 2, 3, 7))";
    case SumOrder::kTokens:
      return "sum(greatest(input_tokens, 0)) + sum(greatest(output_tokens, 0))";
    case SumOrder::kErrors:
      return "countIf(kind IN (1, 2, 3, 7) AND failed)";
    case SumOrder::kDuration:
      return "sumIf(duration, kind IN (1, 2, 3, 7))";
  }
  return "count()";
}

// Numbers of enums become the names that APIs show.
std::string KeyText(CallDimension dimension, std::string_view text) {
  size_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  if (dimension == CallDimension::kKind && number < std::size(kCallKindNames))
    return std::string(kCallKindNames[number]);
  if (dimension == CallDimension::kCostStatus)
    return std::string(CostStatusName(static_cast<CostStatus>(std::min<size_t>(number, 3))));
  return std::string(text);
}

std::optional<Quantiles> ReadQuantiles(RowReader& rows) {
  Quantiles quantiles;
  double* const places[] = {&quantiles.p50, &quantiles.p95, &quantiles.p99};
  const size_t count = rows.Length();
  for (size_t i = 0; i < count; ++i) {
    const auto value = rows.Number<double>();
    if (i < std::size(places)) *places[i] = value;
  }
  if (count < std::size(places) || std::isnan(quantiles.p50)) return std::nullopt;
  return quantiles;
}

}  // namespace

Result<CallPage> ListCalls(Engine& engine, const CallSearch& search) {
  CallFilter filter = search.filter;
  if (search.cursor) filter.range = search.cursor->range;
  Statement sql("SELECT ");
  sql << CallColumnNames() << " FROM calls FINAL WHERE 1";
  AddCallConditions(filter, sql);
  const std::string_view value = ExpressionOf(search.order);
  if (search.cursor) {
    if (search.order == CallOrder::kStart) {
      // So that the key's order ends the reading.
      (sql << " AND start <= ").Time("last_start", search.cursor->start_unix_nano);
    }
    (sql << " AND (" << value << ", start, trace_id, span_id) < (").Number("last", search.cursor->value);
    (sql << ", ").Time("last_start", search.cursor->start_unix_nano);
    (sql << ", ").Bytes(search.cursor->trace_id);
    (sql << ", ").Bytes(search.cursor->span_id) << ")";
  }
  sql << " ORDER BY ";
  if (search.order != CallOrder::kStart) sql << value << " DESC, ";
  sql << "start DESC, trace_id DESC, span_id DESC LIMIT " << std::to_string(search.limit + 1);
  CallPage page;
  TELLTALE_ASSIGN_OR_RETURN(page.calls, ReadCalls(engine, sql.Take(kFinal)));
  if (page.calls.rows.size() <= search.limit) return page;
  page.calls.rows.resize(search.limit);
  const CallRow& last = page.calls.rows.back();
  page.next = {.range = filter.range,
               .value = ValueOf(search.order, last),
               .start_unix_nano = last.start_unix_nano,
               .trace_id = last.trace_id,
               .span_id = last.span_id};
  return page;
}

Result<std::vector<CallSumRow>> SumCalls(Engine& engine, const CallSumQuery& query) {
  std::string keys;
  if (query.step_nano > 0) {
    const std::string step = std::to_string(query.step_nano);
    keys = "intDiv(toUnixTimestamp64Nano(start), " + step + ") * " + step + " AS step";
  }
  for (size_t i = 0; i < query.by.size(); ++i) {
    if (!keys.empty()) keys += ", ";
    keys.append(ExpressionOf(query.by[i])).append(" AS key").append(std::to_string(i));
  }
  std::string names;
  if (query.step_nano > 0) names = "step";
  for (size_t i = 0; i < query.by.size(); ++i) {
    if (!names.empty()) names += ", ";
    names += "key" + std::to_string(i);
  }
  Statement sql("SELECT ");
  if (!keys.empty()) sql << keys << ", ";
  sql << kCallSums
      << ", quantilesDDIf(0.01, 0.5, 0.95, 0.99)(toFloat64(duration), kind IN (1, 2, 3, 7))"
         ", quantilesDDIf(0.01, 0.5, 0.95, 0.99)(time_to_first_token, kind IN (1, 2, 3, 7) AND NOT "
         "isNaN(time_to_first_token))"
         ", sumIf(toFloat64(output_tokens), kind IN (1, 2, 3, 7) AND output_tokens > 0 AND duration > 0)"
         ", sumIf(toFloat64(duration), kind IN (1, 2, 3, 7) AND output_tokens > 0 AND duration > 0)"
         " FROM calls FINAL WHERE "
      << kCounts;
  AddCallConditions(query.filter, sql);
  if (!names.empty()) {
    sql << " GROUP BY " << names << " ORDER BY " << (query.step_nano > 0 ? "step, " : "")
        << ExpressionOf(query.order) << " DESC, " << names;
  } else {
    sql << " HAVING count() > 0";
  }
  sql << " LIMIT " << std::to_string(query.limit + 1) << " OFFSET " << std::to_string(query.offset);
  TELLTALE_ASSIGN_OR_RETURN(const QueryResult result, engine.Query(sql.Take(kFinal)));
  std::vector<CallSumRow> sums;
  for (RowReader rows(result.bytes); !rows.done();) {
    CallSumRow& row = sums.emplace_back();
    if (query.step_nano > 0) row.step_start_unix_nano = rows.Number<int64_t>();
    for (const CallDimension dimension : query.by) row.key.push_back(KeyText(dimension, rows.String()));
    row.sums = ReadCallSums(rows);
    row.duration_nano = ReadQuantiles(rows).value_or(Quantiles{});
    row.time_to_first_token = ReadQuantiles(rows);
    const auto tokens = rows.Number<double>();
    const auto nanos = rows.Number<double>();
    if (nanos > 0) row.output_tokens_per_second = tokens / nanos * 1e9;
  }
  return sums;
}

Result<std::map<TraceId, CallSums>> SumCallsOfTraces(Engine& engine, std::span<const TraceId> ids,
                                                     const TimeRange& range) {
  std::map<TraceId, CallSums> sums;
  if (ids.empty()) return sums;
  Statement sql("SELECT trace_id, ");
  (sql << kCallSums << " FROM calls FINAL WHERE counts AND trace_id IN (").Ids(ids) << ")";
  sql.AndRange(range) << " GROUP BY trace_id";
  TELLTALE_ASSIGN_OR_RETURN(const QueryResult result, engine.Query(sql.Take("max_threads = 1")));
  for (RowReader rows(result.bytes); !rows.done();) {
    const TraceId id = TraceId::FromBytes(rows.FixedString(16));
    sums.emplace(id, ReadCallSums(rows));
  }
  return sums;
}

}  // namespace telltale
