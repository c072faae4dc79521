#include "otlp/log_decoder.h"
#include "otlp/wire_envelope.h"

namespace telltale {
namespace {

// Field tags of opentelemetry/proto/logs/v1/logs.proto.
namespace record_field {
constexpr uint32_t kTime = Fixed64Tag(1);
constexpr uint32_t kSeverityNumber = VarintTag(2);
constexpr uint32_t kSeverityText = BytesTag(3);
constexpr uint32_t kBody = BytesTag(5);
constexpr uint32_t kAttributes = BytesTag(6);
constexpr uint32_t kDroppedAttributes = VarintTag(7);
constexpr uint32_t kFlags = Fixed32Tag(8);
constexpr uint32_t kTraceId = BytesTag(9);
constexpr uint32_t kSpanId = BytesTag(10);
constexpr uint32_t kObservedTime = Fixed64Tag(11);
constexpr uint32_t kEventName = BytesTag(12);
}  // namespace record_field

constexpr uint32_t kSeverityMax = 24;

class LogsReader : public WireEnvelope<LogsReader> {
 public:
  LogsReader(std::string_view bytes, Batch& out) : WireEnvelope(Signal::kLogs, bytes, out) {}

  // For WireEnvelope. A record may be empty: its tag and its size are two bytes.
  static constexpr size_t kItemBytesMin = 2;
  static constexpr size_t kReservedMax = 50'000;
  auto& items() { return out_->logs; }

  void ReadItem(std::string_view bytes, uint32_t resource, uint32_t scope) {
    ++items_seen_;
    if (out_->logs.size() >= kLogRecordsMax) {
      attributes_.Broken("too many records in one request");
      return RefuseMalformed();
    }
    const size_t attributes_before = out_->attributes.size();
    LogRecord& log = out_->logs.emplace_back();
    log.resource = resource;
    log.scope = scope;
    Ids ids;
    bool kept = ReadFields(bytes, log, ids) && attributes_.ReadValue(bytes, record_field::kBody, log.body);
    if (!kept) {
      RefuseMalformed();
    } else {
      kept = Keep(ids, log);
    }
    if (kept) return;
    out_->logs.pop_back();
    out_->attributes.resize(attributes_before);
  }

 private:
  struct Ids {
    std::string_view trace_id;
    std::string_view span_id;
  };

  bool ReadFields(std::string_view bytes, LogRecord& log, Ids& ids);
  bool Keep(const Ids& ids, LogRecord& log);
};

bool LogsReader::ReadFields(std::string_view bytes, LogRecord& log, Ids& ids) {
  log.attributes.begin = static_cast<uint32_t>(out_->attributes.size());
  WireReader in(bytes);
  while (!in.AtEnd()) {
    uint32_t tag;
    bool read = false;
    if (!in.ReadTag(tag)) return false;
    switch (tag) {
      case record_field::kTime:
        read = in.ReadFixed64(log.time_unix_nano);
        break;
      case record_field::kSeverityNumber:
        read = ReadEnum(in, kSeverityMax, log.severity_number);
        break;
      case record_field::kSeverityText:
        read = in.ReadBytes(log.severity_text);
        break;
      case record_field::kAttributes:
        read = ReadAttribute(in, log.attributes);
        break;
      case record_field::kDroppedAttributes:
        read = ReadUint32(in, log.dropped_attributes);
        break;
      case record_field::kFlags:
        read = in.ReadFixed32(log.flags);
        break;
      case record_field::kTraceId:
        read = in.ReadBytes(ids.trace_id);
        break;
      case record_field::kSpanId:
        read = in.ReadBytes(ids.span_id);
        break;
      case record_field::kObservedTime:
        read = in.ReadFixed64(log.observed_time_unix_nano);
        break;
      case record_field::kEventName:
        read = in.ReadBytes(log.event_name);
        break;
      default:  // the body, too: it is read when the attributes are one run
        read = in.Skip(tag);
    }
    if (!read) return false;
  }
  return true;
}

bool LogsReader::Keep(const Ids& ids, LogRecord& log) {
  const auto refuse = [&](Refusal reason, std::string_view id) {
    refusals_.Add(reason, ItemName() + ": " + std::to_string(id.size()) + " bytes");
    return false;
  };
  if (!ids.trace_id.empty()) {
    if (ids.trace_id.size() != 16) return refuse(Refusal::kTraceId, ids.trace_id);
    log.trace_id = TraceId::FromBytes(ids.trace_id);
  }
  if (!ids.span_id.empty()) {
    if (ids.span_id.size() != 8) return refuse(Refusal::kSpanId, ids.span_id);
    log.span_id = SpanId::FromBytes(ids.span_id);
  }
  if (log.time_unix_nano > kTimeUnixNanoMax || log.observed_time_unix_nano > kTimeUnixNanoMax) {
    refusals_.Add(Refusal::kTime, ItemName());
    return false;
  }
  return true;
}

}  // namespace

Result<RefusedItems> DecodeLogsProtobufUntrusted(std::string_view bytes, Batch& out) {
  return LogsReader(bytes, out).Read();
}

}  // namespace telltale
