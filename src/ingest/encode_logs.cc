#include "ingest/encode.h"

namespace telltale {
namespace {

constexpr uint64_t kColumns = 18;

// Logs are read by the time of their event; a source that gives none has only the time
// at which it was seen, as the data model of OpenTelemetry's logs says.
uint64_t TimeOf(const LogRecord& log, uint64_t received_unix_ms) {
  if (log.time_unix_nano != 0) return log.time_unix_nano;
  if (log.observed_time_unix_nano != 0) return log.observed_time_unix_nano;
  return received_unix_ms * 1'000'000;
}

}  // namespace

// body and body_type: the bodies that are kept elsewhere are told by their type.
void LogEncoder::Bodies(NativeBlock& block, const Batch& batch) {
  block.Column("body", "String");
  body_types_.clear();
  for (const LogRecord& log : batch.logs) {
    std::string_view event;
    if (keeper_ != nullptr) {
      event = EventNameOf(batch, log);
      BeginOwner(batch, log);
      keeper_->BeginField(ChunkPlace::kLogBody, event);
    }
    // Events say something; of other records only what is large is searched for here.
    body_types_ += AppendBody(log.body, !event.empty());
  }
  block.Column("body_type", "UInt8");
  block.Bytes(body_types_);
}

Block LogEncoder::Encode(const Batch& batch, uint64_t received_unix_ms, ContentKeeper* keeper,
                         const RuleTable& rules) {
  Begin(batch, keeper, rules);
  const auto& logs = batch.logs;
  NativeBlock block(kColumns, logs.size(), out_);

  Numbers(block, logs, "time", "DateTime64(9, 'UTC')",
          [&](const LogRecord& log) { return static_cast<int64_t>(TimeOf(log, received_unix_ms)); });
  Numbers(block, logs, "sent_time", "UInt64", [](const LogRecord& log) { return log.time_unix_nano; });
  Numbers(block, logs, "observed_time", "UInt64",
          [](const LogRecord& log) { return log.observed_time_unix_nano; });
  Ids(block, logs, "trace_id", "FixedString(16)", [](const LogRecord& log) { return log.trace_id; });
  Ids(block, logs, "span_id", "FixedString(8)", [](const LogRecord& log) { return log.span_id; });
  Service(block, logs);
  Numbers(block, logs, "severity", "UInt8", [](const LogRecord& log) { return log.severity_number; });
  Dictionary(block, logs, "severity_text", [](const LogRecord& log) { return log.severity_text; });
  Dictionary(block, logs, "event_name", [](const LogRecord& log) { return log.event_name; });
  Bodies(block, batch);
  Numbers(block, logs, "flags", "UInt32", [](const LogRecord& log) { return log.flags; });
  Attributes(block, batch, logs);
  Numbers(block, logs, "dropped_attributes", "UInt32",
          [](const LogRecord& log) { return log.dropped_attributes; });
  ResourceAndScope(block, logs);
  Received(block, logs.size(), received_unix_ms);
  return Finish(BlockKind::kLogs, logs.size());
}

}  // namespace telltale
