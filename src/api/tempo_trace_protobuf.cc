// A trace as the protobuf of Tempo: OTLP's ResourceSpans.
#include <bit>
#include <charconv>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/otlp_json.h"
#include "api/tempo_parts.h"
#include "base/bytes.h"
#include "otlp/stored_json.h"
#include "otlp/wire_writer.h"

namespace telltale {
namespace {

// A message begins with its length, so what is one message has to be in memory. A field that is
// repeated may come in several runs, and one that is not is merged: the spans go out in messages
// of about this size.
//
//   [ ResourceSpans: resource, scope, 256 KiB of spans ][ ResourceSpans: the same, 256 KiB ] ...
constexpr size_t kMessageBytes = 256 * 1024;

// Fields of opentelemetry.proto.trace.v1 and of tempopb.
constexpr uint32_t kTraceOfResponse = 1;
constexpr uint32_t kStatusOfResponse = 3;
constexpr uint32_t kMessageOfResponse = 4;
constexpr uint64_t kPartial = 1;
constexpr uint32_t kResourceSpansOfTrace = 1;

template <typename Number>
Number NumberOf(std::string_view text) {
  Number number{};
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

class Writer {
 public:
  Writer(const TraceSet& set, TempoVersion version, WholeTraces::Sink& sink)
      : set_(set), version_(version), sink_(sink) {}

  void Write(const Trace& trace) {
    std::map<std::pair<uint32_t, uint32_t>, std::vector<const SpanRow*>> groups;
    for (const TraceSpan& span : trace.spans) groups[{span.resource, span.scope}].push_back(&span.row);
    for (const auto& [heads, rows] : groups) {
      for (const SpanRow* row : rows) {
        span_.clear();
        AppendSpan(*row, span_);
        AppendWireBytes(2, span_, spans_);
        if (spans_.size() >= kMessageBytes && !Send(heads.first, heads.second)) return;
      }
      if (!spans_.empty() && !Send(heads.first, heads.second)) return;
    }
    if (version_ == TempoVersion::kV1) return;
    if (const std::string message = PartialMessage(trace); !message.empty()) {
      AppendWireVarint(kStatusOfResponse, kPartial, sink_.body);
      AppendWireBytes(kMessageOfResponse, message, sink_.body);
    }
  }

 private:
  // The spans gathered, under their resource and scope.
  bool Send(uint32_t resource, uint32_t scope) {
    std::string scope_spans;
    const std::string scope_url = stored_.AppendScope(1, set_.scopes[scope], scope_spans);
    scope_spans += spans_;
    if (!scope_url.empty()) AppendWireBytes(3, scope_url, scope_spans);
    std::string resource_spans;
    const std::string url = stored_.AppendResource(1, set_.resources[resource], resource_spans);
    AppendWireBytes(2, scope_spans, resource_spans);
    if (!url.empty()) AppendWireBytes(3, url, resource_spans);
    spans_.clear();
    if (version_ == TempoVersion::kV1) {
      AppendWireBytes(kResourceSpansOfTrace, resource_spans, sink_.body);
    } else {
      std::string trace;
      AppendWireBytes(kResourceSpansOfTrace, resource_spans, trace);
      AppendWireBytes(kTraceOfResponse, trace, sink_.body);
    }
    return sink_.Flush();
  }

  void AppendSpan(const SpanRow& row, std::string& out) {
    AppendWireBytes(1, row.trace_id.view(), out);
    AppendWireBytes(2, row.span_id.view(), out);
    if (!row.trace_state.empty()) AppendWireBytes(3, row.trace_state, out);
    if (!row.parent_id.IsZero()) AppendWireBytes(4, row.parent_id.view(), out);
    AppendWireBytes(5, row.name, out);
    if (row.kind != 0) AppendWireVarint(6, row.kind, out);
    AppendWireFixed64(7, static_cast<uint64_t>(row.start_unix_nano), out);
    AppendWireFixed64(8, EndUnixNano(row), out);
    AttributeReader attributes(row.attributes);
    StoredAttribute attribute;
    while (attributes.Next(attribute)) AppendKeyValue(9, attribute, out);
    if (row.dropped_attributes > 0) AppendWireVarint(10, row.dropped_attributes, out);
    if (!row.events.empty()) stored_.AppendEvents(11, row.events, out);
    if (row.dropped_events > 0) AppendWireVarint(12, row.dropped_events, out);
    if (!row.links.empty()) stored_.AppendLinks(13, row.links, out);
    if (row.dropped_links > 0) AppendWireVarint(14, row.dropped_links, out);
    std::string status;
    if (!row.status_message.empty()) AppendWireBytes(2, row.status_message, status);
    if (row.status != 0) AppendWireVarint(3, row.status, status);
    AppendWireBytes(15, status, out);
    if (row.flags != 0) AppendWireFixed32(16, row.flags, out);
  }

  void AppendKeyValue(uint32_t field, const StoredAttribute& attribute, std::string& out) {
    key_value_.clear();
    AppendWireBytes(1, attribute.key, key_value_);
    if (attribute.type == ValueType::kArray || attribute.type == ValueType::kMap) {
      stored_.AppendAnyValue(2, attribute.text, key_value_);
    } else {
      any_value_.clear();
      AppendScalar(attribute, any_value_);
      AppendWireBytes(2, any_value_, key_value_);
    }
    AppendWireBytes(field, key_value_, out);
  }

  static void AppendScalar(const StoredAttribute& attribute, std::string& out) {
    const std::string_view text = attribute.text;
    switch (attribute.type) {
      case ValueType::kString:
        AppendWireBytes(1, text, out);
        return;
      case ValueType::kBool:
        AppendWireVarint(2, text == "true" ? 1 : 0, out);
        return;
      case ValueType::kInt:
        AppendWireVarint(3, static_cast<uint64_t>(NumberOf<int64_t>(text)), out);
        return;
      case ValueType::kDouble:
        AppendWireFixed64(4, std::bit_cast<uint64_t>(NumberOf<double>(text)), out);
        return;
      case ValueType::kBytes:
        if (const std::optional<std::string> bytes = ParseBase64(text)) AppendWireBytes(7, *bytes, out);
        return;
      case ValueType::kNone:
      case ValueType::kArray:
      case ValueType::kMap:
        return;
    }
  }

  const TraceSet& set_;
  const TempoVersion version_;
  WholeTraces::Sink& sink_;
  StoredJson stored_;
  std::string span_;
  std::string spans_;  // fields of a ScopeSpans
  std::string key_value_;
  std::string any_value_;
};

}  // namespace

void WriteTempoTraceProtobuf(const TraceSet& set, TempoVersion version, WholeTraces::Sink& sink) {
  Writer(set, version, sink).Write(set.traces.front());
}

}  // namespace telltale
