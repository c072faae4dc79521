// A cost in words: its parts, the rule that made it, and why it is not known.
//
// Thread safety  Free functions; one thread at a time per terminal.
#pragma once

#include <string>
#include <string_view>

#include "cli/terminal.h"
#include "pricing/cost_arithmetic.h"
#include "pricing/price_rule.h"
#include "trace/cost.h"

namespace telltale {

// How a rule came to hold; empty for none.
std::string_view SentenceOf(PriceMatch match);

// Why a cost has no total; empty where it has one.
std::string WhyNot(const Cost& cost);

// A line for each part, tokens x price = amount, and the total.
void PrintParts(const Cost& cost, Terminal& terminal);

// The rule, its match, tier, source and times.
void PrintRule(const PriceRule& rule, const Cost& cost, const PriceChoice& choice, Terminal& terminal);

}  // namespace telltale
