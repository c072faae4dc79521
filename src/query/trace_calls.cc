#include "query/trace_calls.h"

#include <cmath>
#include <limits>
#include <utility>

#include "calls/log_records.h"
#include "calls/mapper.h"

namespace telltale {
namespace {

// Stays at the largest there is: above nine million dollars nobody counts cents.
PicoDollars Sum(PicoDollars a, PicoDollars b) {
  PicoDollars sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? std::numeric_limits<PicoDollars>::max() : sum;
}

}  // namespace

TraceCalls::TraceCalls(const TraceSet& set, const Trace& trace, const LogPage& logs, const Pricer& pricer) {
  if (trace.spans.size() > kMappedSpansMax) return;
  mapped_ = true;
  again_ = BatchOfTrace(set, trace, logs);
  Map();
  Price(pricer);
}

void TraceCalls::Map() {
  const Batch& batch = again_.batch;
  LogRecords records;
  records.AddFrom(batch, 0);
  records.Sort();
  CallMapper mapper;
  std::vector<TraceCall> spans;
  Priced* free = nullptr;  // made, and not needed yet
  for (const Span& span : batch.spans) {
    if (free == nullptr) free = &calls_.emplace_back();
    const bool is_call = mapper.Map(batch, span, records.Of(span), free->call, nullptr);
    by_span_.push_back(is_call ? std::exchange(free, nullptr) : nullptr);
    spans.push_back({.trace_id = span.trace_id,
                     .span_id = span.span_id,
                     .parent_span_id = span.parent_span_id,
                     .start_unix_nano = span.start_unix_nano,
                     .end_unix_nano = span.end_unix_nano,
                     .scope_name = batch.scopes[span.scope].name,
                     .call = is_call ? &by_span_.back()->call : nullptr});
  }
  SettleTraceUsage(spans);
  totals_ = TotalsOf(spans);
}

void TraceCalls::Price(const Pricer& pricer) {
  for (size_t i = 0; i < by_span_.size(); ++i) {
    if (by_span_[i] == nullptr) continue;
    const Call& call = by_span_[i]->call;
    if (!call.counts() || !IsModelCall(call.kind)) continue;
    const std::string_view tier =
        call.response.service_tier.empty() ? call.request.service_tier : call.response.service_tier;
    Cost cost = pricer.Price(call.usage, {.provider = call.provider,
                                          .request_model = call.request.model,
                                          .response_model = call.response.model,
                                          .service_tier = tier,
                                          .at_unix_nanos = again_.batch.spans[i].start_unix_nano});
    const bool is_told = !std::isnan(call.reported_cost.total);
    if (cost.status != CostStatus::kComputed && is_told) cost = ReportedCost(call.reported_cost.total);
    switch (cost.status) {
      case CostStatus::kComputed:
        ++costs_.computed_calls;
        costs_.total = Sum(costs_.total, cost.total);
        break;
      case CostStatus::kReported:
        ++costs_.reported_calls;
        costs_.total = Sum(costs_.total, cost.total);
        break;
      case CostStatus::kUnpriced:
        ++costs_.unpriced_calls;
        break;
      case CostStatus::kNoUsage:
        ++costs_.no_usage_calls;
        break;
    }
    by_span_[i]->cost = std::move(cost);
  }
}

}  // namespace telltale
