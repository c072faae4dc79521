// A PriceRule says what a model costs at a provider: one entry of a price file.
//
// Prices are picodollars of one token (one request, one search), kNoPrice where the
// provider lists none. PriceOf() then says what the part is billed as.
//
// Ownership      Plain data.
// Thread safety  Plain data.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "trace/cost.h"

namespace telltale {

constexpr PicoDollars kNoPrice = -1;

struct PriceList {
  std::array<PicoDollars, kCostPartKinds> of;

  PriceList() { of.fill(kNoPrice); }
  PicoDollars& operator[](CostPartKind kind) { return of[static_cast<size_t>(kind)]; }
  PicoDollars operator[](CostPartKind kind) const { return of[static_cast<size_t>(kind)]; }
  bool Has(CostPartKind kind) const { return (*this)[kind] >= 0; }
};

// The whole call is billed so when its input is above `above_tokens`.
struct ContextBand {
  int64_t above_tokens = 0;
  PriceList prices;  // complete: what the band does not list is as below it
};

struct TierPrices {
  PriceList prices;
  std::vector<ContextBand> bands;  // the lowest first

  // What holds for a call of so many input tokens.
  const PriceList& At(int64_t input_tokens) const {
    const PriceList* found = &prices;
    for (const ContextBand& band : bands) {
      if (input_tokens > band.above_tokens) found = &band.prices;
    }
    return *found;
  }
};

struct PriceRule {
  std::string id;        // PROVIDER/MODEL, with @FROM where it has a first day; unique in a table
  std::string provider;  // as gen_ai.provider.name spells it
  std::string model;     // may hold one *, which stands for any text
  std::string kind = "chat";
  std::string source;  // where the price was read: a URL, or the file itself
  std::string as_of;   // the day on which it was read; empty: not told
  std::string from;    // first day, UTC; empty: always
  std::string until;   // first day on which it no longer holds; empty: for ever
  std::string note;
  uint64_t from_unix_nanos = 0;
  uint64_t until_unix_nanos = std::numeric_limits<uint64_t>::max();

  TierPrices standard;
  std::optional<TierPrices> batch;
  std::optional<TierPrices> flex;
  std::optional<TierPrices> priority;
  std::vector<std::string> standard_tiers;  // names of tiers that are billed as the standard one

  bool by_user = false;
  std::string file;
  uint32_t line = 0;

  bool HoldsAt(uint64_t unix_nanos) const {
    return from_unix_nanos <= unix_nanos && unix_nanos < until_unix_nanos;
  }
};

}  // namespace telltale
