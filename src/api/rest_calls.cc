// Calls, their cost and what they add up to, as /api/v1 shows them.
#include "api/rest_parts.h"
#include "calls/call_json.h"

namespace telltale {
namespace {

constexpr double kMillion = 1e6;

bool IsByThePiece(CostPartKind kind) {
  return kind == CostPartKind::kRequest || kind == CostPartKind::kWebSearch;
}

void WritePart(const CostPart& part, JsonWriter& json) {
  json.BeginObject();
  json.Key("kind").String(CostPartName(part.kind));
  if (IsByThePiece(part.kind)) {
    json.Key("count").Int(part.tokens);
    json.Key("price").Double(Dollars(part.price));
  } else {
    json.Key("tokens").Int(part.tokens);
    json.Key("price_per_million").Double(Dollars(part.price) * kMillion);
  }
  json.Key("amount").Double(Dollars(part.amount));
  json.EndObject();
}

void WriteCost(const Cost& cost, JsonWriter& json) {
  json.BeginObject();
  json.Key("status").String(CostStatusName(cost.status));
  if (cost.total != Cost::kNotTold) {
    json.Key("total").Double(Dollars(cost.total));
    json.Key("currency").String("USD");
  }
  if (cost.reason != CostReason::kNone) json.Key("reason").String(CostReasonName(cost.reason));
  if (cost.reason == CostReason::kPartUnpriced)
    json.Key("unpriced_part").String(CostPartName(cost.unpriced_part));
  if (!cost.rule_id.empty()) {
    json.Key("rule").String(cost.rule_id);
    json.Key("match").String(PriceMatchName(cost.match));
    json.Key("matched").String(cost.by_response_model ? "response.model" : "request.model");
  }
  if (!cost.table_version.empty()) json.Key("table_version").String(cost.table_version);
  if (!cost.told_parts().empty()) {
    json.Key("parts").BeginArray();
    for (const CostPart& part : cost.told_parts()) WritePart(part, json);
    json.EndArray();
  }
  json.EndObject();
}

}  // namespace

double Dollars(PicoDollars amount) {
  return static_cast<double>(amount) / static_cast<double>(kPicoDollarsPerDollar);
}

const Pricer& PricerOf(const Face& face) {
  if (face.options.pricer != nullptr) return *face.options.pricer;
  static const Pricer built_in(PriceTable::BuiltIn());
  return built_in;
}

void WriteCall(const Call& call, const Cost& cost, JsonWriter& json) {
  json.BeginObject();
  WriteCallMembers(call, json);
  if (IsModelCall(call.kind) && call.counts()) {
    json.Key("cost");
    WriteCost(cost, json);
  }
  json.EndObject();
}

void WriteCallTotals(const TraceCalls& calls, JsonWriter& json) {
  if (!calls.mapped()) {
    json.Null();
    return;
  }
  json.BeginObject();
  WriteCallSums(calls.totals(), calls.costs(), json);
  json.EndObject();
}

void WriteCallSums(const CallTotals& totals, const CostTotals& costs, JsonWriter& json) {
  json.Key("calls").Uint(totals.calls);
  json.Key("errors").Uint(totals.errors);
  json.Key("input_tokens").Int(totals.input_tokens);
  json.Key("output_tokens").Int(totals.output_tokens);
  json.Key("cache_read_tokens").Int(totals.cache_read_tokens);
  json.Key("cache_write_tokens").Int(totals.cache_write_tokens);
  json.Key("reasoning_tokens").Int(totals.reasoning_tokens);
  json.Key("calls_without_usage").Uint(totals.calls_without_usage);
  json.Key("cost").BeginObject();
  json.Key("total");
  if (costs.computed_calls + costs.reported_calls > 0) {
    json.Double(Dollars(costs.total));
  } else {
    json.Null();
  }
  json.Key("currency").String("USD");
  json.Key("computed_calls").Uint(costs.computed_calls);
  json.Key("reported_calls").Uint(costs.reported_calls);
  json.Key("unpriced_calls").Uint(costs.unpriced_calls);
  json.Key("no_usage_calls").Uint(costs.no_usage_calls);
  json.EndObject();
}

}  // namespace telltale
