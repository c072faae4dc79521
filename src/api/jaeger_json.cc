#include "api/jaeger_json.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/otlp_json.h"

namespace telltale {
namespace {

using simdjson::ondemand::array;
using simdjson::ondemand::document;
using simdjson::ondemand::object;
using simdjson::ondemand::parser;
using JsonValue = simdjson::ondemand::value;

constexpr std::array<std::string_view, 6> kKindNames = {"unspecified", "internal", "server",
                                                        "client",      "producer", "consumer"};

// Beyond this a browser's number is not exact: Jaeger writes such integers as strings.
constexpr int64_t kSafeInteger = (int64_t{1} << 53) - 1;

// Stored JSON, copied to where simdjson may read past its end.
class StoredJson {
 public:
  // False: empty, or not JSON.
  bool Open(std::string_view text, document& out) {
    if (text.empty()) return false;
    buffer_.assign(text);
    buffer_.reserve(text.size() + simdjson::SIMDJSON_PADDING);
    return parser_.iterate(buffer_.data(), buffer_.size(), buffer_.capacity()).get(out) == simdjson::SUCCESS;
  }

 private:
  std::string buffer_;
  parser parser_;
};

// The text of a JSON string. Each string of a document may be read once: its unescaped
// form takes room that the parser has set aside for one copy of each.
std::string_view TextOf(simdjson::simdjson_result<JsonValue> value) {
  std::string_view text;
  return value.get_string().get(text) == simdjson::SUCCESS ? text : std::string_view();
}
std::string_view TextOf(JsonValue value) {
  return TextOf(simdjson::simdjson_result<JsonValue>(std::move(value)));
}

int64_t IntegerOf(std::string_view text) {
  int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

int64_t MicrosOf(int64_t nanos) {
  return nanos / 1000;
}

void AppendPlainValue(JsonValue any_value, std::string& out);

void AppendPlainArray(array values, std::string& out) {
  out += '[';
  bool first = true;
  for (auto element : values) {
    JsonValue value;
    if (element.get(value) != simdjson::SUCCESS) break;
    if (!std::exchange(first, false)) out += ',';
    AppendPlainValue(value, out);
  }
  out += ']';
}

void AppendPlainMap(array entries, std::string& out) {
  out += '{';
  bool first = true;
  for (auto element : entries) {
    object entry;
    if (element.get_object().get(entry) != simdjson::SUCCESS) break;
    if (!std::exchange(first, false)) out += ',';
    AppendJsonString(TextOf(entry["key"]), out);
    out += ':';
    JsonValue value;
    if (entry["value"].get(value) == simdjson::SUCCESS) {
      AppendPlainValue(value, out);
    } else {
      out += "null";
    }
  }
  out += '}';
}

// {"values":[...]}, or {} when there are none.
template <typename AppendElements>
void AppendPlainList(JsonValue list, std::string_view empty, AppendElements append, std::string& out) {
  object holder;
  array values;
  if (list.get_object().get(holder) == simdjson::SUCCESS &&
      holder["values"].get_array().get(values) == simdjson::SUCCESS) {
    append(values, out);
  } else {
    out += empty;
  }
}

void AppendPlainNumber(JsonValue value, std::string& out) {
  double number = 0;
  if (value.get_double().get(number) == simdjson::SUCCESS) {
    AppendJsonDouble(number, out);
  } else {
    AppendJsonString(TextOf(value), out);
  }
}

// An AnyValue as the JSON that a person would write: {"intValue":"5"} is 5.
void AppendPlainValue(JsonValue any_value, std::string& out) {
  object holder;
  if (any_value.get_object().get(holder) == simdjson::SUCCESS) {
    for (auto field : holder) {
      std::string_view key;
      JsonValue value;
      if (field.unescaped_key().get(key) != simdjson::SUCCESS ||
          field.value().get(value) != simdjson::SUCCESS)
        break;
      if (key == "stringValue" || key == "bytesValue") return AppendJsonString(TextOf(value), out);
      if (key == "intValue") {
        out += TextOf(value);
        return;
      }
      if (key == "boolValue") {
        bool flag = false;
        if (value.get_bool().get(flag) == simdjson::SUCCESS && flag) {
          out += "true";
        } else {
          out += "false";
        }
        return;
      }
      if (key == "doubleValue") return AppendPlainNumber(value, out);
      if (key == "arrayValue") return AppendPlainList(value, "[]", AppendPlainArray, out);
      if (key == "kvlistValue") return AppendPlainList(value, "{}", AppendPlainMap, out);
    }
  }
  out += "null";
}

void WriteTag(std::string_view key, std::string_view text, JsonWriter& json) {
  json.BeginObject();
  json.Key("key").String(key).Key("type").String("string").Key("value").String(text);
  json.EndObject();
}

void WriteIntegerTag(std::string_view key, std::string_view text, JsonWriter& json) {
  const int64_t number = IntegerOf(text);
  json.BeginObject();
  json.Key("key").String(key).Key("type").String("int64").Key("value");
  if (number > kSafeInteger || number < -kSafeInteger) {
    json.String(text);
  } else {
    json.Int(number);
  }
  json.EndObject();
}

void WriteBoolTag(std::string_view key, bool value, JsonWriter& json) {
  json.BeginObject();
  json.Key("key").String(key).Key("type").String("bool").Key("value").Bool(value);
  json.EndObject();
}

void WriteBinaryTag(std::string_view key, std::string_view base64, JsonWriter& json) {
  json.BeginObject();
  json.Key("key").String(key).Key("type").String("binary").Key("value").String(base64);
  json.EndObject();
}

// A tag from {"key":...,"value":{...}}. Jaeger has no arrays and maps: they are text.
void WriteStoredTag(std::string_view key, JsonValue any_value, JsonWriter& json) {
  object holder;
  if (any_value.get_object().get(holder) != simdjson::SUCCESS) return WriteTag(key, "", json);
  for (auto field : holder) {
    std::string_view type;
    JsonValue value;
    if (field.unescaped_key().get(type) != simdjson::SUCCESS || field.value().get(value) != simdjson::SUCCESS)
      break;
    if (type == "stringValue") return WriteTag(key, TextOf(value), json);
    if (type == "intValue") return WriteIntegerTag(key, TextOf(value), json);
    if (type == "bytesValue") return WriteBinaryTag(key, TextOf(value), json);
    if (type == "boolValue") {
      bool flag = false;
      (void)value.get_bool().get(flag);
      return WriteBoolTag(key, flag, json);
    }
    std::string text;
    if (type == "doubleValue") {
      AppendPlainNumber(value, text);
      json.BeginObject();
      json.Key("key").String(key).Key("type").String("float64").Key("value").Raw(text);
      json.EndObject();
      return;
    }
    if (type == "arrayValue") AppendPlainList(value, "[]", AppendPlainArray, text);
    if (type == "kvlistValue") AppendPlainList(value, "{}", AppendPlainMap, text);
    return WriteTag(key, text, json);
  }
  WriteTag(key, "", json);
}

// One tag for each element of an array of KeyValues; `skip` is left out.
void WriteStoredTags(array attributes, std::string_view skip, JsonWriter& json) {
  for (auto element : attributes) {
    object attribute;
    if (element.get_object().get(attribute) != simdjson::SUCCESS) return;
    const std::string_view key = TextOf(attribute["key"]);
    JsonValue value;
    if (key == skip || attribute["value"].get(value) != simdjson::SUCCESS) continue;
    WriteStoredTag(key, value, json);
  }
}

bool IsTrue(std::string_view text) {
  return text == "true";
}

class Translator {
 public:
  void WriteAttributeTags(const StoredAttributes& attributes, JsonWriter& json) {
    AttributeReader reader(attributes);
    StoredAttribute attribute;
    while (reader.Next(attribute)) WriteAttributeTag(attribute, json);
  }

  void WriteAttributeTag(const StoredAttribute& attribute, JsonWriter& json) {
    switch (attribute.type) {
      case ValueType::kBool:
        return WriteBoolTag(attribute.key, IsTrue(attribute.text), json);
      case ValueType::kInt:
        return WriteIntegerTag(attribute.key, attribute.text, json);
      case ValueType::kBytes:
        return WriteBinaryTag(attribute.key, attribute.text, json);
      case ValueType::kDouble:
        json.BeginObject();
        json.Key("key").String(attribute.key).Key("type").String("float64").Key("value");
        WriteDoubleText(attribute.text, json);
        json.EndObject();
        return;
      case ValueType::kArray:
      case ValueType::kMap:
        return WriteTag(attribute.key, PlainText(attribute.text), json);
      case ValueType::kNone:
      case ValueType::kString:
        break;
    }
    WriteTag(attribute.key, attribute.text, json);
  }

  // The tags of a process, as the text of a JSON array.
  std::string ProcessTags(std::string_view resource) {
    std::string text;
    JsonWriter json(text);
    json.BeginArray();
    document document;
    array attributes;
    if (stored_.Open(resource, document) &&
        document["attributes"].get_array().get(attributes) == simdjson::SUCCESS) {
      WriteStoredTags(attributes, "service.name", json);
    }
    json.EndArray();
    return text;
  }

  struct ScopeName {
    std::string name;
    std::string version;
  };

  ScopeName NameOf(std::string_view scope) {
    ScopeName found;
    document document;
    object holder;
    if (!stored_.Open(scope, document) || document.get_object().get(holder) != simdjson::SUCCESS)
      return found;
    found.name = TextOf(holder.find_field_unordered("name"));
    found.version = TextOf(holder.find_field_unordered("version"));
    return found;
  }

  // [{"timestamp":...,"fields":[...]}]
  void WriteLogs(std::string_view events, JsonWriter& json) {
    json.BeginArray();
    document document;
    array elements;
    if (stored_.Open(events, document) && document.get_array().get(elements) == simdjson::SUCCESS) {
      for (auto element : elements) {
        object event;
        if (element.get_object().get(event) != simdjson::SUCCESS) break;
        WriteLog(event, json);
      }
    }
    json.EndArray();
  }

  // CHILD_OF for the parent, FOLLOWS_FROM for links, unless a link says otherwise.
  void WriteReferences(const SpanRow& row, JsonWriter& json) {
    std::vector<Reference> references;
    if (!row.parent_id.IsZero()) {
      references.push_back({.trace_id = row.trace_id, .span_id = row.parent_id, .child_of = true});
    }
    AddLinks(row, references);
    json.BeginArray();
    for (const Reference& reference : references) {
      json.BeginObject();
      json.Key("refType").String(reference.child_of ? "CHILD_OF" : "FOLLOWS_FROM");
      json.Key("traceID").String(JaegerTraceId(reference.trace_id));
      json.Key("spanID").String(reference.span_id.Hex());
      json.EndObject();
    }
    json.EndArray();
  }

 private:
  struct Reference {
    TraceId trace_id;
    SpanId span_id;
    bool child_of = false;
  };

  std::string PlainText(std::string_view any_value) {
    document document;
    JsonValue value;
    std::string text;
    if (stored_.Open(any_value, document) && document.get_value().get(value) == simdjson::SUCCESS) {
      AppendPlainValue(value, text);
    }
    return text;
  }

  // Compares what is written, without reading the strings: they are read later.
  // `quoted` is the key as JSON.
  static bool HasAttribute(array attributes, std::string_view quoted) {
    for (auto element : attributes) {
      object attribute;
      if (element.get_object().get(attribute) != simdjson::SUCCESS) return false;
      JsonValue key;
      if (attribute["key"].get(key) == simdjson::SUCCESS && key.raw_json_token().starts_with(quoted))
        return true;
    }
    return false;
  }

  static void WriteLog(object event, JsonWriter& json) {
    const int64_t time = IntegerOf(TextOf(event.find_field_unordered("timeUnixNano")));
    const std::string name(TextOf(event.find_field_unordered("name")));
    array attributes;
    const bool has_attributes =
        event.find_field_unordered("attributes").get_array().get(attributes) == simdjson::SUCCESS;
    json.BeginObject();
    json.Key("timestamp").Int(MicrosOf(time));
    json.Key("fields").BeginArray();
    bool name_hidden = name.empty();
    if (has_attributes && !name_hidden) {
      name_hidden = HasAttribute(attributes, "\"event\"");
      (void)attributes.reset();
    }
    if (!name_hidden) WriteTag("event", name, json);
    if (has_attributes) WriteStoredTags(attributes, "", json);
    json.EndArray().EndObject();
  }

  static bool SaysChildOf(object link) {
    array attributes;
    if (link.find_field_unordered("attributes").get_array().get(attributes) != simdjson::SUCCESS)
      return false;
    for (auto element : attributes) {
      object attribute;
      if (element.get_object().get(attribute) != simdjson::SUCCESS) return false;
      if (TextOf(attribute["key"]) != "opentracing.ref_type") continue;
      return TextOf(attribute["value"]["stringValue"]) == "child_of";
    }
    return false;
  }

  void AddLinks(const SpanRow& row, std::vector<Reference>& references) {
    document document;
    array links;
    if (!stored_.Open(row.links, document) || document.get_array().get(links) != simdjson::SUCCESS) return;
    for (auto element : links) {
      object link;
      if (element.get_object().get(link) != simdjson::SUCCESS) return;
      Reference reference;
      if (!ParseHex(TextOf(link.find_field_unordered("traceId")), reference.trace_id.bytes.data(), 16))
        continue;
      if (!ParseHex(TextOf(link.find_field_unordered("spanId")), reference.span_id.bytes.data(), 8)) continue;
      reference.child_of = SaysChildOf(link);
      // A link to the parent only says what kind of parent it is.
      if (reference.trace_id == row.trace_id && reference.span_id == row.parent_id && !references.empty()) {
        references.front().child_of = reference.child_of;
      } else {
        references.push_back(reference);
      }
    }
  }

  StoredJson stored_;
};

}  // namespace

std::string JaegerTraceId(const TraceId& id) {
  const std::string hex = id.Hex();
  return hex.starts_with("0000000000000000") ? hex.substr(16) : hex;
}

std::string_view JaegerSpanKind(uint8_t kind) {
  return kind < kKindNames.size() ? kKindNames[kind] : kKindNames[0];
}

namespace {

void WriteTextTag(std::string_view key, std::string_view text, JsonWriter& json) {
  if (!text.empty()) WriteTag(key, text, json);
}

void WriteCountTag(std::string_view key, int64_t count, JsonWriter& json) {
  if (count != Usage::kNotTold) WriteIntegerTag(key, std::to_string(count), json);
}

void WriteRealTag(std::string_view key, double number, JsonWriter& json) {
  json.BeginObject();
  json.Key("key").String(key).Key("type").String("float64").Key("value").Double(number);
  json.EndObject();
}

void WriteCallTags(const CallRow& call, JsonWriter& json) {
  WriteTag("call.kind", CallKindName(call.kind), json);
  WriteTextTag("call.provider", call.provider, json);
  WriteTextTag("call.request_model", call.request_model, json);
  WriteTextTag("call.response_model", call.response_model, json);
  WriteTextTag("call.agent", call.agent, json);
  WriteTextTag("call.tool", call.tool, json);
  WriteTextTag("call.prompt.name", call.prompt, json);
  WriteTextTag("call.prompt.version", call.prompt_version, json);
  WriteTextTag("call.user", call.user, json);
  WriteTextTag("call.conversation", call.conversation, json);
  WriteTextTag("call.finish_reason", call.finish_reason, json);
  WriteTextTag("call.error_type", call.error_type, json);
  WriteCountTag("call.input_tokens", call.usage.input_tokens, json);
  WriteCountTag("call.output_tokens", call.usage.output_tokens, json);
  WriteCountTag("call.cached_tokens", call.usage.cache_read_tokens, json);
  WriteCountTag("call.cache_write_tokens", call.usage.cache_write_tokens, json);
  WriteCountTag("call.reasoning_tokens", call.usage.reasoning_tokens, json);
  if (!std::isnan(call.time_to_first_token))
    WriteRealTag("call.time_to_first_token", call.time_to_first_token, json);
  // A call that another one tells too is not priced twice.
  if (call.counts != 0 && IsModelCall(call.kind)) {
    WriteTag("call.cost_status", CostStatusName(call.cost_status), json);
    if (call.cost != Cost::kNotTold)
      WriteRealTag("call.cost", static_cast<double>(call.cost) / static_cast<double>(kPicoDollarsPerDollar),
                   json);
  }
  if (!call.duplicate_of.IsZero()) WriteBoolTag("call.duplicate", true, json);
}

}  // namespace

struct JaegerTraceWriter::Parts {
  Parts(const TraceSet& the_set, const CallRows& the_calls) : set(the_set), calls(the_calls) {
    for (const std::string_view resource : set.resources)
      process_tags.push_back(translator.ProcessTags(resource));
    for (const std::string_view scope : set.scopes) scopes.push_back(translator.NameOf(scope));
  }

