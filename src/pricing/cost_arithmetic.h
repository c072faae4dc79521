// Usage x rule -> cost: splits a call's tokens into disjoint parts and multiplies.
//
//   const PriceChoice choice = ChoosePrices(rule, usage, "priority", false);
//   if (choice.prices != nullptr) AddUp(choice, usage, cost);
//
// What a part without a price of its own is billed as:
//
//   cache_read                 input          no discount is listed, so there is none
//   cache_write                input          writing costs nothing extra
//   cache_write_1h             input          ... unless cache_write has a price: then unknown
//   audio_input, image_input   input
//   reasoning, audio_output, image_output     output
//
// In another tier than the standard one only cache_read falls back where the standard tier
// has a price of its own for that part; the others are then unknown there.
//
// Thread safety  Free functions.
#pragma once

#include <string_view>

#include "pricing/price_rule.h"
#include "trace/usage.h"

namespace telltale {

struct PriceChoice {
  const PriceList* prices = nullptr;    // null: the rule has no price for this tier
  const PriceList* standard = nullptr;  // those of the standard tier for a call of this size
  std::string_view tier = "standard";
  int64_t above_tokens = 0;  // the context band; 0: the lowest
};

// Which of a rule's prices hold for a call. `service_tier` as senders tell it; `batch` wins.
PriceChoice ChoosePrices(const PriceRule& rule, const Usage& usage, std::string_view service_tier,
                         bool batch);

// What a part is billed at: its own price or the one it falls back to; kNoPrice: unknown.
PicoDollars PriceOf(const PriceChoice& choice, CostPartKind kind);

// Sets status, reason, total and parts of `cost`. REQUIRES: choice.prices is not null.
void AddUp(const PriceChoice& choice, const Usage& usage, Cost& cost);

}  // namespace telltale
