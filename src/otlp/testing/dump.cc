#include "otlp/testing/dump.h"

#include <string_view>

#include "base/bytes.h"
#include "json/writer.h"
#include "otlp/any_value.h"

namespace telltale::testing {
namespace {

std::string Quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c >= ' ' && c <= '~' && c != '"' && c != '\\') {
      out += c;
    } else {
      out += "\\x" + ToHex({&c, 1});
    }
  }
  return out + '"';
}

class Dumper {
 public:
  explicit Dumper(const Batch& batch) : batch_(batch) {}

  std::string Dump() {
    const Span* before = nullptr;
    for (const Span& span : batch_.spans) {
      if (before == nullptr || before->resource != span.resource)
        DumpResource(batch_.resources[span.resource]);
      if (before == nullptr || before->scope != span.scope) DumpScope(batch_.scopes[span.scope]);
      DumpSpan(span);
      before = &span;
    }
    return std::move(out_);
  }

 private:
  void Number(std::string_view name, uint64_t number) {
    if (number != 0) out_ += " " + std::string(name) + "=" + std::to_string(number);
  }
  void Text(std::string_view name, std::string_view text) {
    if (!text.empty()) out_ += " " + std::string(name) + "=" + Quoted(text);
  }

  void DumpAttributes(std::string_view indent, Run run) {
    out_ += '\n';
    for (const Attribute* at = batch_.begin(run); at != batch_.end(run); ++at) {
      out_ += std::string(indent) + Quoted(at->key) + ": " + static_cast<char>(at->value.type) + ' ';
      const bool raw = at->value.type == ValueType::kString || at->value.type == ValueType::kBytes;
      if (raw) {
        out_ += Quoted(at->value.text);
      } else {
        AppendAnyValueJson(at->value, out_);
      }
      out_ += '\n';
    }
  }

  void DumpResource(const Resource& resource) {
    out_ += "resource";
    Text("schema_url", resource.schema_url);
    Text("entity_refs", resource.entity_refs);
    Number("dropped_attributes", resource.dropped_attributes);
    DumpAttributes("  ", resource.attributes);
  }

  void DumpScope(const Scope& scope) {
    out_ += "scope";
    Text("name", scope.name);
    Text("version", scope.version);
    Text("schema_url", scope.schema_url);
    Number("dropped_attributes", scope.dropped_attributes);
    DumpAttributes("  ", scope.attributes);
  }

  void DumpSpan(const Span& span) {
    out_ += "span " + span.trace_id.Hex() + " " + span.span_id.Hex();
    if (!span.parent_span_id.IsZero()) out_ += " parent=" + span.parent_span_id.Hex();
    Text("name", span.name);
    Number("kind", span.kind);
    Number("start", span.start_unix_nano);
    Number("end", span.end_unix_nano);
    Number("status", span.status_code);
    Text("status_message", span.status_message);
    Text("trace_state", span.trace_state);
    Number("flags", span.flags);
    Number("dropped_attributes", span.dropped_attributes);
    Number("dropped_events", span.dropped_events);
    Number("dropped_links", span.dropped_links);
    DumpAttributes("  ", span.attributes);
    for (uint32_t i = 0; i < span.events.count; ++i) DumpEvent(batch_.events[span.events.begin + i]);
    for (uint32_t i = 0; i < span.links.count; ++i) DumpLink(batch_.links[span.links.begin + i]);
  }

  void DumpEvent(const Event& event) {
    out_ += "  event";
    Text("name", event.name);
    Number("time", event.time_unix_nano);
    Number("dropped_attributes", event.dropped_attributes);
    DumpAttributes("    ", event.attributes);
  }

  void DumpLink(const Link& link) {
    out_ += "  link " + link.trace_id.Hex() + " " + link.span_id.Hex();
    Text("trace_state", link.trace_state);
    Number("flags", link.flags);
    Number("dropped_attributes", link.dropped_attributes);
    DumpAttributes("    ", link.attributes);
  }