  void WriteTags(const TraceSpan& span, JsonWriter& json) {
    const SpanRow& row = span.row;
    const Translator::ScopeName& scope = scopes[span.scope];
    json.BeginArray();
    if (!scope.name.empty()) WriteTag("otel.scope.name", scope.name, json);
    if (!scope.version.empty()) WriteTag("otel.scope.version", scope.version, json);
    translator.WriteAttributeTags(row.attributes, json);
    if (row.kind > 0 && row.kind < kKindNames.size()) WriteTag("span.kind", kKindNames[row.kind], json);
    if (row.status == 1) WriteTag("otel.status_code", "OK", json);
    if (row.status == 2) {
      WriteTag("otel.status_code", "ERROR", json);
      WriteBoolTag("error", true, json);
    }
    if (!row.status_message.empty()) WriteTag("otel.status_description", row.status_message, json);
    if (!row.trace_state.empty()) WriteTag("w3c.tracestate", row.trace_state, json);
    if (const CallRow* call = CallOf(row)) WriteCallTags(*call, json);
    json.EndArray();
  }

  const CallRow* CallOf(const SpanRow& row) const {
    const auto place = [](const CallRow& call) { return std::pair(call.trace_id, call.span_id); };
    const auto wanted = std::pair(row.trace_id, row.span_id);
    const auto at = std::ranges::lower_bound(calls.rows, wanted, {}, place);
    return at != calls.rows.end() && place(*at) == wanted ? &*at : nullptr;
  }

