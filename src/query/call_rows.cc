#include "query/call_rows.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include "query/statement.h"

namespace telltale {
namespace {

constexpr std::string_view kFacts[] = {"trace_id",   "span_id",       "start",          "kind",
                                       "provider",   "request_model", "response_model", "failed",
                                       "error_type", "conversation",  "user",           "agent",
                                       "tool",       "input_tokens",  "output_tokens",  "cache_read_tokens",
                                       "counts",     "cost",          "cost_status",    "cost_reason",
                                       "price_rule"};

bool IsAny(std::string_view) {
  return true;
}
bool IsFact(std::string_view name) {
  return std::ranges::find(kFacts, name) != std::end(kFacts);
}

std::string NamesOf(bool (*is_wanted)(std::string_view)) {
  std::string text;
  const auto add = [&](const auto& column) {
    if (is_wanted(column.name)) text.append(text.empty() ? "" : ", ").append(column.name);
  };
  std::apply([&](const auto&... column) { (add(column), ...); }, kCallColumns);
  return text;
}

CallRow ReadRow(RowReader& rows, bool (*is_wanted)(std::string_view)) {
  CallRow row;
  const auto read = [&](const auto& column) {
    if (!is_wanted(column.name)) return;
    auto& field = column.get(row);
    using Field = std::remove_cvref_t<decltype(field)>;
    if constexpr (std::is_same_v<Field, std::string_view>) {
      field = rows.String();
    } else if constexpr (std::is_same_v<Field, TraceId> || std::is_same_v<Field, SpanId>) {
      field = Field::FromBytes(rows.FixedString(sizeof(Field)));
    } else {
      field = rows.Number<Field>();
    }
  };
  std::apply([&](const auto&... column) { (read(column), ...); }, kCallColumns);
  return row;
}

Result<CallRows> ReadRows(Engine& engine, const QueryRequest& request, bool (*is_wanted)(std::string_view)) {
  TELLTALE_ASSIGN_OR_RETURN(QueryResult result, engine.Query(request));
  CallRows calls;
  calls.bytes = std::make_unique<const QueryResult>(std::move(result));
  RowReader rows(calls.bytes->bytes);
  while (!rows.done()) calls.rows.push_back(ReadRow(rows, is_wanted));
  return calls;
}

}  // namespace

std::string_view CallColumnNames() {
  static const std::string names = NamesOf(IsAny);
  return names;
}

std::string_view CallFactNames() {
  static const std::string names = NamesOf(IsFact);
  return names;
}

CallRow ReadCallRow(RowReader& rows) {
  return ReadRow(rows, IsAny);
}

Result<CallRows> ReadCalls(Engine& engine, const QueryRequest& request) {
  return ReadRows(engine, request, IsAny);
}

Result<CallRows> ReadCallFacts(Engine& engine, const QueryRequest& request) {
  return ReadRows(engine, request, IsFact);
}

Result<CallRows> ReadCallsOfTraces(Engine& engine, std::span<const TraceId> ids) {
  if (ids.empty()) return CallRows{};
  Statement sql("SELECT ");
  (sql << CallColumnNames() << " FROM calls WHERE trace_id IN (").Ids(ids) << ")";
  TELLTALE_ASSIGN_OR_RETURN(CallRows calls, ReadCalls(engine, sql.Take("max_threads = 1")));
  // A few rows: choosing here is less than what FINAL costs.
  std::ranges::sort(calls.rows, [](const CallRow& a, const CallRow& b) {
    return std::tuple(a.trace_id, a.span_id, b.revision) < std::tuple(b.trace_id, b.span_id, a.revision);
  });
  const auto older = std::ranges::unique(
      calls.rows, {}, [](const CallRow& row) { return std::pair(row.trace_id, row.span_id); });
  calls.rows.erase(older.begin(), older.end());
  return calls;
}

}  // namespace telltale
