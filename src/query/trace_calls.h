// What the spans of a stored trace are as calls: mapped when the trace is read, so that
// log records that came later, and rules and prices that are newer than the spans, count.
//
//   TraceCalls calls(pricer, rules);
//   calls.Map(set, trace, logs);
//   if (const BatchCalls::Priced* call = calls.Of(i)) WriteCall(call->call, call->cost);
//   calls.totals().input_tokens ...
//
// Ownership      `set`, `trace` and `logs` must outlive its use.
// Thread safety  One thread at a time.
// Limits         A trace of more than kMappedSpansMax spans is not mapped: Map() says false.
// Cost           A few us a call, a few tenths for another span.
#pragma once

#include <cstddef>

#include "ledger/batch_calls.h"
#include "query/trace_batch.h"

namespace telltale {

inline constexpr size_t kMappedSpansMax = 20'000;

class TraceCalls {
 public:
  explicit TraceCalls(const Pricer& pricer, const RuleTable& rules = RuleTable::BuiltIn())
      : calls_(pricer, rules) {}

  bool Map(const TraceSet& set, const Trace& trace, const LogPage& logs);

  bool mapped() const { return mapped_; }
  const Batch& batch() const { return again_.batch; }
  // Null: this span of the trace is no call.
  const BatchCalls::Priced* Of(size_t span) const { return calls_.Of(span); }
  const CallTotals& totals() const { return calls_.totals(); }
  const CostTotals& costs() const { return calls_.costs(); }
  BatchCalls& calls() { return calls_; }

 private:
  bool mapped_ = false;
  TraceBatch again_;
  BatchCalls calls_;
};

}  // namespace telltale
