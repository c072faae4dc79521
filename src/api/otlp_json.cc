#include "api/otlp_json.h"

#include <string>

namespace telltale {
namespace {

void WriteDropped(std::string_view key, uint32_t dropped, JsonWriter& json) {
  if (dropped > 0) json.Key(key).Uint(dropped);
}

void WriteStatus(const SpanRow& row, OtlpJsonStyle style, JsonWriter& json) {
  json.Key("status").BeginObject();
  if (row.status != 0 || style == OtlpJsonStyle::kRest) json.Key("code").Uint(row.status);
  if (!row.status_message.empty()) json.Key("message").String(row.status_message);
  json.EndObject();
}

}  // namespace

void WriteAnyValue(const StoredAttribute& attribute, JsonWriter& json) {
  switch (attribute.type) {
    case ValueType::kArray:
    case ValueType::kMap:
      json.Raw(attribute.text.empty() ? "{}" : attribute.text);
      return;
    case ValueType::kNone:
      json.Raw("{}");
      return;
    case ValueType::kString:
      json.BeginObject().Key("stringValue").String(attribute.text).EndObject();
      return;
    case ValueType::kBool:
      json.BeginObject().Key("boolValue").Bool(attribute.text == "true").EndObject();
      return;
    case ValueType::kInt:
      json.BeginObject().Key("intValue").String(attribute.text).EndObject();
      return;
    case ValueType::kDouble:
      json.BeginObject().Key("doubleValue");
      WriteDoubleText(attribute.text, json);
      json.EndObject();
      return;
    case ValueType::kBytes:
      json.BeginObject().Key("bytesValue").String(attribute.text).EndObject();
      return;
  }
  json.BeginObject().Key("stringValue").String(attribute.text).EndObject();
}

uint64_t EndUnixNano(const SpanRow& row) {
  return static_cast<uint64_t>(row.start_unix_nano) + static_cast<uint64_t>(row.duration_nano);
}

void WriteDoubleText(std::string_view text, JsonWriter& json) {
  const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
  if (!digits.empty() && digits.front() >= '0' && digits.front() <= '9') {
    json.Raw(text);
  } else if (digits == "inf") {
    json.String(text.starts_with('-') ? "-Infinity" : "Infinity");
  } else {
    json.String("NaN");
  }
}

void WriteAttributes(const StoredAttributes& attributes, JsonWriter& json) {
  json.BeginArray();
  AttributeReader reader(attributes);
  StoredAttribute attribute;
  while (reader.Next(attribute)) {
    json.BeginObject();
    json.Key("key").String(attribute.key);
    json.Key("value");
    WriteAnyValue(attribute, json);
    json.EndObject();
  }
  json.EndArray();
}

// The encoder writes schemaUrl last. Inside a string its quotes would be escaped, so the
// text can only stand for the member.
OtlpHead SplitHead(std::string_view text, std::string& scratch) {
  if (text.empty()) return {.object = "{}", .schema_url = {}};
  constexpr std::string_view kKey = "\"schemaUrl\":";
  const size_t at = text.rfind(kKey);
  if (at == std::string_view::npos || at == 0 || !text.ends_with("\"}"))
    return {.object = text, .schema_url = {}};
  scratch.assign(text.substr(0, text[at - 1] == ',' ? at - 1 : at));
  scratch += '}';
  return {.object = scratch, .schema_url = text.substr(at + kKey.size(), text.size() - at - kKey.size() - 1)};
}

void WriteSpanMembers(const SpanRow& row, OtlpJsonStyle style, JsonWriter& json) {
  json.Key("traceId").String(row.trace_id.Hex());
  json.Key("spanId").String(row.span_id.Hex());
  if (!row.parent_id.IsZero()) {
    json.Key("parentSpanId").String(row.parent_id.Hex());
  } else if (style == OtlpJsonStyle::kRest) {
    json.Key("parentSpanId").String("");
  }
  if (!row.trace_state.empty()) json.Key("traceState").String(row.trace_state);
  if (row.flags != 0) json.Key("flags").Uint(row.flags);
  json.Key("name").String(row.name);
  json.Key("kind").Uint(row.kind);
  json.Key("startTimeUnixNano").IntString(row.start_unix_nano);
  json.Key("endTimeUnixNano").UintString(EndUnixNano(row));
  json.Key("attributes");
  WriteAttributes(row.attributes, json);
  WriteDropped("droppedAttributesCount", row.dropped_attributes, json);
  if (!row.events.empty()) json.Key("events").Raw(row.events);
  WriteDropped("droppedEventsCount", row.dropped_events, json);
  if (!row.links.empty()) json.Key("links").Raw(row.links);
  WriteDropped("droppedLinksCount", row.dropped_links, json);
  WriteStatus(row, style, json);
}

}  // namespace telltale
