// A price rule and a cost as JSON, with prices and amounts in dollars as exact decimals.
#pragma once

#include "json/writer.h"
#include "pricing/price_rule.h"

namespace telltale {

void WriteRuleJson(const PriceRule& rule, JsonWriter& json);
void WriteCostJson(const Cost& cost, JsonWriter& json);

// Dollars: per million tokens, or of one request or search.
std::string PriceInDollars(CostPartKind kind, PicoDollars price);

}  // namespace telltale
