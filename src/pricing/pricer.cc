#include "pricing/pricer.h"

#include <array>
#include <cmath>
#include <functional>
#include <string>
#include <unordered_map>
#include <utility>

#include "pricing/cost_arithmetic.h"

namespace telltale {
namespace {

// Names come from senders, so what is remembered of them must end somewhere. A shard that
// is full is emptied: the names in use are found again at once.
constexpr size_t kShards = 16;
constexpr size_t kNamesPerShardMax = 4096;

std::string KeyOf(const PriceQuestion& question) {
  std::string key;
  key.reserve(question.provider.size() + question.request_model.size() + question.response_model.size() + 2);
  key.append(question.provider).push_back('\n');
  key.append(question.request_model).push_back('\n');
  return key.append(question.response_model);
}

}  // namespace

struct Pricer::Remembered {
  explicit Remembered(std::shared_ptr<const PriceTable> its_table) : table(std::move(its_table)) {}

  PriceMatches Search(const PriceQuestion& question) const {
    return table->Find({.provider = question.provider,
                        .request_model = question.request_model,
                        .response_model = question.response_model});
  }

  FoundRule Find(const PriceQuestion& question) {
    std::string key = KeyOf(question);
    // Longer than any real names together: not worth remembering.
    if (key.size() > 3 * kPriceNameBytesMax) return Search(question).At(question.at_unix_nanos);
    Shard& shard = shards[std::hash<std::string>()(key) % kShards];
    {
      MutexLock lock(shard.mu);
      const auto at = shard.found.find(key);
      if (at != shard.found.end()) return at->second.At(question.at_unix_nanos);
    }
    PriceMatches matches = Search(question);
    const FoundRule found = matches.At(question.at_unix_nanos);
    MutexLock lock(shard.mu);
    if (shard.found.size() >= kNamesPerShardMax) shard.found.clear();
    shard.found.emplace(std::move(key), std::move(matches));
    return found;
  }

  struct Shard {
    Mutex mu;
    std::unordered_map<std::string, PriceMatches> found TELLTALE_GUARDED_BY(mu);
  };

  const std::shared_ptr<const PriceTable> table;
  std::array<Shard, kShards> shards;
};

Pricer::Pricer(std::shared_ptr<const PriceTable> table)
    : current_(std::make_shared<Remembered>(std::move(table))) {}
Pricer::~Pricer() = default;

std::shared_ptr<Pricer::Remembered> Pricer::Current() const {
  MutexLock lock(mu_);
  return current_;
}

void Pricer::Use(std::shared_ptr<const PriceTable> table) {
  auto next = std::make_shared<Remembered>(std::move(table));
  MutexLock lock(mu_);
  current_.swap(next);
}

std::shared_ptr<const PriceTable> Pricer::table() const {
  return Current()->table;
}

Cost Pricer::Price(const Usage& usage, const PriceQuestion& question) const {
  const auto current = Current();
  Cost cost;
  cost.table_version = current->table->version();
  const FoundRule found = current->Find(question);
  if (found.rule == nullptr) {
    cost.status = usage.told() ? CostStatus::kUnpriced : CostStatus::kNoUsage;
    cost.reason = usage.told() ? found.reason : CostReason::kUsageNotTold;
    return cost;
  }
  cost.rule_id = found.rule->id;
  cost.match = found.match;
  cost.by_response_model = found.by_response_model;
  const PriceChoice choice = ChoosePrices(*found.rule, usage, question.service_tier, question.batch);
  if (choice.prices == nullptr) {
    cost.status = usage.told() ? CostStatus::kUnpriced : CostStatus::kNoUsage;
    cost.reason = usage.told() ? CostReason::kTierUnknown : CostReason::kUsageNotTold;
    return cost;
  }
  AddUp(choice, usage, cost);
  return cost;
}

Cost ReportedCost(double total_usd) {
  Cost cost;
  const double amount = total_usd * static_cast<double>(kPicoDollarsPerDollar);
  // Just below 2^63; also false for what is not a number.
  if (!(amount >= 0 && amount < 9.2e18)) return cost;
  cost.status = CostStatus::kReported;
  cost.reason = CostReason::kNone;
  cost.total = std::llround(amount);
  return cost;
}

}  // namespace telltale
