// Pricer: what a call cost, by the price table of the moment.
//
//   Pricer pricer(PriceTable::BuiltIn());
//   Cost cost = pricer.Price(usage, {.provider = "anthropic",
//                                    .response_model = "claude-sonnet-4-5-20250929",
//                                    .at_unix_nanos = span.start});
//   pricer.Use(changed_table);
//
// Ownership      Keeps its table alive; a Cost holds copies.
// Thread safety  All methods may be called from any thread. A call to Price uses one table
//                from its beginning to its end.
// Failure        None: a cost that is not known says so by status and reason.
// Cost           Below a microsecond once a model's names have been seen; before, tens of
//                microseconds. What is remembered is bounded: 64 Ki different names.
#pragma once

#include <memory>
#include <string_view>

#include "base/mutex.h"
#include "pricing/price_table.h"
#include "trace/cost.h"
#include "trace/usage.h"

namespace telltale {

struct PriceQuestion {
  std::string_view provider;  // as told; any spelling that CanonicalProvider knows
  std::string_view request_model;
  std::string_view response_model;
  std::string_view service_tier;  // as told; empty: standard
  bool batch = false;
  uint64_t at_unix_nanos = 0;  // when the call was made
};

class Pricer {
 public:
  explicit Pricer(std::shared_ptr<const PriceTable> table);
  ~Pricer();

  Cost Price(const Usage& usage, const PriceQuestion& question) const;

  void Use(std::shared_ptr<const PriceTable> table) TELLTALE_EXCLUDES(mu_);
  std::shared_ptr<const PriceTable> table() const TELLTALE_EXCLUDES(mu_);

 private:
  // A table and what was found in it; they go together.
  struct Remembered;
  std::shared_ptr<Remembered> Current() const TELLTALE_EXCLUDES(mu_);

  mutable Mutex mu_;
  std::shared_ptr<Remembered> current_ TELLTALE_GUARDED_BY(mu_);
};

// The cost that a sender told, in US dollars, as a Cost of its own: kReported. What is
// negative, not a number or beyond 9 million dollars was not told: kNoUsage.
Cost ReportedCost(double total_usd);

}  // namespace telltale
