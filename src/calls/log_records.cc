#include "calls/log_records.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "calls/record_owners.h"
#include "otlp/log_decoder.h"

namespace telltale {

Status LogRecords::AddUntrusted(std::string_view body, Batch& batch) {
  const size_t before = batch.logs.size();
  const size_t first = body.find_first_not_of(" \t\r\n");
  const bool is_json = first != std::string_view::npos && body[first] == '{';
  const auto refused =
      is_json ? DecodeLogsJsonUntrusted(body, batch) : DecodeLogsProtobufUntrusted(body, batch);
  if (!refused) return std::unexpected(refused.error());
  AddFrom(batch, before);
  return {};
}

void LogRecords::AddFrom(const Batch& batch, size_t first_log) {
  for (size_t i = first_log; i < batch.logs.size(); ++i) {
    if (!batch.logs[i].trace_id.IsZero()) added_.push_back(i);
  }
}

void LogRecords::Sort(const Batch& batch) {
  std::vector<std::pair<Owner, CallRecord>> owned;
  const RecordOwners owners(batch);
  for (const size_t i : added_) {
    const LogRecord& log = batch.logs[i];
    const SpanId owner = owners.Of(batch, log);
    if (owner.IsZero()) continue;
    CallRecord record{.time_unix_nano = log.time_unix_nano,
                      .event_name = log.event_name,
                      .body = log.body,
                      .attributes = log.attributes};
    // The event's name may stand in an attribute instead; where it stands there beside a
    // source line, the line is Codex's.
    const Value* name = batch.Find(log.attributes, "event.name");
    const bool is_told = name != nullptr && name->type == ValueType::kString;
    if (is_told && (record.event_name.empty() || record.event_name.starts_with("event ")))
      record.event_name = name->text;
    owned.emplace_back(Owner{log.trace_id, owner}, record);
  }
  for (const Span& span : batch.spans) {
    const Span* around = owners.ModelAround(batch, span);
    if (around == nullptr) continue;
    owned.emplace_back(Owner{span.trace_id, span.span_id}, CallRecord{.time_unix_nano = span.start_unix_nano,
                                                                      .event_name = kSpanAround,
                                                                      .body = {},
                                                                      .attributes = around->attributes});
  }
  std::vector<size_t> order(owned.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::sort(order, [&](size_t a, size_t b) {
    return std::tuple(owned[a].first, owned[a].second.time_unix_nano, a) <
           std::tuple(owned[b].first, owned[b].second.time_unix_nano, b);
  });
  owners_.clear();
  records_.clear();
  for (const size_t i : order) {
    owners_.push_back(owned[i].first);
    records_.push_back(owned[i].second);
  }
}

std::span<const CallRecord> LogRecords::Of(const Span& span) const {
  const auto [first, last] = std::ranges::equal_range(owners_, Owner{span.trace_id, span.span_id});
  return {records_.data() + (first - owners_.begin()), static_cast<size_t>(last - first)};
}

}  // namespace telltale
