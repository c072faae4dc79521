#include "calls/log_records.h"

#include <algorithm>
#include <tuple>

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
    const LogRecord& log = batch.logs[i];
    if (log.span_id.IsZero()) continue;
    CallRecord record{.time_unix_nano = log.time_unix_nano,
                      .event_name = log.event_name,
                      .body = log.body,
                      .attributes = log.attributes};
    // The event's name may stand in an attribute instead.
    const Value* name = batch.Find(log.attributes, "event.name");
    if (record.event_name.empty() && name != nullptr && name->type == ValueType::kString)
      record.event_name = name->text;
    added_.emplace_back(Owner{log.trace_id, log.span_id}, record);
  }
}

void LogRecords::Sort() {
  std::vector<size_t> order(added_.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::sort(order, [this](size_t a, size_t b) {
    return std::tuple(added_[a].first, added_[a].second.time_unix_nano, a) <
           std::tuple(added_[b].first, added_[b].second.time_unix_nano, b);
  });
  owners_.clear();
  records_.clear();
  for (const size_t i : order) {
    owners_.push_back(added_[i].first);
    records_.push_back(added_[i].second);
  }
}

std::span<const CallRecord> LogRecords::Of(const Span& span) const {
  const auto [first, last] = std::ranges::equal_range(owners_, Owner{span.trace_id, span.span_id});
  return {records_.data() + (first - owners_.begin()), static_cast<size_t>(last - first)};
}

}  // namespace telltale
