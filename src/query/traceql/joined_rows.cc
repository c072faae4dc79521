#include "query/traceql/joined_rows.h"

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

#include "query/columns.h"
#include "query/statement.h"
#include "query/traceql/row_sql.h"
#include "store/row_reader.h"

namespace telltale::traceql {
namespace {

// `FROM spans` of these traces, with what the expressions read of other rows beside it.
class JoinedFrom {
 public:
  JoinedFrom(std::span<const TraceId> ids, const TimeRange& range) : ids_(ids), range_(range) {}

  void Add(const JoinsNeeded& joins, Statement& sql) {
    sql << " FROM ";
    Rows("*", sql);
    sql << " AS own";
    if (joins.parent) {
      sql << " LEFT ANY JOIN ";
      Rows(
          "trace_id AS p_trace, span_id AS p_span, 1 AS p_there, attrs AS p_attrs, attr_types AS "
          "p_attr_types, "
          "resource AS p_resource, service AS p_service, name AS p_name, status AS p_status, "
          "status_message AS p_status_message, kind AS p_kind, duration AS p_duration",
          sql);
      sql << " AS parents ON trace_id = p_trace AND parent_id = p_span";
    }
    if (joins.children) Children("n_children", "n", "span_id", sql);
    if (joins.parent_children) Children("p_children", "m", "parent_id", sql);
    if (joins.trace) {
      sql << " LEFT ANY JOIN ";
      Rows(
          "trace_id AS t_trace, toInt64(max(toUnixTimestamp64Nano(start) + greatest(duration, 0)) - "
          "min(toUnixTimestamp64Nano(start))) AS t_duration, "
          "toString(argMinIf(name, start, parent_id = toFixedString('', 8))) AS t_root_name, "
          "toString(argMinIf(service, start, parent_id = toFixedString('', 8))) AS t_root_service",
          sql, " GROUP BY trace_id");
      sql << " AS wholes ON trace_id = t_trace";
    }
    if (!joins.call_columns.empty()) Calls(joins.call_columns, sql);
  }

 private:
  void Rows(std::string_view columns, Statement& sql, std::string_view end = "") {
    (sql << "(SELECT " << columns << " FROM spans WHERE trace_id IN (").Ids(ids_) << ")";
    sql.AndRange(range_) << end << ")";
  }

  void Children(std::string_view count, std::string_view prefix, std::string_view of, Statement& sql) {
    const std::string trace = std::string(prefix) + "_trace";
    const std::string parent = std::string(prefix) + "_parent";
    sql << " LEFT ANY JOIN ";
    Rows("trace_id AS " + trace + ", parent_id AS " + parent + ", toInt64(uniqExact(span_id)) AS " +
             std::string(count),
         sql, " AND parent_id != toFixedString('', 8) GROUP BY trace_id, parent_id");
    sql << " AS " << prefix << "_counts ON trace_id = " << trace << " AND " << of << " = " << parent;
  }

  void Calls(const std::set<std::string_view>& columns, Statement& sql) {
    sql << " LEFT ANY JOIN (SELECT trace_id AS c_trace, span_id AS c_span";
    for (const std::string_view column : columns) sql << ", " << column << " AS c_" << column;
    (sql << " FROM calls FINAL WHERE trace_id IN (").Ids(ids_) << ")";
    sql.AndRange(range_) << ") AS calls ON trace_id = c_trace AND span_id = c_span";
  }

