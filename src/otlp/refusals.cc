#include "otlp/refusals.h"

#include <string_view>
#include <utility>

#include "base/counters.h"

namespace telltale {
namespace {

constexpr size_t kReasonBytesMax = 512;

constexpr std::array<Counter, 6> kSpanCounters = {
    Counter::kSpansRefusedTraceId, Counter::kSpansRefusedSpanId,    Counter::kSpansRefusedParentId,
    Counter::kSpansRefusedTime,    Counter::kSpansRefusedMalformed, Counter::kSpansRefusedMalformed};

Counter CounterOf(Signal signal, size_t reason) {
  switch (signal) {
    case Signal::kTraces:
      return kSpanCounters[reason];
    case Signal::kLogs:
      return Counter::kLogsRefused;
    case Signal::kMetrics:
      return Counter::kMetricPointsRefused;
  }
  return kSpanCounters[reason];
}

std::string_view TextOf(Signal signal, Refusal reason) {
  const bool is_log = signal == Signal::kLogs;
  switch (reason) {
    case Refusal::kTraceId:
      return is_log ? "trace id must be empty or 16 bytes" : "trace id must be 16 bytes and not all zeros";
    case Refusal::kSpanId:
      return is_log ? "span id must be empty or 8 bytes" : "span id must be 8 bytes and not all zeros";
    case Refusal::kParentId:
      return "parent span id must be empty or 8 bytes";
    case Refusal::kTime:
      return signal == Signal::kTraces ? "start and end must be before the year 2262"
                                       : "times must be before the year 2262";
    case Refusal::kMalformed:
      return "malformed";
    case Refusal::kShape:
      return "bucket counts must be one more than bounds, or none";
  }
  return "malformed";
}

}  // namespace

void Refusals::Add(Refusal reason, std::string detail, uint64_t count) {
  Reason& entry = reasons_[static_cast<size_t>(reason)];
  if (entry.count == 0) entry.first = std::move(detail);
  entry.count += count;
}

RefusedItems Refusals::Publish() const {
  RefusedItems refused;
  for (size_t i = 0; i < reasons_.size(); ++i) {
    const Reason& entry = reasons_[i];
    if (entry.count == 0) continue;
    Count(CounterOf(signal_, i), entry.count);
    refused.count += entry.count;
    if (!refused.reason.empty()) refused.reason += "; ";
    refused.reason += std::to_string(entry.count) + ' ' + std::string(NamesOf(signal_).item);
    refused.reason += entry.count == 1 ? ": " : "s: ";
    refused.reason += TextOf(signal_, static_cast<Refusal>(i));
    refused.reason += " (first: " + entry.first + ")";
  }
  if (links_ > 0) Count(Counter::kLinksDroppedBadId, links_);
  if (refused.reason.size() > kReasonBytesMax) refused.reason.resize(kReasonBytesMax);
  return refused;
}

}  // namespace telltale
