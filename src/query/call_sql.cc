#include "query/call_sql.h"

#include "query/traceql/sql_pieces.h"

#include <algorithm>
#include <string>
#include <utility>

namespace telltale {
namespace {

PicoDollars ToPicoDollars(__int128 sum) {
  constexpr __int128 kMost = INT64_MAX;
  return static_cast<PicoDollars>(std::min(sum, kMost));
}

void AddTextCondition(std::string_view column, std::string name, const std::string& value, Statement& sql) {
  if (!value.empty()) (sql << " AND " << column << " = ").Parameter(std::move(name), "String", value);
}

}  // namespace

CallSums ReadCallSums(RowReader& rows) {
  CallSums sums;
  sums.tokens.calls = rows.Number<uint64_t>();
  sums.tokens.errors = rows.Number<uint64_t>();
  sums.tokens.input_tokens = rows.Number<int64_t>();
  sums.tokens.output_tokens = rows.Number<int64_t>();
  sums.tokens.cache_read_tokens = rows.Number<int64_t>();
  sums.tokens.cache_write_tokens = rows.Number<int64_t>();
  sums.tokens.reasoning_tokens = rows.Number<int64_t>();
  sums.tokens.calls_without_usage = rows.Number<uint64_t>();
  sums.cost.total = ToPicoDollars(rows.Number<__int128>());
  sums.cost.computed_calls = rows.Number<uint64_t>();
  sums.cost.reported_calls = rows.Number<uint64_t>();
  sums.cost.unpriced_calls = rows.Number<uint64_t>();
  sums.cost.no_usage_calls = rows.Number<uint64_t>();
  return sums;
}

void AddCallConditions(const CallFilter& filter, Statement& sql) {
  sql.AndRange(filter.range);
  if (filter.trace_id) (sql << " AND trace_id = ").Bytes(*filter.trace_id);
  AddTextCondition("service", "service", filter.service, sql);
  AddTextCondition("provider", "provider", filter.provider, sql);
  AddTextCondition("conversation", "conversation", filter.conversation, sql);
  AddTextCondition("user", "user", filter.user, sql);
  AddTextCondition("prompt", "prompt", filter.prompt, sql);
  AddTextCondition("agent", "agent", filter.agent, sql);
  if (!filter.model.empty()) {
    (sql << " AND (request_model = ").Parameter("model", "String", filter.model);
    (sql << " OR response_model = ").Parameter("model", "String", filter.model) << ")";
  }
  if (filter.kind) (sql << " AND kind = ").Number("kind", static_cast<int64_t>(*filter.kind));
  if (filter.failed) sql << (*filter.failed ? " AND failed" : " AND NOT failed");
  if (filter.cost_status) {
    (sql << " AND counts AND " << kAsksModel << " AND cost_status = ")
        .Number("cost_status", static_cast<int64_t>(*filter.cost_status));
  }
  if (filter.condition) AddPiece(*filter.condition, filter.range, sql << " AND ");
}

}  // namespace telltale
