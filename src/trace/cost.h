// What one model call cost, and how one knows: each kind of token by its price.
//
//   Cost cost = pricer.Price(usage, request);
//   if (cost.status == CostStatus::kComputed) sum += cost.total;
//   for (const CostPart& part : cost.told_parts()) Show(part.kind, part.tokens, part.amount);
//
// Money is whole picodollars (10^-12 US dollars), in int64. Why: a price of 0.000001
// dollars per million tokens is exactly 1 picodollar a token, six digits finer than
// any price list, so that a price has no rounding and neither has its product with a
// count. int64 holds up to 9.2 million dollars for one call; multiplication and sums are
// checked, and a call beyond that has no price (kOutOfRange) rather than a wrong one.
// Sums over many calls need a wider type: a store adds them as Int128 or Decimal.
//
// The parts are disjoint, so that their amounts add up to the total:
//
//   input_tokens                                             output_tokens
//   |- input -|- cache_read -|- cache_write.. -|- audio, image -|  |- output -|- reasoning -|- audio, image
//   -|
//
// Where the total is not known it is kNotTold, never 0.
//
// Ownership      Plain data.
// Thread safety  Plain data.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace telltale {

using PicoDollars = int64_t;
constexpr PicoDollars kPicoDollarsPerDollar = 1'000'000'000'000;

enum class CostStatus : uint8_t {
  kNoUsage,   // Nobody told how many tokens the call took.
  kUnpriced,  // The usage is known, a price is not: `reason` says what is missing.
  kComputed,  // Every part has its price.
  kReported,  // The sender told what it cost; `total` is that, and there are no parts.
};

// Why a cost has no total. Reaches disk: append, never renumber.
enum class CostReason : uint8_t {
  kNone = 0,
  kUsageNotTold = 1,      // No usage, or only one side of it.
  kModelNotTold = 2,      // Neither request nor response names a model.
  kModelUnknown = 3,      // No rule matches the model at this provider.
  kProviderUnknown = 4,   // The table has no rule of this provider at all.
  kFineTuneUnknown = 5,   // A fine-tune without a rule; never priced as its base model.
  kDeploymentName = 6,    // Azure names deployments freely: only the response model tells.
  kOutsideRuleDates = 7,  // The rules of this model hold at other times.
  kTierUnknown = 8,       // The rule has no price for this service tier.
  kPartUnpriced = 9,      // One part of the usage has no price: `unpriced_part`.
  kOutOfRange = 10,       // The amount does not fit into picodollars.
};

// Reaches disk: append, never renumber.
enum class CostPartKind : uint8_t {
  kInput = 0,  // fresh text: neither cached nor of another modality
  kCacheRead = 1,
  kCacheWrite = 2,    // for five minutes, or for a time that nobody told
  kCacheWrite1h = 3,  // for an hour
  kAudioInput = 4,
  kImageInput = 5,
  kOutput = 6,
  kReasoning = 7,
  kAudioOutput = 8,
  kImageOutput = 9,
  kRequest = 10,    // by the call, not by the token
  kWebSearch = 11,  // by the search
};
constexpr size_t kCostPartKinds = 12;

// How a rule came to hold for a model's name. Reaches disk: append, never renumber.
enum class PriceMatch : uint8_t {
  kNone = 0,
  kExact = 1,     // The rule names the model as it was told.
  kPrefix = 2,    // ... without a provider's prefix: openai/, models/, publishers/...
  kSnapshot = 3,  // ... without a date: gpt-4o-2026-01-01 by the rule for gpt-4o.
  kRegion = 4,    // ... without a region: us.anthropic.claude-... by the rule without us.
  kVersion = 5,   // ... with or without a host's version suffix: -v1:0, @default
  kLatest = 6,    // ... -latest: the rule without it, or the newest snapshot's
  kFineTune = 7,  // ft:BASE:org::id by the rule for ft:BASE
  kPattern = 8,   // The rule's model has a * in it.
  kMaker = 9,     // No provider was told: the rule of the model's maker.
};

struct CostPart {
  CostPartKind kind = CostPartKind::kInput;
  int64_t tokens = 0;      // calls for kRequest, searches for kWebSearch
  PicoDollars price = 0;   // of one
  PicoDollars amount = 0;  // tokens x price
};

struct Cost {
  static constexpr PicoDollars kNotTold = -1;

  CostStatus status = CostStatus::kNoUsage;
  CostReason reason = CostReason::kUsageNotTold;
  CostPartKind unpriced_part = CostPartKind::kInput;  // only with kPartUnpriced
  PriceMatch match = PriceMatch::kNone;
  bool by_response_model = false;  // which of the two names matched
  PicoDollars total = kNotTold;    // US dollars, always

  std::string rule_id;        // empty: no rule
  std::string table_version;  // empty: no table was asked

  // Those with tokens, in the order of CostPartKind. With kPartUnpriced: what is priced.
  std::array<CostPart, kCostPartKinds> parts{};
  uint8_t part_count = 0;

  std::span<const CostPart> told_parts() const { return {parts.data(), part_count}; }
};

// Stable, lower-case names, as APIs and files show them.
constexpr std::string_view CostStatusName(CostStatus status) {
  constexpr std::string_view kNames[] = {"no_usage", "unpriced", "computed", "reported"};
  return kNames[static_cast<size_t>(status)];
}

constexpr std::string_view CostReasonName(CostReason reason) {
  constexpr std::string_view kNames[] = {"",
                                         "usage_not_told",
                                         "model_not_told",
                                         "model_unknown",
                                         "provider_unknown",
                                         "fine_tune_unknown",
                                         "deployment",
                                         "outside_dates",
                                         "service_tier_unknown",
                                         "part_unpriced",
                                         "out_of_range"};
  return kNames[static_cast<size_t>(reason)];
}

constexpr std::string_view CostPartName(CostPartKind kind) {
  constexpr std::string_view kNames[] = {"input",        "cache_read",   "cache_write", "cache_write_1h",
                                         "audio_input",  "image_input",  "output",      "reasoning",
                                         "audio_output", "image_output", "request",     "web_search"};
  return kNames[static_cast<size_t>(kind)];
}

constexpr std::string_view PriceMatchName(PriceMatch match) {
  constexpr std::string_view kNames[] = {"none",    "exact",  "prefix",    "snapshot", "region",
                                         "version", "latest", "fine_tune", "pattern",  "maker"};
  return kNames[static_cast<size_t>(match)];
}

}  // namespace telltale
