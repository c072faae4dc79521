#include "cli/prices/rule_json.h"

#include "pricing/money.h"

namespace telltale {
namespace {

void WritePrices(const PriceList& prices, JsonWriter& json) {
  for (size_t i = 0; i < kCostPartKinds; ++i) {
    const auto kind = static_cast<CostPartKind>(i);
    if (prices.Has(kind)) json.Key(CostPartName(kind)).Raw(PriceInDollars(kind, prices[kind]));
  }
}

void WriteTier(const TierPrices& tier, JsonWriter& json) {
  json.BeginObject();
  WritePrices(tier.prices, json);
  if (!tier.bands.empty()) {
    json.Key("above").BeginArray();
    for (const ContextBand& band : tier.bands) {
      json.BeginObject();
      json.Key("tokens").Int(band.above_tokens);
      WritePrices(band.prices, json);
      json.EndObject();
    }
    json.EndArray();
  }
  json.EndObject();
}

void WriteText(std::string_view key, std::string_view text, JsonWriter& json) {
  if (!text.empty()) json.Key(key).String(text);
}

}  // namespace

std::string PriceInDollars(CostPartKind kind, PicoDollars price) {
  const bool piece = kind == CostPartKind::kRequest || kind == CostPartKind::kWebSearch;
  return piece ? FormatUsd(price) : FormatPerMillion(price);
}

void WriteRuleJson(const PriceRule& rule, JsonWriter& json) {
  json.BeginObject();
  json.Key("id").String(rule.id);
  json.Key("provider").String(rule.provider);
  json.Key("model").String(rule.model);
  json.Key("kind").String(rule.kind);
  json.Key("prices");
  WriteTier(rule.standard, json);
  const std::pair<std::string_view, const std::optional<TierPrices>*> tiers[] = {
      {"batch", &rule.batch}, {"flex", &rule.flex}, {"priority", &rule.priority}};
  for (const auto& [name, tier] : tiers) {
    if (!*tier) continue;
    json.Key(name);
    WriteTier(**tier, json);
  }
  WriteText("source", rule.source, json);
  WriteText("as_of", rule.as_of, json);
  WriteText("from", rule.from, json);
  WriteText("until", rule.until, json);
  WriteText("note", rule.note, json);
  json.Key("file").String(rule.file);
  json.Key("line").Int(rule.line);
  json.EndObject();
}

void WriteCostJson(const Cost& cost, JsonWriter& json) {
  json.BeginObject();
  json.Key("status").String(CostStatusName(cost.status));
  WriteText("reason", CostReasonName(cost.reason), json);
  if (cost.reason == CostReason::kPartUnpriced)
    json.Key("unpriced_part").String(CostPartName(cost.unpriced_part));
  json.Key("total");
  cost.total >= 0 ? json.Raw(FormatUsd(cost.total)) : json.Null();
  json.Key("currency").String("USD");
  WriteText("rule", cost.rule_id, json);
  if (!cost.rule_id.empty()) json.Key("match").String(PriceMatchName(cost.match));
  json.Key("table_version").String(cost.table_version);
  json.Key("parts").BeginArray();
  for (const CostPart& part : cost.told_parts()) {
    json.BeginObject();
    json.Key("part").String(CostPartName(part.kind));
    json.Key("tokens").Int(part.tokens);
    json.Key("price").Raw(PriceInDollars(part.kind, part.price));
    json.Key("amount").Raw(FormatUsd(part.amount));
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
}

}  // namespace telltale