  std::span<const TraceId> ids_;
  const TimeRange& range_;
};

template <size_t kSize>
Id<kSize> ReadId(RowReader& rows) {
  return Id<kSize>::FromBytes(rows.FixedString(kSize));
}

constexpr std::string_view kSettings =
    "max_threads = 1, do_not_merge_across_partitions_select_final = 1, join_algorithm = 'hash'";

void Order(TraceTable& trace, size_t numbers, size_t keys) {
  std::vector<size_t> order(trace.spans.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  const auto place = [&](size_t i) {
    return std::tuple(trace.spans[i].start_unix_nano, trace.spans[i].span_id);
  };
  std::ranges::sort(order, {}, place);
  // A span that was stored twice counts once.
  std::set<SpanId> seen;
  TraceTable ordered{.trace_id = trace.trace_id, .spans = {}, .numbers = {}, .keys = {}};
  for (const size_t i : order) {
    if (!seen.insert(trace.spans[i].span_id).second) continue;
    ordered.spans.push_back(trace.spans[i]);
    const auto copy = [i](const auto& from, size_t width, auto& to) {
      const auto begin = from.begin() + static_cast<ptrdiff_t>(i * width);
      to.insert(to.end(), begin, begin + static_cast<ptrdiff_t>(width));
    };
    copy(trace.numbers, numbers, ordered.numbers);
    copy(trace.keys, keys, ordered.keys);
  }
  trace = std::move(ordered);
}

std::vector<TraceTable> ReadTables(const QueryResult& result, const Plan& plan, KeyTexts& texts) {
  std::vector<TraceTable> tables;
  std::map<TraceId, size_t> places;
  for (RowReader rows(result.bytes); !rows.done();) {
    const TraceId id = ReadId<16>(rows);
    const auto [at, is_new] = places.try_emplace(id, tables.size());
    if (is_new) tables.push_back({.trace_id = id, .spans = {}, .numbers = {}, .keys = {}});
    TraceTable& table = tables[at->second];
    SpanFacts& span = table.spans.emplace_back();
    span.span_id = ReadId<8>(rows);
    span.parent_id = ReadId<8>(rows);
    span.start_unix_nano = rows.Number<int64_t>();
    span.duration_nano = rows.Number<int64_t>();
    span.conditions = rows.Number<uint64_t>();
    span.in_filter = rows.Number<uint8_t>() != 0;
    for (size_t i = 0; i < plan.numbers().size(); ++i) {
      const bool is_null = rows.Number<uint8_t>() != 0;
      table.numbers.push_back(is_null ? std::numeric_limits<double>::quiet_NaN() : rows.Number<double>());
    }
    for (size_t i = 0; i < plan.keys().size(); ++i) table.keys.push_back(texts.NumberOf(rows.String()));
  }
  for (TraceTable& table : tables) Order(table, plan.numbers().size(), plan.keys().size());
  return tables;
}

}  // namespace

uint32_t KeyTexts::NumberOf(std::string_view text) {
  const auto at = numbers_.find(text);
  if (at != numbers_.end()) return at->second;
  const auto number = static_cast<uint32_t>(texts_.size());
  const auto added = numbers_.emplace(std::string(text), number).first;
  texts_.push_back(&added->first);
  return number;
}

QueryRequest TraceTablesStatement(const Plan& plan, const TracesQuestion& question) {
  SqlParameters parameters;
  RowSql row(RowSource::kJoined, parameters, question.keys_of_no_resource);
  Statement sql("SELECT trace_id, span_id, parent_id, start, duration, toUInt64(0");
  for (size_t i = 0; i < plan.conditions().size(); ++i) {
    const FieldExpression* condition = plan.conditions()[i];
    sql << " + bitShiftLeft(toUInt64(" << (condition != nullptr ? row.Condition(*condition) : "1") << "), "
        << std::to_string(i) << ")";
  }
  sql << "), toUInt8(1";
  if (question.filter != nullptr) AddFilterConditions(*question.filter, question.range, sql);
  sql << ")";
  for (const FieldExpression* number : plan.numbers()) sql << ", " << row.Number(*number);
  for (const FieldExpression* key : plan.keys()) sql << ", " << row.Typed(*key);
  JoinedFrom(question.ids, question.range).Add(row.joins(), sql);
  sql << " LIMIT " << std::to_string(kJoinedSpansMax + 1);
  sql.Parameters(parameters.list());
  return sql.Take(kSettings);
}

Result<std::vector<TraceTable>> ReadTraceTables(Engine& engine, const Plan& plan,
                                                const TracesQuestion& question, KeyTexts& texts) {
  if (question.ids.empty()) return std::vector<TraceTable>();
  std::vector<TraceTable> tables;
  size_t spans = 0;
  {
    TELLTALE_ASSIGN_OR_RETURN(const QueryResult result, engine.Query(TraceTablesStatement(plan, question)));
    tables = ReadTables(result, plan, texts);
  }
  for (const TraceTable& table : tables) spans += table.spans.size();
  if (spans <= kJoinedSpansMax) return tables;
  if (question.ids.size() == 1) {
    return Fail(ErrorCode::kOverLimit,
                "query: trace " + question.ids[0].Hex() + " has more than 1000000 spans: too many to compare",
                "leave it out, with a condition on its service or name");
  }
  // Halves are read one after the other.
  const size_t middle = question.ids.size() / 2;
  tables.clear();
  for (const auto ids : {question.ids.first(middle), question.ids.subspan(middle)}) {
    TracesQuestion half = question;
    half.ids = ids;
    TELLTALE_ASSIGN_OR_RETURN(std::vector<TraceTable> part, ReadTraceTables(engine, plan, half, texts));
    std::ranges::move(part, std::back_inserter(tables));
  }
  return tables;
}

Result<std::vector<std::vector<std::string>>> ReadShown(Engine& engine, const Plan& plan,
                                                        std::span<const SpanPlace> places,
                                                        const TimeRange& range) {
  std::vector<std::vector<std::string>> shown(places.size(), std::vector<std::string>(plan.shown().size()));
  if (places.empty() || plan.shown().empty()) return shown;
  std::set<TraceId> of_places;
  for (const SpanPlace& place : places) of_places.insert(place.trace_id);
  const std::vector<TraceId> ids(of_places.begin(), of_places.end());
  SqlParameters parameters;
  RowSql row(RowSource::kJoined, parameters, nullptr);
  Statement sql("SELECT trace_id, span_id");
  for (const FieldExpression* field : plan.shown()) {
    sql << ", " << (row.Reads(*field) ? row.Typed(*field) : "''");
  }
  JoinedFrom(ids, range).Add(row.joins(), sql);
  sql << " WHERE (trace_id, span_id) IN (";
  std::map<std::pair<TraceId, SpanId>, size_t> index;
  for (size_t i = 0; i < places.size(); ++i) {
    index.emplace(std::pair(places[i].trace_id, places[i].span_id), i);
    (sql << (i == 0 ? "(" : ", (")).Bytes(places[i].trace_id);
    (sql << ", ").Bytes(places[i].span_id) << ")";
  }
  sql << ")";
  sql.Parameters(parameters.list());
  TELLTALE_ASSIGN_OR_RETURN(const QueryResult result, engine.Query(sql.Take(kSettings)));
  for (RowReader rows(result.bytes); !rows.done();) {
    const TraceId trace_id = ReadId<16>(rows);
    const auto at = index.find(std::pair(trace_id, ReadId<8>(rows)));
    for (size_t i = 0; i < plan.shown().size(); ++i) {
      const std::string_view text = rows.String();
      if (at != index.end()) shown[at->second][i] = text;
    }
  }
  return shown;
}

}  // namespace telltale::traceql
