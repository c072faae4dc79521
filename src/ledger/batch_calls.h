// Every call of a batch: mapped, settled among themselves, counted where its sender gave no
// usage (tokenizer/call_tokens.h), and priced.
//
//   BatchCalls calls(pricer);                 // one per thread, kept
//   calls.Map(batch);
//   for (size_t i = 0; i < batch.spans.size(); ++i)
//     if (const BatchCalls::Priced* call = calls.Of(i)) Show(call->call, call->cost);
//   for (const CallRow& row : calls.Rows(received_unix_ms)) ...
//
// The batch is a request on its way to the log, or a whole trace read back from the store
// with its log records: then they tell content too.
//
// Ownership      The batch must live until the last use of what Of() and Rows() gave; the
//                next Map() ends them. `pricer` and `rules` must outlive it.
// Thread safety  One thread at a time; pricer and rules may be shared.
// Failure        None; odd values are counted (calls/mapper.h).
// Cost           A few us a call, a few tenths for another span.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "calls/mapper.h"
#include "calls/trace_usage.h"
#include "ledger/call_row.h"
#include "pricing/pricer.h"
#include "tokenizer/call_tokens.h"
#include "trace/call.h"
#include "trace/cost.h"

namespace telltale {

// Sums over the calls that count: own usage, no call twice.
struct CostTotals {
  PicoDollars total = 0;  // of those with a cost, computed or reported
  uint64_t computed_calls = 0;
  uint64_t reported_calls = 0;
  uint64_t unpriced_calls = 0;  // their usage is known, a price is not
  uint64_t no_usage_calls = 0;
};

class BatchCalls {
 public:
  struct Priced {
    Call call;
    Cost cost;  // only of what IsModelCall() and counts(); else kNoUsage
  };

  explicit BatchCalls(const Pricer& pricer, const RuleTable& rules = RuleTable::BuiltIn(),
                      MapDepth depth = MapDepth::kWhole)
      : pricer_(&pricer), mapper_(rules, depth) {}

  void Map(const Batch& batch);

  // Null: this span is no call.
  const Priced* Of(size_t span) const { return span < by_span_.size() ? by_span_[span] : nullptr; }
  const CallTotals& totals() const { return totals_; }
  const CostTotals& costs() const { return costs_; }

  // One for each call, of the last Map().
  std::span<const CallRow> Rows(int64_t received_unix_ms);

 private:
  // Of calls whose sender told none; true when there were some.
  bool CountTokens();
  void Price();
  void GiveBackMemory();

  const Pricer* pricer_;
  CallMapper mapper_;
  CallTokens tokens_;
  const Batch* batch_ = nullptr;
  std::deque<Priced> calls_;  // the first `used_` are of the last batch
  size_t used_ = 0;
  std::vector<Priced*> by_span_;
  std::vector<TraceCall> spans_;
  std::vector<CallRow> rows_;
  CallTotals totals_;
  CostTotals costs_;
};

// The cost of a call by itself: kNoUsage for what asks no model, or does not count.
Cost PriceCall(const Pricer& pricer, const Call& call, uint64_t at_unix_nanos);

// Gives each row without a conversation or user those of its nearest ancestor that tells
// one, else the only one that its trace tells. Rows of several traces may come together.
void InheritContext(std::span<CallRow> rows);

}  // namespace telltale