  const Batch& batch_;
  std::string out_;
};

class Encoder {
 public:
  explicit Encoder(const Batch& batch) : batch_(batch), json_(out_) {}

  std::string Encode() {
    json_.BeginObject().Key("resourceSpans").BeginArray();
    for (const Span& span : batch_.spans) {
      json_.BeginObject();
      EncodeResource(batch_.resources[span.resource]);
      json_.Key("scopeSpans").BeginArray().BeginObject();
      EncodeScope(batch_.scopes[span.scope]);
      json_.Key("spans").BeginArray();
      EncodeSpan(span);
      json_.EndArray().EndObject().EndArray().EndObject();
    }
    json_.EndArray().EndObject();
    return std::move(out_);
  }

 private:
  void Attributes(Run run, uint32_t dropped) {
    std::string attributes;
    AppendAttributesJson(batch_, run, attributes);
    json_.Key("attributes").Raw(attributes);
    json_.Key("droppedAttributesCount").Uint(dropped);
  }

  void EncodeResource(const Resource& resource) {
    json_.Key("resource").BeginObject();
    Attributes(resource.attributes, resource.dropped_attributes);
    if (!resource.entity_refs.empty()) json_.Key("entityRefs").Raw(resource.entity_refs);
    json_.EndObject();
    json_.Key("schemaUrl").String(resource.schema_url);
  }

  void EncodeScope(const Scope& scope) {
    json_.Key("scope").BeginObject();
    json_.Key("name").String(scope.name).Key("version").String(scope.version);
    Attributes(scope.attributes, scope.dropped_attributes);
    json_.EndObject();
    json_.Key("schemaUrl").String(scope.schema_url);
  }

  void EncodeSpan(const Span& span) {
    json_.BeginObject();
    json_.Key("traceId").String(span.trace_id.Hex()).Key("spanId").String(span.span_id.Hex());
    json_.Key("parentSpanId").String(span.parent_span_id.IsZero() ? "" : span.parent_span_id.Hex());
    json_.Key("traceState").String(span.trace_state).Key("flags").Uint(span.flags);
    json_.Key("name").String(span.name).Key("kind").Int(span.kind);
    json_.Key("startTimeUnixNano").UintString(span.start_unix_nano);
    json_.Key("endTimeUnixNano").UintString(span.end_unix_nano);
    Attributes(span.attributes, span.dropped_attributes);
    json_.Key("events").BeginArray();
    for (uint32_t i = 0; i < span.events.count; ++i) EncodeEvent(batch_.events[span.events.begin + i]);
    json_.EndArray().Key("droppedEventsCount").Uint(span.dropped_events);
    json_.Key("links").BeginArray();
    for (uint32_t i = 0; i < span.links.count; ++i) EncodeLink(batch_.links[span.links.begin + i]);
    json_.EndArray().Key("droppedLinksCount").Uint(span.dropped_links);
    json_.Key("status").BeginObject();
    json_.Key("code").Int(span.status_code).Key("message").String(span.status_message);
    json_.EndObject().EndObject();
  }

  void EncodeEvent(const Event& event) {
    json_.BeginObject();
    json_.Key("timeUnixNano").UintString(event.time_unix_nano).Key("name").String(event.name);
    Attributes(event.attributes, event.dropped_attributes);
    json_.EndObject();
  }

  void EncodeLink(const Link& link) {
    json_.BeginObject();
    json_.Key("traceId").String(link.trace_id.Hex()).Key("spanId").String(link.span_id.Hex());
    json_.Key("traceState").String(link.trace_state).Key("flags").Uint(link.flags);
    Attributes(link.attributes, link.dropped_attributes);
    json_.EndObject();
  }

  const Batch& batch_;
  std::string out_;
  JsonWriter json_;
};

}  // namespace

std::string DumpBatch(const Batch& batch) {
  return Dumper(batch).Dump();
}

std::string EncodeTracesJson(const Batch& batch) {
  return Encoder(batch).Encode();
}

}  // namespace telltale::testing
