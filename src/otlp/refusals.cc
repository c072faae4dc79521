#include "otlp/refusals.h"

#include <string_view>
#include <utility>

#include "base/counters.h"

namespace telltale {
namespace {

constexpr size_t kReasonBytesMax = 512;

struct Wording {
  Counter counter;
  std::string_view text;
};

constexpr std::array<Wording, 5> kWordings = {{
    {Counter::kSpansRefusedTraceId, "trace id must be 16 bytes and not all zeros"},
    {Counter::kSpansRefusedSpanId, "span id must be 8 bytes and not all zeros"},
    {Counter::kSpansRefusedParentId, "parent span id must be empty or 8 bytes"},
    {Counter::kSpansRefusedTime, "start and end must be before the year 2262"},
    {Counter::kSpansRefusedMalformed, "malformed"},
}};

}  // namespace

void Refusals::AddSpan(Refusal reason, std::string detail) {
  Reason& entry = reasons_[static_cast<size_t>(reason)];
  if (entry.count++ == 0) entry.first = std::move(detail);
}

RefusedSpans Refusals::Publish() const {
  RefusedSpans refused;
  for (size_t i = 0; i < reasons_.size(); ++i) {
    const Reason& entry = reasons_[i];
    if (entry.count == 0) continue;
    Count(kWordings[i].counter, entry.count);
    refused.count += entry.count;
    if (!refused.reason.empty()) refused.reason += "; ";
    refused.reason += std::to_string(entry.count) + (entry.count == 1 ? " span: " : " spans: ");
    refused.reason += kWordings[i].text;
    refused.reason += " (first: " + entry.first + ")";
  }
  if (links_ > 0) Count(Counter::kLinksDroppedBadId, links_);
  if (refused.reason.size() > kReasonBytesMax) refused.reason.resize(kReasonBytesMax);
  return refused;
}

}  // namespace telltale
