#include "query/calls.h"

#include <charconv>
#include <cmath>
#include <utility>

#include "query/call_roll_ups.h"
#include "query/call_sql.h"
#include "query/call_sum_columns.h"
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

// Over the columns of kSumColumns.
std::string_view ExpressionOf(SumOrder order) {
  switch (order) {
    case SumOrder::kCost:
      return "sum(total_cost)";
    case SumOrder::kCalls:
      return "sum(calls)";
    case SumOrder::kTokens:
      return "sum(input) + sum(output)";
    case SumOrder::kErrors:
      return "sum(errors)";
    case SumOrder::kDuration:
      return "sum(all_duration)";
  }
  return "sum(calls)";
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

namespace {

// One question, as sums over sums: of calls and, for whole hours of days whose sums hold, of call_sums.
class SumStatement {
 public:
  explicit SumStatement(const CallSumQuery& query) : query_(query), sql_("SELECT ") {
    if (query.step_nano > 0) {
      const std::string step = std::to_string(query.step_nano);
      AddKey("toUnixTimestamp64Nano(start) - positiveModulo(toUnixTimestamp64Nano(start), " + step + ")",
             "step");
    }
    for (size_t i = 0; i < query.by.size(); ++i) AddKey(ExpressionOf(query.by[i]), "key" + std::to_string(i));
  }

  QueryRequest Take(const std::vector<RollUpDay>& days) {
    if (!names_.empty()) sql_ << names_ << ", ";
    for (size_t i = 0; i < std::size(kSumColumns); ++i)
      sql_ << (i > 0 ? ", sum(" : "sum(") << kSumColumns[i].name << ")";
    for (const SumColumn& column : kStateColumns) sql_ << ", " << kMergeQuantiles << column.name << ")";
    sql_ << " FROM (";
    if (days.empty()) {
      AddCalls(query_.filter.range, "");
    } else {
      AddParts(days);
    }
    sql_ << ")";
    if (!names_.empty()) {
      sql_ << " GROUP BY " << names_ << " ORDER BY " << (query_.step_nano > 0 ? "step, " : "")
           << ExpressionOf(query_.order) << " DESC, " << names_;
    } else {
      sql_ << " HAVING count() > 0";
    }
    sql_ << " LIMIT " << std::to_string(query_.limit + 1) << " OFFSET " << std::to_string(query_.offset);
    return sql_.Take(kFinal);
  }

 private:
  void AddKey(std::string_view expression, const std::string& name) {
    keys_.append(keys_.empty() ? "" : ", ").append(expression).append(" AS ").append(name);
    names_.append(names_.empty() ? "" : ", ").append(name);
  }

  // A condition that nothing meets is left to the engine; a range that is empty is not asked for.
  void AddParts(const std::vector<RollUpDay>& days) {
    std::string names, generations;
    for (const RollUpDay& day : days) {
      names.append(names.empty() ? "'" : ", '").append(day.day).append("'");
      generations.append(generations.empty() ? "('" : ", ('").append(day.day).append("', ");
      generations.append(std::to_string(day.generation)).append(")");
    }
    const TimeRange& range = query_.filter.range;
    const RollUpPlan plan = RollUpPlanOf(range, query_.step_nano);
    AddSums(plan, generations);
    sql_ << " UNION ALL ";
    AddCalls(range, " AND toDate(received) NOT IN (" + names + ")");
    for (const TimeRange& edge : {TimeRange{range.start_unix_nano, plan.hours.start_unix_nano},
                                  TimeRange{plan.hours.end_unix_nano, range.end_unix_nano}}) {
      if (edge.start_unix_nano >= edge.end_unix_nano) continue;
      sql_ << " UNION ALL ";
      AddCalls(edge, " AND toDate(received) IN (" + names + ")");
    }
  }

  void AddCalls(const TimeRange& range, const std::string& which_days) {
    sql_ << "SELECT ";
    if (!keys_.empty()) sql_ << keys_ << ", ";
    for (const SumColumn& column : kSumColumns) sql_ << column.of_calls << " AS " << column.name << ", ";
    for (size_t i = 0; i < std::size(kStateColumns); ++i)
      sql_ << (i > 0 ? ", " : "") << kStateColumns[i].of_calls << " AS " << kStateColumns[i].name;
    sql_ << " FROM calls FINAL WHERE " << kCounts << which_days;
    AddFilter(range);
    if (names_.empty()) {
      sql_ << " HAVING count() > 0";
    } else {
      sql_ << " GROUP BY " << names_;
    }
  }

  void AddSums(const RollUpPlan& plan, const std::string& generations) {
    sql_ << "SELECT ";
    if (!keys_.empty()) sql_ << keys_ << ", ";
    for (const SumColumn& column : kSumColumns) sql_ << column.name << ", ";
    for (size_t i = 0; i < std::size(kStateColumns); ++i)
      sql_ << (i > 0 ? ", " : "") << kStateColumns[i].name;
    sql_ << " FROM call_sums WHERE (day, generation) IN (" << generations << ") AND if(is_day, 1";
    AddRange(plan.days);
    sql_ << ", NOT (1";
    AddRange(plan.days);
    sql_ << "))";
    AddFilter(plan.hours);
  }

  void AddRange(const TimeRange& range) {
    sql_ << " AND toUnixTimestamp64Nano(start) >= " << std::to_string(range.start_unix_nano)
         << " AND toUnixTimestamp64Nano(start) < " << std::to_string(range.end_unix_nano);
  }

  // Statement names parameters once: times stand in the text here, for they are numbers of ours.
  void AddFilter(const TimeRange& range) {
    const TimeRange all;
    for (const auto& [time, compare] :
         {std::pair(range.start_unix_nano, " >= "), std::pair(range.end_unix_nano, " < ")}) {
      if (time == all.start_unix_nano || time == all.end_unix_nano) continue;
      sql_ << " AND start" << compare << "fromUnixTimestamp64Nano(" << std::to_string(time) << ", 'UTC')";
    }
    CallFilter filter = query_.filter;
    filter.range = {};
    filter.condition = nullptr;
    AddCallConditions(filter, sql_);
    if (query_.filter.condition) AddPiece(*query_.filter.condition, range, sql_ << " AND ");
  }

  const CallSumQuery& query_;
  Statement sql_;
  std::string keys_;
  std::string names_;
};

Result<std::vector<CallSumRow>> ReadSumRows(Engine& engine, const CallSumQuery& query,
                                            const std::vector<RollUpDay>& days) {
  TELLTALE_ASSIGN_OR_RETURN(const QueryResult result, engine.Query(SumStatement(query).Take(days)));
  std::vector<CallSumRow> sums;
  for (RowReader rows(result.bytes); !rows.done();) {
    CallSumRow& row = sums.emplace_back();
    if (query.step_nano > 0) row.step_start_unix_nano = rows.Number<int64_t>();
    for (const CallDimension dimension : query.by) row.key.push_back(KeyText(dimension, rows.String()));
    row.sums = ReadCallSums(rows);
    rows.Number<__int128>();  // what SumOrder::kDuration sorts by
    const auto tokens = static_cast<double>(rows.Number<int64_t>());
    const auto nanos = static_cast<double>(rows.Number<__int128>());
    if (nanos > 0) row.output_tokens_per_second = tokens / nanos * 1e9;
    row.duration_nano = ReadQuantiles(rows).value_or(Quantiles{});
    row.time_to_first_token = ReadQuantiles(rows);
  }
  return sums;
}

}  // namespace

Result<std::vector<CallSumRow>> SumCalls(Engine& engine, const CallSumQuery& query) {
  const RollUpPlan plan = RollUpPlanOf(query.filter.range, query.step_nano);
  if (!MayRollUp(query) || plan.hours.start_unix_nano >= plan.hours.end_unix_nano)
    return ReadSumRows(engine, query, {});
  TELLTALE_ASSIGN_OR_RETURN(const std::vector<RollUpDay> days, ReadRollUpDays(engine));
  if (days.empty()) return ReadSumRows(engine, query, {});
  auto sums = ReadSumRows(engine, query, days);
  // What changed meanwhile would be in one part of the answer and not in another.
  TELLTALE_ASSIGN_OR_RETURN(const std::vector<RollUpDay> still, ReadRollUpDays(engine));
  return still == days ? std::move(sums) : ReadSumRows(engine, query, {});
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
