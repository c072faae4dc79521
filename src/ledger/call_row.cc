#include "ledger/call_row.h"

#include <xxhash.h>

#include <cmath>
#include <iterator>
#include <type_traits>

#include "trace/service_name.h"

namespace telltale {
namespace {

template <typename T>
bool IsSame(const T& a, const T& b) {
  if constexpr (std::is_floating_point_v<T>) return a == b || (std::isnan(a) && std::isnan(b));
  return a == b;
}

}  // namespace

CallRow RowOf(const Batch& batch, const Span& span, const Call& call, const Cost& cost) {
  CallRow row;
  row.trace_id = span.trace_id;
  row.span_id = span.span_id;
  row.parent_id = span.parent_span_id;
  row.start_unix_nano = static_cast<int64_t>(span.start_unix_nano);
  row.duration_nano = static_cast<int64_t>(span.end_unix_nano - span.start_unix_nano);
  row.response_id = call.response.id;
  if (!row.response_id.empty())
    row.response_hash = XXH3_64bits(row.response_id.data(), row.response_id.size());
  row.service = ServiceName(batch, batch.resources[span.resource]);
  row.name = span.name;
  row.scope = batch.scopes[span.scope].name;
  row.kind = call.kind;
  row.dialect = call.dialect;
  row.provider = call.provider;
  row.request_model = call.request.model;
  row.response_model = call.response.model;
  row.service_tier =
      call.response.service_tier.empty() ? call.request.service_tier : call.response.service_tier;
  if (!call.response.finish_reasons.empty())
    row.finish_reason = kFinishReasonNames[static_cast<size_t>(call.response.finish_reasons.front().reason)];
  row.failed = call.failed ? 1 : 0;
  row.error_type = call.error.type;
  row.conversation = call.session_id;
  row.user = call.user_id;
  row.agent = call.agent.name;
  row.tool = call.tool.name;
  row.prompt = call.prompt.name;
  row.prompt_version = call.prompt.version;
  if (call.time_to_first_token) row.time_to_first_token = *call.time_to_first_token;
  row.usage = call.usage;
  row.reported_cost = call.reported_cost.total;
  row.counts = call.counts() ? 1 : 0;
  row.duplicate_of = call.duplicate_of;
  row.cost = cost.total;
  row.cost_status = cost.status;
  row.cost_reason = cost.reason;
  row.price_rule = cost.rule_id;
  row.price_table = cost.table_version;
  return row;
}

Call CallOf(const CallRow& row) {
  Call call;
  call.kind = row.kind;
  call.dialect = row.dialect;
  call.provider = row.provider;
  call.request.model = row.request_model;
  call.response.model = row.response_model;
  call.response.service_tier = row.service_tier;
  call.response.id = row.response_id;
  for (size_t i = 0; i < std::size(kFinishReasonNames) && !row.finish_reason.empty(); ++i) {
    if (row.finish_reason == kFinishReasonNames[i])
      call.response.finish_reasons.push_back({static_cast<FinishReason>(i), row.finish_reason});
  }
  call.failed = row.failed != 0;
  call.error.type = row.error_type;
  call.session_id = row.conversation;
  call.user_id = row.user;
  call.agent.name = row.agent;
  call.tool.name = row.tool;
  call.prompt.name = row.prompt;
  call.prompt.version = row.prompt_version;
  if (!std::isnan(row.time_to_first_token)) call.time_to_first_token = row.time_to_first_token;
  call.usage = row.usage;
  call.reported_cost.total = row.reported_cost;
  call.duplicate_of = row.duplicate_of;
  return call;
}

bool SaysTheSame(const CallRow& a, const CallRow& b) {
  return std::apply(
      [&](const auto&... column) {
        return ((column.name == "revision" || column.name == "received" ||
                 IsSame(column.get(a), column.get(b))) &&
                ...);
      },
      kCallColumns);
}

}  // namespace telltale
