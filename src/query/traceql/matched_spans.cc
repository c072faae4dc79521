#include "query/traceql/matched_spans.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "query/statement.h"
#include "query/traceql/row_sql.h"
#include "store/row_reader.h"

namespace telltale {
namespace {

using traceql::FieldExpression;
using traceql::LogicalExpression;
using traceql::RowSource;
using traceql::RowSql;
using traceql::SqlPiece;
using traceql::TraceTable;

constexpr size_t kBatch = 500;

// Oldest first, so that the traces of a batch lie close together.
Result<std::vector<MatchRow>> CandidatesOf(Engine& engine, const traceql::Plan& plan, const TimeRange& range,
                                           const std::set<std::string>& keys_of_no_resource) {
  const traceql::DriverCondition driver =
      DriverOf(plan, traceql::DriverForm::kWithNeeds, keys_of_no_resource);
  Statement sql("SELECT trace_id, max(start) AS newest FROM spans WHERE ");
  AddPiece(driver.piece, range, sql);
  sql.AndRange(range) << " GROUP BY trace_id ORDER BY newest LIMIT " << std::to_string(kMatchedTracesMax + 1);
  TELLTALE_ASSIGN_OR_RETURN(const QueryResult result, engine.Query(sql.Take("max_threads = 1")));
  std::vector<MatchRow> candidates;
  for (RowReader rows(result.bytes); !rows.done();) candidates.push_back(ReadMatchRow(rows));
  if (candidates.size() <= kMatchedTracesMax) return candidates;
  return Fail(ErrorCode::kOverLimit, "query: more than 100000 traces may match: too many to read whole",
              "narrow the time range, or say more in the filters");
}

// Operands of a chain of &&, or the expression itself.
std::vector<const FieldExpression*> ConjunctsOf(const FieldExpression& expression) {
  const auto* chain = std::get_if<LogicalExpression>(&expression.node);
  if (chain == nullptr || chain->op != traceql::LogicalOperator::kAnd) return {&expression};
  std::vector<const FieldExpression*> operands;
  for (const FieldExpression& operand : chain->operands) operands.push_back(&operand);
  return operands;
}

// Of a single filter; nullptr where one row of a span does not tell it.
std::shared_ptr<const SqlPiece> ConditionOf(const traceql::SpansetFilter& filter,
                                            const std::set<std::string>& keys_of_no_resource) {
  SqlPiece piece{.text = "1", .parameters = {}};
  traceql::SqlParameters parameters;
  RowSql calls(RowSource::kCall, parameters, nullptr);
  RowSql spans(RowSource::kSpan, parameters, &keys_of_no_resource);
  std::string of_spans;
  if (filter.condition) {
    for (const FieldExpression* conjunct : ConjunctsOf(*filter.condition)) {
      if (calls.Reads(*conjunct)) {
        piece.text += " AND " + calls.Condition(*conjunct);
      } else {
        of_spans += " AND " + spans.AtMost(*conjunct);
      }
    }
  }
  if (!spans.is_exact()) return nullptr;
  if (!of_spans.empty()) {
    piece.text += fmt::format(" AND (trace_id, span_id) IN (SELECT trace_id, span_id FROM spans WHERE 1{}{})",
                              of_spans, traceql::kRangeMark);
  }
  piece.parameters = parameters.list();
  return std::make_shared<const SqlPiece>(std::move(piece));
}

}  // namespace

Status VisitMatches(Engine& engine, const TraceQuery& query, const TimeRange& range,
                    const std::function<bool(const MatchedTrace&)>& visit) {
  const traceql::Plan& plan = query.plan();
  TELLTALE_ASSIGN_OR_RETURN(const std::set<std::string> keys_of_no_resource,
                            traceql::KeysOfNoResource(engine, plan, range));
  TELLTALE_ASSIGN_OR_RETURN(const std::vector<MatchRow> candidates,
                            CandidatesOf(engine, plan, range, keys_of_no_resource));
  traceql::KeyTexts texts;
  for (size_t begin = 0; begin < candidates.size(); begin += kBatch) {
    const size_t end = std::min(begin + kBatch, candidates.size());
    std::vector<TraceId> ids;
    for (size_t i = begin; i < end; ++i) ids.push_back(candidates[i].trace_id);
    const TimeRange around = traceql::Widened({.start_unix_nano = candidates[begin].start_unix_nano,
                                               .end_unix_nano = candidates[end - 1].start_unix_nano},
                                              traceql::kTraceReachNano);
    TELLTALE_ASSIGN_OR_RETURN(
        const std::vector<TraceTable> tables,
        ReadTraceTables(
            engine, plan,
            {.ids = ids, .range = around, .filter = nullptr, .keys_of_no_resource = &keys_of_no_resource},
            texts));
    for (const TraceTable& table : tables) {
      std::vector<traceql::Spanset> sets = Evaluate(query.query(), plan, table);
      for (traceql::Spanset& set : sets) {
        std::erase_if(set.spans, [&](uint32_t span) {
          const int64_t start = table.spans[span].start_unix_nano;
          return start < range.start_unix_nano || start >= range.end_unix_nano;
        });
      }
      std::erase_if(sets, [](const traceql::Spanset& set) { return set.spans.empty(); });
      if (!sets.empty() && !visit({.table = table, .sets = sets, .texts = texts})) return {};
    }
  }
  return {};
}

Result<std::set<std::pair<TraceId, SpanId>>> SpansLeftOf(Engine& engine, const TraceQuery& query,
                                                         const std::vector<TraceId>& ids,
                                                         const TimeRange& range) {
  std::set<std::pair<TraceId, SpanId>> left;
  traceql::KeyTexts texts;
  TELLTALE_ASSIGN_OR_RETURN(const std::vector<TraceTable> tables,
                            ReadTraceTables(engine, query.plan(), {.ids = ids, .range = range}, texts));
  for (const TraceTable& table : tables) {
    for (const traceql::Spanset& set : Evaluate(query.query(), query.plan(), table)) {
      for (const uint32_t span : set.spans) left.emplace(table.trace_id, table.spans[span].span_id);
    }
  }
  return left;
}

Result<std::shared_ptr<const SqlPiece>> CallConditionOfFilter(Engine& engine, const TraceQuery& query,
                                                              const TimeRange& range) {
  if (query.plan().only_filter() == nullptr) return nullptr;
  TELLTALE_ASSIGN_OR_RETURN(const std::set<std::string> keys,
                            traceql::KeysOfNoResource(engine, query.plan(), range));
  return ConditionOf(*query.plan().only_filter(), keys);
}

Result<std::shared_ptr<const SqlPiece>> CallConditionOf(Engine& engine, const TraceQuery& query,
                                                        const TimeRange& range) {
  if (query.is_metric()) {
    return Fail(ErrorCode::kInvalidInput, "query: its answer is a series over time, and calls were asked for",
                "take the metric off the end of it");
  }
  TELLTALE_ASSIGN_OR_RETURN(auto piece, CallConditionOfFilter(engine, query, range));
  if (piece) return piece;
  std::string ids;
  size_t count = 0;
  TELLTALE_RETURN_IF_ERROR(VisitMatches(engine, query, range, [&](const MatchedTrace& trace) {
    for (const traceql::Spanset& set : trace.sets) {
      for (const uint32_t span : set.spans) {
        ids += fmt::format("{}'{}{}'", ids.empty() ? "[" : ",", trace.table.trace_id.Hex(),
                           trace.table.spans[span].span_id.Hex());
        ++count;
      }
    }
    return count <= kMatchedCallsMax;
  }));
  if (count > kMatchedCallsMax) {
    return Fail(ErrorCode::kOverLimit,
                "query: it leaves more than 5000 spans: too many to look for their calls",
                "narrow the time range, or ask with a single filter: { ... && ... }");
  }
  if (ids.empty()) ids = "[";
  return std::make_shared<const SqlPiece>(
      SqlPiece{.text = "lower(hex(concat(trace_id, span_id))) IN {matched:Array(String)}",
               .parameters = {{"matched", ids + "]"}}});
}

}  // namespace telltale