  static void WriteWarnings(const SpanRow& row, JsonWriter& json) {
    if (row.duration_nano >= 0) {
      json.Null();
      return;
    }
    json.BeginArray();
    json.String("the span ends " + std::to_string(-row.duration_nano) +
                " ns before it starts; shown with a duration of 0");
    json.EndArray();
  }

  void WriteSpan(const TraceSpan& span, std::string_view process, JsonWriter& json) {
    const SpanRow& row = span.row;
    json.BeginObject();
    json.Key("traceID").String(JaegerTraceId(row.trace_id));
    json.Key("spanID").String(row.span_id.Hex());
    if ((row.flags & 1) != 0) json.Key("flags").Uint(1);
    json.Key("operationName").String(row.name);
    json.Key("references");
    translator.WriteReferences(row, json);
    json.Key("startTime").Int(MicrosOf(row.start_unix_nano));
    json.Key("duration").Int(MicrosOf(std::max<int64_t>(0, row.duration_nano)));
    json.Key("tags");
    WriteTags(span, json);
    json.Key("logs");
    translator.WriteLogs(row.events, json);
    json.Key("processID").String(process);
    json.Key("warnings");
    WriteWarnings(row, json);
    json.EndObject();
  }

  const TraceSet& set;
  const CallRows& calls;
  Translator translator;
  std::vector<std::string> process_tags;
  std::vector<Translator::ScopeName> scopes;
};

JaegerTraceWriter::JaegerTraceWriter(const TraceSet& set, const CallRows& calls)
    : parts_(std::make_unique<Parts>(set, calls)) {}
JaegerTraceWriter::~JaegerTraceWriter() = default;

bool JaegerTraceWriter::Write(const Trace& trace, WholeTraces::Sink& sink) {
  JsonWriter& json = sink.json;
  struct Process {
    std::string id;
    std::string_view service;
    uint32_t resource = 0;
  };
  std::vector<Process> processes;
  std::map<uint32_t, size_t> by_resource;

  json.BeginObject();
  json.Key("traceID").String(JaegerTraceId(trace.trace_id));
  json.Key("spans").BeginArray();
  for (const TraceSpan& span : trace.spans) {
    const auto [at, is_new] = by_resource.try_emplace(span.resource, processes.size());
    if (is_new) {
      processes.push_back({.id = "p" + std::to_string(processes.size() + 1),
                           .service = span.row.service,
                           .resource = span.resource});
    }
    parts_->WriteSpan(span, processes[at->second].id, json);
    if (!sink.Flush()) return false;
  }
  json.EndArray();
  json.Key("processes").BeginObject();
  for (const Process& process : processes) {
    json.Key(process.id).BeginObject();
    json.Key("serviceName").String(process.service);
    json.Key("tags").Raw(parts_->process_tags[process.resource]);
    json.EndObject();
  }
  json.EndObject();
  json.Key("warnings");
  if (trace.completeness.truncated) {
    json.BeginArray()
        .String("the trace is larger than what is shown: its later spans are left out")
        .EndArray();
  } else {
    json.Null();
  }
  json.EndObject();
  return true;
}

}  // namespace telltale
