#include "pricing/cost_arithmetic.h"

#include <algorithm>
#include <array>

#include "base/counters.h"
#include "pricing/provider_name.h"

namespace telltale {
namespace {

using enum CostPartKind;

int64_t Told(int64_t count) {
  return std::max<int64_t>(count, 0);
}

// Takes up to `wanted` out of what is left of a whole.
int64_t Take(int64_t wanted, int64_t& left) {
  const int64_t taken = std::min(Told(wanted), left);
  left -= taken;
  return taken;
}

using Counts = std::array<int64_t, kCostPartKinds>;

int64_t& CountOf(Counts& counts, CostPartKind kind) {
  return counts[static_cast<size_t>(kind)];
}

// Cached tokens come first: what is cached is billed as cached, whatever its modality.
void SplitInput(const Usage& usage, Counts& counts) {
  int64_t left = Told(usage.input_tokens);
  CountOf(counts, kCacheRead) = Take(usage.cache_read_tokens, left);
  const int64_t for_5m = Told(usage.cache_write_5m_tokens);
  const int64_t for_1h = Told(usage.cache_write_1h_tokens);
  // All of the input at most: the sum of what a hostile sender tells may overflow.
  const int64_t writes =
      std::max(Told(usage.cache_write_tokens), std::min(for_5m, left) + std::min(for_1h, left));
  if (writes > left || Told(usage.cache_read_tokens) > CountOf(counts, kCacheRead)) {
    Count(Counter::kUsagePartsExceedWhole);
  }
  int64_t written = std::min(writes, left);
  left -= written;
  CountOf(counts, kCacheWrite1h) = Take(for_1h, written);
  CountOf(counts, kCacheWrite) = written;
  CountOf(counts, kAudioInput) = Take(usage.audio_input_tokens, left);
  CountOf(counts, kImageInput) = Take(usage.image_input_tokens, left);
  CountOf(counts, kInput) = left;
}

void SplitOutput(const Usage& usage, Counts& counts) {
  int64_t left = Told(usage.output_tokens);
  CountOf(counts, kAudioOutput) = Take(usage.audio_output_tokens, left);
  CountOf(counts, kImageOutput) = Take(usage.image_output_tokens, left);
  CountOf(counts, kReasoning) = Take(usage.reasoning_tokens, left);
  CountOf(counts, kOutput) = left;
  if (Told(usage.reasoning_tokens) > CountOf(counts, kReasoning)) Count(Counter::kUsagePartsExceedWhole);
}

// True where not being told how many tokens does not matter: they cost nothing here.
bool CostsNothing(const PriceChoice& choice, CostPartKind kind) {
  return (*choice.prices)[kind] <= 0;
}

// A price per request, and none per token: what a reranker takes.
bool IsByRequestOnly(const PriceList& prices) {
  return prices.Has(kRequest) && !prices.Has(kInput) && !prices.Has(kOutput);
}

std::optional<CostPartKind> WholeOf(CostPartKind kind) {
  switch (kind) {
    case kCacheRead:
    case kCacheWrite:
    case kCacheWrite1h:
    case kAudioInput:
    case kImageInput:
      return kInput;
    case kReasoning:
    case kAudioOutput:
    case kImageOutput:
      return kOutput;
    default:
      return std::nullopt;
  }
}

// False when the amount does not fit.
bool AddPart(CostPartKind kind, int64_t tokens, PicoDollars price, Cost& cost) {
  CostPart part{kind, tokens, price, 0};
  if (__builtin_mul_overflow(tokens, price, &part.amount)) return false;
  if (__builtin_add_overflow(cost.total, part.amount, &cost.total)) return false;
  cost.parts[cost.part_count++] = part;
  return true;
}

void GiveUp(CostReason reason, Cost& cost) {
  cost.status = reason == CostReason::kUsageNotTold ? CostStatus::kNoUsage : CostStatus::kUnpriced;
  cost.reason = reason;
  cost.total = Cost::kNotTold;
}

const std::optional<TierPrices>* TierOf(const PriceRule& rule, std::string_view name) {
  if (name == "batch") return &rule.batch;
  if (name == "flex") return &rule.flex;
  if (name == "priority") return &rule.priority;
  return nullptr;
}

// The words by which providers call what they bill by default.
bool IsStandard(const PriceRule& rule, std::string_view tier) {
  constexpr std::string_view kNames[] = {"", "auto", "default", "on_demand", "standard", "standard_only"};
  return std::ranges::find(kNames, tier) != std::end(kNames) ||
         std::ranges::find(rule.standard_tiers, tier) != rule.standard_tiers.end();
}

int64_t BandOf(const TierPrices& tier, int64_t input_tokens) {
  int64_t above = 0;
  for (const ContextBand& band : tier.bands) {
    if (input_tokens > band.above_tokens) above = band.above_tokens;
  }
  return above;
}

}  // namespace

PriceChoice ChoosePrices(const PriceRule& rule, const Usage& usage, std::string_view service_tier,
                         bool batch) {
  PriceChoice choice;
  choice.standard = &rule.standard.At(usage.input_tokens);
  const std::string told = LowerCase(batch ? "batch" : service_tier);
  if (IsStandard(rule, told)) {
    choice.prices = choice.standard;
    choice.above_tokens = BandOf(rule.standard, usage.input_tokens);
    return choice;
  }
  const auto* tier = TierOf(rule, told);
  if (tier == nullptr || !tier->has_value()) return choice;
  choice.tier = told == "batch" ? "batch" : told == "flex" ? "flex" : "priority";
  choice.prices = &(*tier)->At(usage.input_tokens);
  choice.above_tokens = BandOf(**tier, usage.input_tokens);
  return choice;
}

PicoDollars PriceOf(const PriceChoice& choice, CostPartKind kind) {
  const PriceList& prices = *choice.prices;
  if (prices.Has(kind)) return prices[kind];
  // Pieces cost the same in every tier unless the tier says otherwise.
  if (kind == kRequest || kind == kWebSearch) return (*choice.standard)[kind];
  const auto whole = WholeOf(kind);
  if (!whole) return kNoPrice;
  if (kind == kCacheWrite1h && prices.Has(kCacheWrite)) return kNoPrice;
  if (kind != kCacheRead && choice.prices != choice.standard && choice.standard->Has(kind)) return kNoPrice;
  return prices[*whole];
}

void AddUp(const PriceChoice& choice, const Usage& usage, Cost& cost) {
  const bool by_request = IsByRequestOnly(*choice.prices);
  Counts counts{};
  if (!by_request) {
    SplitInput(usage, counts);
    SplitOutput(usage, counts);
  }
  CountOf(counts, kRequest) = PriceOf(choice, kRequest) >= 0 ? 1 : 0;
  CountOf(counts, kWebSearch) = Told(usage.web_searches);

  cost.status = CostStatus::kComputed;
  cost.reason = CostReason::kNone;
  cost.total = 0;
  std::optional<CostPartKind> unpriced;
  for (size_t i = 0; i < kCostPartKinds; ++i) {
    const auto kind = static_cast<CostPartKind>(i);
    if (counts[i] == 0) continue;
    const PicoDollars price = PriceOf(choice, kind);
    if (price < 0) {
      unpriced = unpriced.value_or(kind);
    } else if (!AddPart(kind, counts[i], price, cost)) {
      return GiveUp(CostReason::kOutOfRange, cost);
    }
  }
  if (!by_request && ((usage.input_tokens < 0 && !CostsNothing(choice, kInput)) ||
                      (usage.output_tokens < 0 && !CostsNothing(choice, kOutput)))) {
    return GiveUp(CostReason::kUsageNotTold, cost);
  }
  if (unpriced) {
    cost.unpriced_part = *unpriced;
    GiveUp(CostReason::kPartUnpriced, cost);
  }
}

}  // namespace telltale
