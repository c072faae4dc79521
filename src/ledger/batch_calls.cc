#include "ledger/batch_calls.h"

#include <algorithm>
#include <limits>
#include <string_view>
#include <tuple>
#include <utility>

#include "calls/log_records.h"

namespace telltale {
namespace {

// What is kept of a large batch for the next one.
constexpr size_t kKeptCalls = 256;
constexpr size_t kKeptParts = 1024;
// Deeper than any call tree; also what ends a circle of parents.
constexpr int kAncestorsMax = 256;

// Stays at the largest there is: above nine million dollars nobody counts cents.
PicoDollars Sum(PicoDollars a, PicoDollars b) {
  PicoDollars sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? std::numeric_limits<PicoDollars>::max() : sum;
}

}  // namespace

Cost PriceCall(const Pricer& pricer, const Call& call, uint64_t at_unix_nanos) {
  if (!call.counts() || !IsModelCall(call.kind)) return {};
  const std::string_view tier =
      call.response.service_tier.empty() ? call.request.service_tier : call.response.service_tier;
  Cost cost = pricer.Price(call.usage, {.provider = call.provider,
                                        .request_model = call.request.model,
                                        .response_model = call.response.model,
                                        .service_tier = tier,
                                        .at_unix_nanos = at_unix_nanos});
  // Senders that do not know a price write 0 (OpenLIT); nobody bills it.
  const bool is_told = call.reported_cost.total > 0;
  if (cost.status != CostStatus::kComputed && is_told) return ReportedCost(call.reported_cost.total);
  return cost;
}

void BatchCalls::Map(const Batch& batch) {
  GiveBackMemory();
  batch_ = &batch;
  used_ = 0;
  by_span_.clear();
  spans_.clear();
  totals_ = {};
  costs_ = {};
  LogRecords records;
  records.AddFrom(batch, 0);
  records.Sort(batch);
  for (const Span& span : batch.spans) {
    if (used_ == calls_.size()) calls_.emplace_back();
    Priced& next = calls_[used_];
    const bool is_call = mapper_.Map(batch, span, records.Of(span), next.call, nullptr);
    if (is_call) ++used_;
    by_span_.push_back(is_call ? &next : nullptr);
  }
  if (used_ == 0) return;
  for (size_t i = 0; i < by_span_.size(); ++i) {
    const Span& span = batch.spans[i];
    spans_.push_back({.trace_id = span.trace_id,
                      .span_id = span.span_id,
                      .parent_span_id = span.parent_span_id,
                      .start_unix_nano = span.start_unix_nano,
                      .end_unix_nano = span.end_unix_nano,
                      .scope_name = batch.scopes[span.scope].name,
                      .call = by_span_[i] == nullptr ? nullptr : &by_span_[i]->call});
  }
  SettleTraceUsage(spans_);
  // Only now is known which calls have no usage at all; what is counted may have a sum above it.
  if (CountTokens()) SettleTraceUsage(spans_);
  totals_ = TotalsOf(spans_);
  Price();
}

bool BatchCalls::CountTokens() {
  bool counted = false;
  for (Priced* const priced : by_span_) {
    if (priced == nullptr || priced->call.usage.told() || !priced->call.counts()) continue;
    // What failed was not answered, and mostly not billed.
    if (!IsModelCall(priced->call.kind) || priced->call.failed) continue;
    const CountedUsage usage = tokens_.Count(priced->call);
    // One side of a chat says little, and what stands there may be a part of it only.
    const bool is_answered =
        priced->call.kind == CallKind::kLlm || priced->call.kind == CallKind::kCompletion;
    if (usage.usage.input_tokens < 0 || (is_answered && usage.usage.output_tokens < 0)) continue;
    priced->call.usage = usage.usage;
    counted = true;
  }
  return counted;
}

void BatchCalls::GiveBackMemory() {
  if (calls_.size() > kKeptCalls) calls_.resize(kKeptCalls);
  for (size_t i = 0; i < std::min(used_, calls_.size()); ++i) {
    if (calls_[i].call.parts.capacity() > kKeptParts) calls_[i] = {};
  }
}

void BatchCalls::Price() {
  for (size_t i = 0; i < by_span_.size(); ++i) {
    if (by_span_[i] == nullptr) continue;
    Priced& priced = *by_span_[i];
    priced.cost = PriceCall(*pricer_, priced.call, batch_->spans[i].start_unix_nano);
    if (!priced.call.counts() || !IsModelCall(priced.call.kind)) continue;
    switch (priced.cost.status) {
      case CostStatus::kComputed:
        ++costs_.computed_calls;
        costs_.total = Sum(costs_.total, priced.cost.total);
        break;
      case CostStatus::kReported:
        ++costs_.reported_calls;
        costs_.total = Sum(costs_.total, priced.cost.total);
        break;
      case CostStatus::kUnpriced:
        ++costs_.unpriced_calls;
        break;
      case CostStatus::kNoUsage:
        ++costs_.no_usage_calls;
        break;
    }
  }
}

std::span<const CallRow> BatchCalls::Rows(int64_t received_unix_ms) {
  rows_.clear();
  for (size_t i = 0; i < by_span_.size(); ++i) {
    if (by_span_[i] == nullptr) continue;
    rows_.push_back(RowOf(*batch_, batch_->spans[i], by_span_[i]->call, by_span_[i]->cost));
    rows_.back().received_unix_ms = received_unix_ms;
  }
  InheritContext(rows_);
  return rows_;
}

namespace {

// Rows in the order of trace and span, to find parents and traces.
class Inheritance {
 public:
  explicit Inheritance(std::span<CallRow> rows) : rows_(rows), order_(rows.size()) {
    for (size_t i = 0; i < rows.size(); ++i) order_[i] = i;
    std::ranges::sort(order_, {}, [&](size_t i) { return std::tuple(rows[i].trace_id, rows[i].span_id); });
  }

