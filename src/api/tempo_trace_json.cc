// A trace as the JSON of Tempo: protobuf's, with ids in base64.
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "api/otlp_json.h"
#include "api/tempo_parts.h"
#include "base/bytes.h"

namespace telltale {
namespace {

constexpr std::array<std::string_view, 6> kKindNames = {"SPAN_KIND_UNSPECIFIED", "SPAN_KIND_INTERNAL",
                                                        "SPAN_KIND_SERVER",      "SPAN_KIND_CLIENT",
                                                        "SPAN_KIND_PRODUCER",    "SPAN_KIND_CONSUMER"};
constexpr std::array<std::string_view, 3> kStatusNames = {"STATUS_CODE_UNSET", "STATUS_CODE_OK",
                                                          "STATUS_CODE_ERROR"};

template <size_t kSize>
void WriteId(std::string_view key, const Id<kSize>& id, std::string& scratch, JsonWriter& json) {
  scratch.clear();
  AppendBase64(id.view(), scratch);
  json.Key(key).String(scratch);
}

void WriteHexId(std::string_view key, std::string_view hex, std::string& scratch, JsonWriter& json) {
  std::string bytes(hex.size() / 2, '\0');
  if (!ParseHex(hex, reinterpret_cast<uint8_t*>(bytes.data()), bytes.size())) return;
  scratch.clear();
  AppendBase64(bytes, scratch);
  json.Key(key).String(scratch);
}

void WriteDropped(std::string_view key, uint32_t dropped, JsonWriter& json) {
  if (dropped > 0) json.Key(key).Uint(dropped);
}

class Writer {
 public:
  Writer(const TraceSet& set, JsonWriter& json) : set_(set), json_(json) {}

  // False: nobody reads it any more.
  bool WriteResourceSpans(const Trace& trace, WholeTraces::Sink& sink) {
    std::map<uint32_t, std::map<uint32_t, std::vector<const SpanRow*>>> groups;
    for (const TraceSpan& span : trace.spans) groups[span.resource][span.scope].push_back(&span.row);
    json_.BeginArray();
    for (const auto& [resource, scopes] : groups) {
      const OtlpHead head = SplitHead(set_.resources[resource], scratch_);
      json_.BeginObject();
      json_.Key("resource").Raw(head.object);
      if (!head.schema_url.empty()) json_.Key("schemaUrl").Raw(head.schema_url);
      json_.Key("scopeSpans").BeginArray();
      for (const auto& [scope, rows] : scopes) {
        if (!WriteScopeSpans(scope, rows, sink)) return false;
      }
      json_.EndArray().EndObject();
    }
    json_.EndArray();
    return true;
  }

 private:
  bool WriteScopeSpans(uint32_t scope, const std::vector<const SpanRow*>& rows, WholeTraces::Sink& sink) {
    const OtlpHead head = SplitHead(set_.scopes[scope], scratch_);
    json_.BeginObject();
    json_.Key("scope").Raw(head.object);
    if (!head.schema_url.empty()) json_.Key("schemaUrl").Raw(head.schema_url);
    json_.Key("spans").BeginArray();
    for (const SpanRow* row : rows) {
      json_.BeginObject();
      WriteSpan(*row);
      json_.EndObject();
      if (!sink.Flush()) return false;
    }
    json_.EndArray().EndObject();
    return true;
  }

  void WriteSpan(const SpanRow& row) {
    WriteId("traceId", row.trace_id, scratch_, json_);
    WriteId("spanId", row.span_id, scratch_, json_);
    if (!row.trace_state.empty()) json_.Key("traceState").String(row.trace_state);
    if (!row.parent_id.IsZero()) WriteId("parentSpanId", row.parent_id, scratch_, json_);
    if (row.flags != 0) json_.Key("flags").Uint(row.flags);
    json_.Key("name").String(row.name);
    json_.Key("kind").String(kKindNames[row.kind < kKindNames.size() ? row.kind : 0]);
    json_.Key("startTimeUnixNano").IntString(row.start_unix_nano);
    json_.Key("endTimeUnixNano").UintString(EndUnixNano(row));
    if (row.attributes.count > 0) {
      json_.Key("attributes");
      WriteAttributes(row.attributes, json_);
    }
    WriteDropped("droppedAttributesCount", row.dropped_attributes, json_);
    if (!row.events.empty()) json_.Key("events").Raw(row.events);
    WriteDropped("droppedEventsCount", row.dropped_events, json_);
    if (!row.links.empty()) WriteLinks(row.links);
    WriteDropped("droppedLinksCount", row.dropped_links, json_);
    json_.Key("status").BeginObject();
    if (!row.status_message.empty()) json_.Key("message").String(row.status_message);
    if (row.status != 0) json_.Key("code").String(kStatusNames[std::min<size_t>(row.status, 2)]);
    json_.EndObject();
  }

  // Stored with ids in hex.
  void WriteLinks(std::string_view text) {
    simdjson::dom::array links;
    if (parser_.parse(text.data(), text.size()).get_array().get(links) != simdjson::SUCCESS) return;
    json_.Key("links").BeginArray();
    for (const simdjson::dom::element link : links) {
      simdjson::dom::object members;
      if (link.get_object().get(members) != simdjson::SUCCESS) continue;
      json_.BeginObject();
      for (const auto [key, value] : members) {
        std::string_view hex;
        if ((key == "traceId" || key == "spanId") && value.get_string().get(hex) == simdjson::SUCCESS) {
          WriteHexId(key, hex, scratch_, json_);
        } else {
          json_.Key(key).Raw(simdjson::minify(value));
        }
      }
      json_.EndObject();
    }
    json_.EndArray();
  }

  const TraceSet& set_;
  JsonWriter& json_;
  std::string scratch_;
  simdjson::dom::parser parser_;
};

}  // namespace

void WriteTempoTraceJson(const TraceSet& set, TempoVersion version, WholeTraces::Sink& sink) {
  const Trace& trace = set.traces.front();
  Writer writer(set, sink.json);
  sink.json.BeginObject();
  if (version == TempoVersion::kV1) {
    sink.json.Key("batches");
    if (writer.WriteResourceSpans(trace, sink)) sink.json.EndObject();
    return;
  }
  sink.json.Key("trace").BeginObject().Key("resourceSpans");
  if (!writer.WriteResourceSpans(trace, sink)) return;
  sink.json.EndObject();
  sink.json.Key("metrics").BeginObject().EndObject();
  if (const std::string message = PartialMessage(trace); !message.empty()) {
    sink.json.Key("status").String("PARTIAL");
    sink.json.Key("message").String(message);
  }
  sink.json.EndObject();
}

}  // namespace telltale
