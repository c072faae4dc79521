#include "otlp/testing/reference.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/text_format.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "base/check.h"
#include "json/writer.h"
#include "otlp/testing/otlp_proto.h"
#include "otlp/trace_decoder.h"

namespace telltale::testing {
namespace {

template <typename Message>
bool Parse(std::string_view bytes, Message& message) {
  google::protobuf::io::ArrayInputStream array(bytes.data(), static_cast<int>(bytes.size()));
  google::protobuf::io::CodedInputStream in(&array);
  // Deep values are refused by our own limit, which must be the first to act.
  in.SetRecursionLimit(100'000);
  return message.ParseFromCodedStream(&in) && in.ConsumedEntireMessage();
}

bool IsTraceId(const std::string& bytes) {
  return bytes.size() == 16 && bytes != std::string(16, '\0');
}
bool IsSpanId(const std::string& bytes) {
  return bytes.size() == 8 && bytes != std::string(8, '\0');
}

int DepthOf(const otlp_raw::AnyValue& value) {
  int depth = 0;
  for (const otlp_raw::AnyValue& item : value.array_value().values()) depth = std::max(depth, DepthOf(item));
  for (const otlp_raw::KeyValue& item : value.kvlist_value().values()) {
    depth = std::max(depth, DepthOf(item.value()));
  }
  return depth + 1;
}

template <typename Attributes>
bool TooDeep(const Attributes& attributes) {
  return std::any_of(attributes.begin(), attributes.end(),
                     [](const auto& attribute) { return DepthOf(attribute.value()) > kValueDepthMax; });
}

bool TooDeep(const otlp_raw::Span& span) {
  return TooDeep(span.attributes()) ||
         std::any_of(span.events().begin(), span.events().end(),
                     [](const auto& e) { return TooDeep(e.attributes()); }) ||
         std::any_of(span.links().begin(), span.links().end(),
                     [](const auto& l) { return TooDeep(l.attributes()); });
}

void AppendJson(const otlp_raw::AnyValue& value, std::string& out);

void AppendJson(const otlp_raw::KeyValue& member, std::string& out) {
  out += "{\"key\":";
  AppendJsonString(member.key(), out);
  out += ",\"value\":";
  AppendJson(member.value(), out);
  out += '}';
}

template <typename Values>
void AppendList(const char* name, const Values& values, std::string& out) {
  out += std::string("\"") + name + "\":{\"values\":[";
  for (int i = 0; i < values.size(); ++i) {
    if (i > 0) out += ',';
    AppendJson(values.Get(i), out);
  }
  out += "]}";
}

void AppendJson(const otlp_raw::AnyValue& value, std::string& out) {
  out += '{';
  switch (value.value_case()) {
    case otlp_raw::AnyValue::kStringValue:
      out += "\"stringValue\":";
      AppendJsonString(value.string_value(), out);
      break;
    case otlp_raw::AnyValue::kBoolValue:
      out += std::string("\"boolValue\":") + (value.bool_value() ? "true" : "false");
      break;
    case otlp_raw::AnyValue::kIntValue:
      out += "\"intValue\":\"" + std::to_string(value.int_value()) + '"';
      break;
    case otlp_raw::AnyValue::kDoubleValue:
      out += "\"doubleValue\":";
      AppendJsonDouble(value.double_value(), out);
      break;
    case otlp_raw::AnyValue::kArrayValue:
      AppendList("arrayValue", value.array_value().values(), out);
      break;
    case otlp_raw::AnyValue::kKvlistValue:
      AppendList("kvlistValue", value.kvlist_value().values(), out);
      break;
    case otlp_raw::AnyValue::kBytesValue:
      out += "\"bytesValue\":\"";
      AppendBase64(value.bytes_value(), out);
      out += '"';
      break;
    case otlp_raw::AnyValue::VALUE_NOT_SET:
      break;
  }
  out += '}';
}

class Walker {
 public:
  explicit Walker(ReferenceTraces& out) : out_(out), batch_(out.batch) {}

  bool Walk(const otlp_raw::ExportTraceServiceRequest& request) {
    for (const auto& resource_spans : request.resource_spans()) {
      if (TooDeep(resource_spans.resource().attributes())) return false;
      const auto resource = static_cast<uint32_t>(batch_.resources.size());
      batch_.resources.push_back({.attributes = Attributes(resource_spans.resource().attributes()),
                                  .dropped_attributes = resource_spans.resource().dropped_attributes_count(),
                                  .schema_url = Text(resource_spans.schema_url()),
                                  .entity_refs = EntityRefs(resource_spans.resource())});
      for (const auto& scope_spans : resource_spans.scope_spans()) {
        if (TooDeep(scope_spans.scope().attributes())) return false;
        const auto scope = static_cast<uint32_t>(batch_.scopes.size());
        batch_.scopes.push_back({.name = Text(scope_spans.scope().name()),
                                 .version = Text(scope_spans.scope().version()),
                                 .attributes = Attributes(scope_spans.scope().attributes()),
                                 .dropped_attributes = scope_spans.scope().dropped_attributes_count(),
                                 .schema_url = Text(scope_spans.schema_url())});
        for (const auto& span : scope_spans.spans()) WalkSpan(span, resource, scope);
      }
    }
    return true;
  }

 private:
  std::string_view Text(const std::string& text) { return batch_.arena.Copy(text); }

  std::string_view EntityRefs(const otlp_raw::Resource& resource) {
    std::string text;
    JsonWriter json(text);
    json.BeginArray();
    for (const otlp_raw::EntityRef& ref : resource.entity_refs()) {
      json.BeginObject();
      if (!ref.schema_url().empty()) json.Key("schemaUrl").String(ref.schema_url());
      if (!ref.type().empty()) json.Key("type").String(ref.type());
      Keys("idKeys", ref.id_keys(), json);
      Keys("descriptionKeys", ref.description_keys(), json);
      json.EndObject();
    }
    json.EndArray();
    return resource.entity_refs().empty() ? std::string_view() : Text(text);
  }

  template <typename Texts>
  static void Keys(std::string_view name, const Texts& keys, JsonWriter& json) {
    if (keys.empty()) return;
    json.Key(name).BeginArray();
    for (const std::string& key : keys) json.String(key);
    json.EndArray();
  }

  template <typename KeyValues>
  Run Attributes(const KeyValues& attributes) {
    const Run run = {.begin = static_cast<uint32_t>(batch_.attributes.size()),
                     .count = static_cast<uint32_t>(attributes.size())};
    for (const otlp_raw::KeyValue& attribute : attributes) {
      batch_.attributes.push_back({.key = Text(attribute.key()), .value = ValueOf(attribute.value())});
    }
    return run;
  }

  Value ValueOf(const otlp_raw::AnyValue& value) {
    Value out;
    switch (value.value_case()) {
      case otlp_raw::AnyValue::kStringValue:
        return Value::String(Text(value.string_value()));
      case otlp_raw::AnyValue::kBoolValue:
        out.type = ValueType::kBool;
        out.boolean = value.bool_value();
        break;
      case otlp_raw::AnyValue::kIntValue:
        return {.type = ValueType::kInt, .integer = value.int_value()};
      case otlp_raw::AnyValue::kDoubleValue:
        out.type = ValueType::kDouble;
        out.real = value.double_value();
        break;
      case otlp_raw::AnyValue::kArrayValue:
        return {.type = ValueType::kArray, .text = Nested(value)};
      case otlp_raw::AnyValue::kKvlistValue:
        return {.type = ValueType::kMap, .text = Nested(value)};
      case otlp_raw::AnyValue::kBytesValue:
        return {.type = ValueType::kBytes, .text = Text(value.bytes_value())};
      case otlp_raw::AnyValue::VALUE_NOT_SET:
        break;
    }
    return out;
  }

  std::string_view Nested(const otlp_raw::AnyValue& value) {
    std::string text;
    AppendJson(value, text);
    return Text(text);
  }

  void WalkSpan(const otlp_raw::Span& span, uint32_t resource, uint32_t scope) {
    const std::string& parent = span.parent_span_id();
    if (TooDeep(span) || !IsTraceId(span.trace_id()) || !IsSpanId(span.span_id()) ||
        (!parent.empty() && parent.size() != 8) || span.start_time_unix_nano() > kTimeUnixNanoMax ||
        span.end_time_unix_nano() > kTimeUnixNanoMax) {
      ++out_.spans_refused;
      return;
    }
    Span& out = batch_.spans.emplace_back();
    out.trace_id = TraceId::FromBytes(span.trace_id());
    out.span_id = SpanId::FromBytes(span.span_id());
    if (!parent.empty()) out.parent_span_id = SpanId::FromBytes(parent);
    out.trace_state = Text(span.trace_state());
    out.name = Text(span.name());
    out.status_message = Text(span.status().message());
    out.start_unix_nano = span.start_time_unix_nano();
    out.end_unix_nano = span.end_time_unix_nano();
    out.attributes = Attributes(span.attributes());
    out.dropped_attributes = span.dropped_attributes_count();
    out.dropped_events = span.dropped_events_count();
    out.dropped_links = span.dropped_links_count();
    out.flags = span.flags();
    out.resource = resource;
    out.scope = scope;
    if (otlp_raw::Span::SpanKind_IsValid(span.kind())) out.kind = static_cast<uint8_t>(span.kind());
    if (otlp_raw::Status::StatusCode_IsValid(span.status().code())) {
      out.status_code = static_cast<uint8_t>(span.status().code());
    }
    WalkEvents(span, out);
    WalkLinks(span, out);
  }

  void WalkEvents(const otlp_raw::Span& span, Span& out) {
    out.events = {.begin = static_cast<uint32_t>(batch_.events.size()),
                  .count = static_cast<uint32_t>(span.events_size())};
    for (const auto& event : span.events()) {
      batch_.events.push_back({.time_unix_nano = event.time_unix_nano(),
                               .name = Text(event.name()),
                               .attributes = Attributes(event.attributes()),
                               .dropped_attributes = event.dropped_attributes_count()});
    }
  }

  void WalkLinks(const otlp_raw::Span& span, Span& out) {
    out.links.begin = static_cast<uint32_t>(batch_.links.size());
    for (const auto& link : span.links()) {
      if (!IsTraceId(link.trace_id()) || !IsSpanId(link.span_id())) {
        if (out.dropped_links != std::numeric_limits<uint32_t>::max()) ++out.dropped_links;
        continue;
      }
      ++out.links.count;
      batch_.links.push_back({.trace_id = TraceId::FromBytes(link.trace_id()),
                              .span_id = SpanId::FromBytes(link.span_id()),
                              .trace_state = Text(link.trace_state()),
                              .attributes = Attributes(link.attributes()),
                              .dropped_attributes = link.dropped_attributes_count(),
                              .flags = link.flags()});
    }
  }

  ReferenceTraces& out_;
  Batch& batch_;
};

bool IsIdKey(std::string_view key) {
  return key == "traceId" || key == "spanId" || key == "parentSpanId" || key == "trace_id" ||
         key == "span_id" || key == "parent_span_id";
}

// OTLP/JSON has ids in hex where protobuf has base64: the one place where the two
// formats differ. Keys of attributes are values here, never names. False for an id
// that cannot be converted, and for an empty name, behind which protobuf's JSON
// reader loses its place.
template <typename Convert>
bool ConvertIds(nlohmann::ordered_json& json, const Convert& convert) {
  if (!json.is_structured()) return true;
  for (auto it = json.begin(); it != json.end(); ++it) {
    if (json.is_object() && it.key().empty()) return false;
    if (json.is_object() && IsIdKey(it.key()) && it->is_string()) {
      const std::optional<std::string> converted = convert(it->template get<std::string>());
      if (!converted) return false;
      *it = *converted;
    } else if (!ConvertIds(*it, convert)) {
      return false;
    }
  }
  return true;
}

std::optional<std::string> Base64FromHex(const std::string& hex) {
  std::string bytes(hex.size() / 2, '\0');
  if (!ParseHex(hex, reinterpret_cast<uint8_t*>(bytes.data()), bytes.size())) return std::nullopt;
  std::string base64;
  AppendBase64(bytes, base64);
  return base64;
}

std::optional<std::string> HexFromBase64(const std::string& base64) {
  const std::optional<std::string> bytes = ParseBase64(base64);
  if (!bytes) return std::nullopt;
  return ToHex(*bytes);
}

}  // namespace

std::optional<ReferenceTraces> ReferenceDecode(std::string_view bytes) {
  otlp_raw::ExportTraceServiceRequest request;
  if (!Parse(bytes, request)) return std::nullopt;
  std::optional<ReferenceTraces> out(std::in_place);
  if (!Walker(*out).Walk(request)) return std::nullopt;
  return out;
}

std::string WireFromText(std::string_view text_proto) {
  otlp_raw::ExportTraceServiceRequest request;
  TELLTALE_CHECK(google::protobuf::TextFormat::ParseFromString(std::string(text_proto), &request),
                 "a test's text proto cannot be read");
  return request.SerializeAsString();
}

std::optional<std::string> ReferenceJsonFromWire(std::string_view bytes) {
  otlp::ExportTraceServiceRequest request;
  if (!Parse(bytes, request)) return std::nullopt;
  std::string text;
  if (!google::protobuf::util::MessageToJsonString(request, &text).ok()) return std::nullopt;
  nlohmann::ordered_json json = nlohmann::ordered_json::parse(text, nullptr, false);
  if (json.is_discarded() || !ConvertIds(json, HexFromBase64)) return std::nullopt;
  return json.dump();
}

std::optional<std::string> ReferenceWireFromJson(std::string_view json_text) {
  nlohmann::ordered_json json = nlohmann::ordered_json::parse(json_text, nullptr, false);
  if (json.is_discarded() || !ConvertIds(json, Base64FromHex)) return std::nullopt;
  otlp::ExportTraceServiceRequest request;
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  if (!google::protobuf::util::JsonStringToMessage(json.dump(), &request, options).ok()) return std::nullopt;
  return request.SerializeAsString();
}

}  // namespace telltale::testing
