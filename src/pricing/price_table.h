// PriceTable: every rule there is, the user's before ours, found by a model's name.
//
//   TELLTALE_ASSIGN_OR_RETURN(auto table, PriceTable::WithUserFile("prices.toml"));
//   const PriceMatches found = table->Find({.provider = "openai", .response_model = "gpt-4o-2024-08-06"});
//   const PriceRule* rule = found.At(span_start).rule;
//
// The table that is in the program is spec/prices/*.toml. Its version is the newest day on
// which a price was read and a hash of the files, and of the user's: 2026-07-24-0a1b2c3d4e5f.
//
// Ownership      Immutable, shared. Rules and matches live as long as their table.
// Thread safety  All methods may be called from any thread.
// Failure        A user's file with a mistake: the Error of ReadPriceFileUntrusted.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "pricing/price_file.h"
#include "pricing/price_rule.h"

namespace telltale {

// The names that a call tells, as told; empty: not told.
struct PriceNames {
  std::string_view provider;
  std::string_view request_model;
  std::string_view response_model;
};

// Rules of one model at one provider, for different times.
using RuleGroup = std::vector<const PriceRule*>;

struct FoundRule {
  const PriceRule* rule = nullptr;  // null: none, and `reason` says why
  PriceMatch match = PriceMatch::kNone;
  bool by_response_model = false;
  CostReason reason = CostReason::kNone;
};

// All that a call's names match, the best first. The time of the call decides.
struct PriceMatches {
  struct One {
    const RuleGroup* group = nullptr;
    PriceMatch match = PriceMatch::kNone;
    bool by_response_model = false;
  };
  std::vector<One> matches;
  CostReason otherwise = CostReason::kModelUnknown;

  FoundRule At(uint64_t unix_nanos) const;
};

class PriceTable {
 public:
  // The table that is in the program; read once.
  static std::shared_ptr<const PriceTable> BuiltIn();
  // That and the user's file, whose rules win where they hold. An empty path: BuiltIn().
  static Result<std::shared_ptr<const PriceTable>> WithUserFile(const std::string& path);
  // `user` first. For these rules `id` becomes user:ID.
  static std::shared_ptr<const PriceTable> Of(std::vector<PriceFile> built_in, std::vector<PriceFile> user);

  const std::string& version() const { return version_; }
  // The user's rules first, then by provider and model.
  std::span<const PriceRule> rules() const { return rules_; }

  PriceMatches Find(const PriceNames& names) const;

 private:
  // One layer is asked before the next: what the user says beats all that we know.
  struct Layer {
    std::unordered_map<std::string, RuleGroup> exact;              // provider \n model
    std::unordered_map<std::string, RuleGroup> patterns;           // likewise, with a *
    std::unordered_map<std::string, std::string> newest_snapshot;  // provider \n base -> key of `exact`
  };

  PriceTable() = default;
  void Index(Layer& layer, const PriceRule& rule);
  void FindName(const Layer& layer, std::string_view provider, std::string_view model, bool by_response_model,
                PriceMatches& found) const;
  void FindAt(const std::string& provider, const PriceNames& names, PriceMatches& found) const;
  bool KnowsProvider(std::string_view provider) const;

  std::string version_;
  std::vector<PriceRule> rules_;
  Layer user_;
  Layer built_in_;
};

}  // namespace telltale
