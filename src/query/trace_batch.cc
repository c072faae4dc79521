#include "query/trace_batch.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "otlp/trace_decoder.h"

namespace telltale {
namespace {

// The ids of spans that only carry something to be parsed.
constexpr std::string_view kCarrier =
    R"({"traceId":"00000000000000000000000000000001","spanId":"0000000000000001")";

std::string_view OrEmptyObject(std::string_view json) {
  return json.empty() ? std::string_view("{}") : json;
}

// Resources and scopes, a pair a carrier, and then the events of every span that has any,
// as one OTLP/JSON request: the decoder of such requests knows how to read them.
std::string PartsAsRequest(const TraceSet& set, const Trace& trace) {
  std::string json = R"({"resourceSpans":[)";
  const size_t pairs = std::max(set.resources.size(), set.scopes.size());
  for (size_t i = 0; i < pairs; ++i) {
    json += R"({"resource":)";
    json += OrEmptyObject(i < set.resources.size() ? set.resources[i] : "");
    json += R"(,"scopeSpans":[{"scope":)";
    json += OrEmptyObject(i < set.scopes.size() ? set.scopes[i] : "");
    json.append(R"(,"spans":[)").append(kCarrier).append("}]}]},");
  }
  json += R"({"scopeSpans":[{"spans":[)";
  for (const TraceSpan& span : trace.spans) {
    if (span.row.events.empty()) continue;
    if (json.back() != '[') json += ',';
    json.append(kCarrier).append(R"(,"events":)").append(span.row.events).append("}");
  }
  return json + "]}]}]}";
}

class Builder {
 public:
  Builder(const TraceSet& set, const Trace& trace, TraceBatch& out)
      : trace_(trace), batch_(out.batch), parts_(out.parts) {
    const size_t pairs = std::max(set.resources.size(), set.scopes.size());
    const std::string request = PartsAsRequest(set, trace);
    const auto refused = DecodeTracesJsonUntrusted(request, parts_);
    parsed_ = refused && refused->count == 0 && parts_.resources.size() >= pairs;
    next_events_ = pairs;
    batch_.resources.resize(std::max<size_t>(1, set.resources.size()));
    batch_.scopes.resize(std::max<size_t>(1, set.scopes.size()));
    if (!parsed_) return;
    for (size_t i = 0; i < set.resources.size(); ++i)
      batch_.resources[i] = TakeAttributes(parts_.resources[i]);
    for (size_t i = 0; i < set.scopes.size(); ++i) batch_.scopes[i] = TakeAttributes(parts_.scopes[i]);
  }

  void AddSpans() {
    batch_.spans.reserve(trace_.spans.size());
    for (const TraceSpan& span : trace_.spans) AddSpan(span);
  }

  void AddLogs(const LogPage& logs) {
    for (const LogRow& row : logs.rows) {
      LogRecord& log = batch_.logs.emplace_back();
      log.time_unix_nano = row.sent_time_unix_nano;
      log.observed_time_unix_nano = row.observed_time_unix_nano;
      log.trace_id = row.trace_id;
      log.span_id = row.span_id;
      log.severity_number = row.severity_number;
      log.severity_text = row.severity_text;
      log.event_name = row.event_name;
      log.body = ValueOf(row.body);
      log.attributes = Typed(row.attributes);
      log.dropped_attributes = row.dropped_attributes;
      log.flags = row.flags;
    }
  }

 private:
  void AddSpan(const TraceSpan& from) {
    const SpanRow& row = from.row;
    Span span;
    span.trace_id = row.trace_id;
    span.span_id = row.span_id;
    span.parent_span_id = row.parent_id;
    span.trace_state = row.trace_state;
    span.name = row.name;
    span.status_message = row.status_message;
    span.start_unix_nano = static_cast<uint64_t>(row.start_unix_nano);
    span.end_unix_nano = static_cast<uint64_t>(row.start_unix_nano + row.duration_nano);
    span.attributes = Typed(row.attributes);
    span.dropped_attributes = row.dropped_attributes;
    span.dropped_events = row.dropped_events;
    span.dropped_links = row.dropped_links;
    span.flags = row.flags;
    span.resource = from.resource;
    span.scope = from.scope;
    span.kind = row.kind;
    span.status_code = row.status;
    if (parsed_ && !row.events.empty()) span.events = TakeEvents();
    batch_.spans.push_back(span);
  }

  Run TakeEvents() {
    const Span& carrier = parts_.spans[next_events_++];
    const Run run{.begin = static_cast<uint32_t>(batch_.events.size()), .count = carrier.events.count};
    for (uint32_t i = 0; i < carrier.events.count; ++i) {
      batch_.events.push_back(TakeAttributes(parts_.events[carrier.events.begin + i]));
    }
    return run;
  }

  // `part` with its attributes in batch_ instead of parts_.
  template <typename Part>
  Part TakeAttributes(Part part) {
    const Run run = part.attributes;
    part.attributes.begin = static_cast<uint32_t>(batch_.attributes.size());
    batch_.attributes.insert(batch_.attributes.end(), parts_.begin(run), parts_.end(run));
    return part;
  }

  Run Typed(const StoredAttributes& stored) {
    const Run run{.begin = static_cast<uint32_t>(batch_.attributes.size()),
                  .count = static_cast<uint32_t>(stored.count)};
    AttributeReader reader(stored);
    StoredAttribute attribute;
    while (reader.Next(attribute)) batch_.attributes.push_back({attribute.key, ValueOf(attribute)});
    return run;
  }

  Value ValueOf(const StoredAttribute& stored) {
    Value value{.type = stored.type};
    const char* const begin = stored.text.data();
    const char* const end = begin + stored.text.size();
    switch (stored.type) {
      case ValueType::kNone:
        break;
      case ValueType::kBool:
        value.boolean = stored.text == "true";
        break;
      case ValueType::kInt:
        std::from_chars(begin, end, value.integer);
        break;
      case ValueType::kDouble:
        value.real = 0;
        std::from_chars(begin, end, value.real);
        break;
      case ValueType::kBytes:
        if (const std::optional<std::string> bytes = ParseBase64(stored.text))
          value.text = batch_.arena.Copy(*bytes);
        break;
      case ValueType::kString:
      case ValueType::kArray:
      case ValueType::kMap:
        value.text = stored.text;
        break;
    }
    return value;
  }

  const Trace& trace_;
  Batch& batch_;
  Batch& parts_;
  bool parsed_ = false;
  size_t next_events_ = 0;
};

}  // namespace

TraceBatch BatchOfTrace(const TraceSet& set, const Trace& trace, const LogPage& logs) {
  TraceBatch out;
  Builder builder(set, trace, out);
  builder.AddSpans();
  builder.AddLogs(logs);
  return out;
}

}  // namespace telltale
