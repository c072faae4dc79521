#include "query/call_rows.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include "query/statement.h"

namespace telltale {

std::string_view CallColumnNames() {
  static const std::string names = [] {
    std::string text;
    std::apply([&](const auto&... column) { ((text.append(column.name).append(", ")), ...); }, kCallColumns);
    text.resize(text.size() - 2);
    return text;
  }();
  return names;
}

CallRow ReadCallRow(RowReader& rows) {
  CallRow row;
  const auto read = [&](const auto& column) {
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

Result<CallRows> ReadCalls(Engine& engine, const QueryRequest& request) {
  TELLTALE_ASSIGN_OR_RETURN(QueryResult result, engine.Query(request));
  CallRows calls;
  calls.bytes = std::make_unique<const QueryResult>(std::move(result));
  RowReader rows(calls.bytes->bytes);
  while (!rows.done()) calls.rows.push_back(ReadCallRow(rows));
  return calls;
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
