// /api/v1/calls and /api/v1/aggregate.
#include <algorithm>
#include <array>
#include <cmath>

#include "api/call_filter.h"
#include "api/rest_parts.h"
#include "calls/call_json.h"
#include "query/calls.h"

namespace telltale {
namespace {

constexpr size_t kPageDefault = 50;
constexpr size_t kGroupsDefault = 100;
constexpr size_t kDimensionsMax = 4;
constexpr int64_t kSecond = 1'000'000'000;
// Steps in a range: a chart has no use for more, and each is a row.
constexpr int64_t kStepsMax = 2'000;

void WriteStoredCost(const CallRow& row, JsonWriter& json) {
  json.BeginObject();
  json.Key("status").String(CostStatusName(row.cost_status));
  if (row.cost != Cost::kNotTold) {
    json.Key("total").Double(Dollars(row.cost));
    json.Key("currency").String("USD");
  }
  if (row.cost_reason != CostReason::kNone) json.Key("reason").String(CostReasonName(row.cost_reason));
  if (!row.price_rule.empty()) json.Key("rule").String(row.price_rule);
  if (!row.price_table.empty()) json.Key("table_version").String(row.price_table);
  json.EndObject();
}

Result<std::vector<CallDimension>> ReadDimensions(const Parameters& parameters) {
  std::vector<CallDimension> by;
  TELLTALE_ASSIGN_OR_RETURN(const auto text, parameters.Text("by"));
  if (!text || text->empty()) return by;
  std::string_view left = *text;
  while (true) {
    const size_t comma = left.find(',');
    const std::string_view name = left.substr(0, comma);
    const auto at = std::ranges::find(kCallDimensionNames, name);
    if (at == std::end(kCallDimensionNames)) {
      return BadParameter("by", *text, "`" + std::string(name) + "` is nothing that calls are grouped by",
                          "model, provider, service, kind, operation, user, conversation, prompt, "
                          "prompt_version, agent, cost_status; several with commas");
    }
    const auto dimension = static_cast<CallDimension>(at - std::begin(kCallDimensionNames));
    if (std::ranges::find(by, dimension) != by.end())
      return BadParameter("by", *text, "`" + std::string(name) + "` stands twice");
    by.push_back(dimension);
    if (comma == std::string_view::npos) break;
    left.remove_prefix(comma + 1);
  }
  if (by.size() > kDimensionsMax) return BadParameter("by", *text, "more than 4 at once");
  return by;
}

Status ReadStep(const Parameters& parameters, CallSumQuery& query) {
  TELLTALE_ASSIGN_OR_RETURN(const auto step, parameters.Duration("step"));
  if (!step) return {};
  const TimeRange& range = query.filter.range;
  if (*step < kSecond || (range.end_unix_nano - range.start_unix_nano) / *step > kStepsMax) {
    TELLTALE_ASSIGN_OR_RETURN(const auto text, parameters.Text("step"));
    return BadParameter("step", text.value_or(""), "at least a second, and at most 2000 steps in the range",
                        "such as 1m, 1h or 24h");
  }
  query.step_nano = *step;
  return {};
}

Result<CallSumQuery> ReadSumQuery(const Face& face, const Parameters& parameters, int64_t now) {
  constexpr std::array<std::string_view, 6> kOwn = {"q", "by", "step", "sort", "limit", "cursor"};
  TELLTALE_RETURN_IF_ERROR(RefuseUnknownBesideCallFilter(parameters, kOwn));
  CallSumQuery query;
  TELLTALE_ASSIGN_OR_RETURN(query.filter, ReadCallFilter(parameters, now));
  TELLTALE_RETURN_IF_ERROR(AddQuery(face, parameters, query.filter.range, query.filter));
  TELLTALE_ASSIGN_OR_RETURN(query.by, ReadDimensions(parameters));
  TELLTALE_RETURN_IF_ERROR(ReadStep(parameters, query));
  using Named = std::pair<std::string_view, SumOrder>;
  TELLTALE_ASSIGN_OR_RETURN(
      const auto order,
      ReadName(parameters, "sort",
               std::array{Named{"cost", SumOrder::kCost}, Named{"calls", SumOrder::kCalls},
                          Named{"tokens", SumOrder::kTokens}, Named{"errors", SumOrder::kErrors},
                          Named{"duration", SumOrder::kDuration}}));
  query.order = order.value_or(SumOrder::kCost);
  // With steps there is a row for each of them.
  const int64_t limit_max = query.step_nano > 0 ? 10 * kPageMax : kPageMax;
  TELLTALE_ASSIGN_OR_RETURN(const auto limit, parameters.Integer("limit", {.min = 1, .max = limit_max}));
  query.limit = limit                 ? static_cast<size_t>(*limit)
                : query.step_nano > 0 ? static_cast<size_t>(limit_max)
                                      : kGroupsDefault;
  TELLTALE_ASSIGN_OR_RETURN(const auto offset, parameters.Integer("cursor", {.min = 0, .max = 10'000'000}));
  query.offset = static_cast<size_t>(offset.value_or(0));
  return query;
}

template <typename Write>
void WriteQuantiles(const Quantiles& quantiles, JsonWriter& json, Write write) {
  json.BeginObject();
  json.Key("p50");
  write(quantiles.p50);
  json.Key("p95");
  write(quantiles.p95);
  json.Key("p99");
  write(quantiles.p99);
  json.EndObject();
}

void WriteSumRow(const CallSumRow& row, const CallSumQuery& query, JsonWriter& json) {
  json.Key("key").BeginObject();
  for (size_t i = 0; i < query.by.size(); ++i)
    json.Key(kCallDimensionNames[static_cast<size_t>(query.by[i])]).String(row.key[i]);
  json.EndObject();
  if (query.step_nano > 0) json.Key("start_unix_nano").IntString(row.step_start_unix_nano);
  WriteCallSums(row.sums.tokens, row.sums.cost, json);
  json.Key("duration_nano");
  WriteQuantiles(row.duration_nano, json, [&](double nanos) { json.Int(std::llround(nanos)); });
  json.Key("time_to_first_token");
  if (row.time_to_first_token) {
    WriteQuantiles(*row.time_to_first_token, json, [&](double seconds) { json.Double(seconds); });
  } else {
    json.Null();
  }
  json.Key("output_tokens_per_second");
  if (row.output_tokens_per_second) {
    json.Double(*row.output_tokens_per_second);
  } else {
    json.Null();
  }
}

}  // namespace

void WriteStoredCall(const CallRow& row, JsonWriter& json) {
  json.BeginObject();
  WriteCallMembers(CallOf(row), json);
  if (row.counts != 0 && IsModelCall(row.kind)) {
    json.Key("cost");
    WriteStoredCost(row, json);
  }
  json.EndObject();
}

void WriteCallRow(const CallRow& row, JsonWriter& json) {
  json.Key("trace_id").String(row.trace_id.Hex());
  json.Key("span_id").String(row.span_id.Hex());
  if (!row.parent_id.IsZero()) json.Key("parent_id").String(row.parent_id.Hex());
  json.Key("start_unix_nano").IntString(row.start_unix_nano);
  json.Key("duration_nano").IntString(row.duration_nano);
  json.Key("service").String(row.service);
  json.Key("name").String(row.name);
  json.Key("counts").Bool(row.counts != 0);
  json.Key("call");
  WriteStoredCall(row, json);
}

Answer ListStoredCalls(const Face& face, const HttpRequest& request) {
  const Parameters parameters(request);
  constexpr std::array<std::string_view, 4> kOwn = {"q", "sort", "limit", "cursor"};
  TELLTALE_RETURN_IF_ERROR(RefuseUnknownBesideCallFilter(parameters, kOwn));
  CallSearch search;
  const auto now = static_cast<int64_t>(face.clock.UnixNanos());
  TELLTALE_ASSIGN_OR_RETURN(search.filter, ReadCallFilter(parameters, now));
  using Named = std::pair<std::string_view, CallOrder>;
  TELLTALE_ASSIGN_OR_RETURN(
      const auto order,
      ReadName(parameters, "sort",
               std::array{Named{"start", CallOrder::kStart}, Named{"cost", CallOrder::kCost},
                          Named{"tokens", CallOrder::kTokens}, Named{"duration", CallOrder::kDuration}}));
  search.order = order.value_or(CallOrder::kStart);
  TELLTALE_ASSIGN_OR_RETURN(const auto limit, parameters.Integer("limit", {.min = 1, .max = kPageMax}));
  search.limit = limit ? static_cast<size_t>(*limit) : kPageDefault;
  TELLTALE_ASSIGN_OR_RETURN(const auto cursor, parameters.Text("cursor"));
  if (cursor) {
    TELLTALE_ASSIGN_OR_RETURN(search.cursor, ParseCallCursorUntrusted(*cursor));
  }
  TELLTALE_RETURN_IF_ERROR(
      AddQuery(face, parameters, search.cursor ? search.cursor->range : search.filter.range, search.filter));
  TELLTALE_ASSIGN_OR_RETURN(const CallPage page, ListCalls(face.engine, search));
  return PageAnswer(page.calls.rows, WriteCallRow, [&](JsonWriter& json) {
    if (page.next) {
      json.String(EncodeCallCursor(*page.next));
    } else {
      json.Null();
    }
  });
}

Answer AggregateCalls(const Face& face, const HttpRequest& request) {
  const auto now = static_cast<int64_t>(face.clock.UnixNanos());
  TELLTALE_ASSIGN_OR_RETURN(const CallSumQuery query, ReadSumQuery(face, Parameters(request), now));
  TELLTALE_ASSIGN_OR_RETURN(std::vector<CallSumRow> rows, SumCalls(face.engine, query));
  const bool more = rows.size() > query.limit;
  if (more) rows.resize(query.limit);
  return PageAnswer(
      rows, [&](const CallSumRow& row, JsonWriter& json) { WriteSumRow(row, query, json); },
      [&](JsonWriter& json) {
        if (more) {
          json.String(std::to_string(query.offset + query.limit));
        } else {
          json.Null();
        }
      });
}

}  // namespace telltale