  void Give(std::string_view CallRow::* field) {
    for (size_t begin = 0, end = 0; begin < order_.size(); begin = end) {
      while (end < order_.size() && rows_[order_[end]].trace_id == rows_[order_[begin]].trace_id) ++end;
      const std::span<const size_t> trace(&order_[begin], end - begin);
      const std::string_view only = OnlyOne(trace, field);
      told_.assign(trace.size(), {});
      for (size_t i = 0; i < trace.size(); ++i) {
        told_[i] = rows_[trace[i]].*field;
        if (told_[i].empty()) told_[i] = FromAncestors(trace, rows_[trace[i]], field);
        if (told_[i].empty()) told_[i] = only;
      }
      for (size_t i = 0; i < trace.size(); ++i) rows_[trace[i]].*field = told_[i];
    }
  }

 private:
  std::string_view OnlyOne(std::span<const size_t> trace, std::string_view CallRow::* field) const {
    std::string_view only;
    for (const size_t i : trace) {
      const std::string_view told = rows_[i].*field;
      if (told.empty() || told == only) continue;
      if (!only.empty()) return {};
      only = told;
    }
    return only;
  }

  std::string_view FromAncestors(std::span<const size_t> trace, const CallRow& row,
                                 std::string_view CallRow::* field) const {
    SpanId parent = row.parent_id;
    for (int step = 0; step < kAncestorsMax && !parent.IsZero(); ++step) {
      const auto at = std::ranges::lower_bound(trace, parent, {}, [&](size_t i) { return rows_[i].span_id; });
      if (at == trace.end() || rows_[*at].span_id != parent) return {};
      if (!(rows_[*at].*field).empty()) return rows_[*at].*field;
      parent = rows_[*at].parent_id;
    }
    return {};
  }

  std::span<CallRow> rows_;
  std::vector<size_t> order_;
  std::vector<std::string_view> told_;
};

}  // namespace

void InheritContext(std::span<CallRow> rows) {
  const auto lacks = [&](std::string_view CallRow::* field) {
    bool some = false;
    bool all = true;
    for (const CallRow& row : rows) {
      some = some || !(row.*field).empty();
      all = all && !(row.*field).empty();
    }
    return some && !all;
  };
  const bool conversation = lacks(&CallRow::conversation);
  const bool user = lacks(&CallRow::user);
  if (!conversation && !user) return;
  Inheritance inheritance(rows);
  if (conversation) inheritance.Give(&CallRow::conversation);
  if (user) inheritance.Give(&CallRow::user);
}

}  // namespace telltale
