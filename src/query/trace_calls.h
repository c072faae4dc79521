// What the spans of a stored trace are as calls: mapped when the trace is read, so that
// log records that came later, and rules and prices that are newer than the spans, count.
//
//   const TraceCalls calls(set, trace, logs, pricer);
//   if (const TraceCalls::Priced* call = calls.Of(i)) WriteCall(call->call, call->cost);
//   calls.totals().input_tokens ...
//
// Ownership      `set`, `trace` and `logs` must outlive it.
// Thread safety  One thread at a time.
// Limits         A trace of more than kMappedSpansMax spans is not mapped: mapped() is false.
// Cost           A few us a call, a few tenths for another span.
#pragma once

#include <cstddef>
#include <deque>
#include <vector>

#include "calls/trace_usage.h"
#include "pricing/pricer.h"
#include "query/trace_batch.h"
#include "trace/call.h"
#include "trace/cost.h"

namespace telltale {

inline constexpr size_t kMappedSpansMax = 20'000;

// Sums over the calls that count: own usage, no call twice.
struct CostTotals {
  PicoDollars total = 0;  // of those with a cost, computed or reported
  uint64_t computed_calls = 0;
  uint64_t reported_calls = 0;
  uint64_t unpriced_calls = 0;  // their usage is known, a price is not
  uint64_t no_usage_calls = 0;
};

class TraceCalls {
 public:
  struct Priced {
    Call call;
    Cost cost;  // only of what IsModelCall() and counts(); else kNoUsage
  };

  TraceCalls(const TraceSet& set, const Trace& trace, const LogPage& logs, const Pricer& pricer);

  bool mapped() const { return mapped_; }
  // Null: this span of the trace is no call.
  const Priced* Of(size_t span) const { return span < by_span_.size() ? by_span_[span] : nullptr; }
  const CallTotals& totals() const { return totals_; }
  const CostTotals& costs() const { return costs_; }

 private:
  void Map();
  void Price(const Pricer& pricer);

  bool mapped_ = false;
  TraceBatch again_;
  std::deque<Priced> calls_;
  std::vector<Priced*> by_span_;
  CallTotals totals_;
  CostTotals costs_;
};

}  // namespace telltale
