#include "otlp/json_to_wire.h"

#include <simdjson.h>

#include <bit>
#include <optional>
#include <utility>

#include "base/bytes.h"
#include "base/counters.h"
#include "otlp/json_repair.h"
#include "otlp/json_scalars.h"
#include "otlp/stored_json.h"
#include "otlp/wire_writer.h"

namespace telltale {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

// How a field is spelled in JSON, and what it is on the wire.
enum class Kind {
  kText,
  kHex,     // ids
  kBase64,  // other bytes
  kBool,
  kUint32,
  kFixed32,
  kFixed64,
  kSigned64,    // sfixed64
  kAnyInteger,  // int64 of an AnyValue; beyond 64 bits its double
  kUint64,      // varint
  kSigned32,    // sint32, zigzag
  kDouble,
  kEnum,
  kMessage,
};

struct Message;

struct Field {
  std::string_view camel;
  std::string_view snake;
  uint32_t number;
  Kind kind;
  bool repeated = false;
  const Message* message = nullptr;              // kMessage
  std::span<const std::string_view> names = {};  // kEnum
};

// `is_item`: what is wrong inside of one is refused alone.
struct Message {
  std::span<const Field> fields;
  bool is_item = false;
};

extern const Message kAnyValue;
extern const Message kKeyValue;

constexpr Field kListFields[] = {{"values", "values", 1, Kind::kMessage, true, &kAnyValue}};
constexpr Message kList{kListFields};
constexpr Field kMapFields[] = {{"values", "values", 1, Kind::kMessage, true, &kKeyValue}};
constexpr Message kMap{kMapFields};
constexpr Field kAnyValueFields[] = {
    {"stringValue", "string_value", 1, Kind::kText},
    {"boolValue", "bool_value", 2, Kind::kBool},
    {"intValue", "int_value", 3, Kind::kAnyInteger},
    {"doubleValue", "double_value", 4, Kind::kDouble},
    {"arrayValue", "array_value", 5, Kind::kMessage, false, &kList},
    {"kvlistValue", "kvlist_value", 6, Kind::kMessage, false, &kMap},
    {"bytesValue", "bytes_value", 7, Kind::kBase64},
};
constexpr Message kAnyValue{kAnyValueFields};
constexpr Field kKeyValueFields[] = {
    {"key", "key", 1, Kind::kText},
    {"value", "value", 2, Kind::kMessage, false, &kAnyValue},
};
constexpr Message kKeyValue{kKeyValueFields};

constexpr Field kEntityRefFields[] = {
    {"schemaUrl", "schema_url", 1, Kind::kText},
    {"type", "type", 2, Kind::kText},
    {"idKeys", "id_keys", 3, Kind::kText, true},
    {"descriptionKeys", "description_keys", 4, Kind::kText, true},
};
constexpr Message kEntityRef{kEntityRefFields};
constexpr Field kResourceFields[] = {
    {"attributes", "attributes", 1, Kind::kMessage, true, &kKeyValue},
    {"droppedAttributesCount", "dropped_attributes_count", 2, Kind::kUint32},
    {"entityRefs", "entity_refs", 3, Kind::kMessage, true, &kEntityRef},
};
constexpr Message kResource{kResourceFields};
constexpr Field kScopeFields[] = {
    {"name", "name", 1, Kind::kText},
    {"version", "version", 2, Kind::kText},
    {"attributes", "attributes", 3, Kind::kMessage, true, &kKeyValue},
    {"droppedAttributesCount", "dropped_attributes_count", 4, Kind::kUint32},
};
constexpr Message kScope{kScopeFields};

// --- spans: what the store keeps of them as JSON ----------------------------------------

constexpr Field kEventFields[] = {
    {"timeUnixNano", "time_unix_nano", 1, Kind::kFixed64},
    {"name", "name", 2, Kind::kText},
    {"attributes", "attributes", 3, Kind::kMessage, true, &kKeyValue},
    {"droppedAttributesCount", "dropped_attributes_count", 4, Kind::kUint32},
};
constexpr Message kEvent{kEventFields};
constexpr Field kLinkFields[] = {
    {"traceId", "trace_id", 1, Kind::kHex},
    {"spanId", "span_id", 2, Kind::kHex},
    {"traceState", "trace_state", 3, Kind::kText},
    {"attributes", "attributes", 4, Kind::kMessage, true, &kKeyValue},
    {"droppedAttributesCount", "dropped_attributes_count", 5, Kind::kUint32},
    {"flags", "flags", 6, Kind::kFixed32},
};
constexpr Message kLink{kLinkFields};

// --- logs -----------------------------------------------------------------------------

constexpr std::string_view kSeverityNames[] = {
    "SEVERITY_NUMBER_UNSPECIFIED", "SEVERITY_NUMBER_TRACE",  "SEVERITY_NUMBER_TRACE2",
    "SEVERITY_NUMBER_TRACE3",      "SEVERITY_NUMBER_TRACE4", "SEVERITY_NUMBER_DEBUG",
    "SEVERITY_NUMBER_DEBUG2",      "SEVERITY_NUMBER_DEBUG3", "SEVERITY_NUMBER_DEBUG4",
    "SEVERITY_NUMBER_INFO",        "SEVERITY_NUMBER_INFO2",  "SEVERITY_NUMBER_INFO3",
    "SEVERITY_NUMBER_INFO4",       "SEVERITY_NUMBER_WARN",   "SEVERITY_NUMBER_WARN2",
    "SEVERITY_NUMBER_WARN3",       "SEVERITY_NUMBER_WARN4",  "SEVERITY_NUMBER_ERROR",
    "SEVERITY_NUMBER_ERROR2",      "SEVERITY_NUMBER_ERROR3", "SEVERITY_NUMBER_ERROR4",
    "SEVERITY_NUMBER_FATAL",       "SEVERITY_NUMBER_FATAL2", "SEVERITY_NUMBER_FATAL3",
    "SEVERITY_NUMBER_FATAL4"};

constexpr Field kLogRecordFields[] = {
    {"timeUnixNano", "time_unix_nano", 1, Kind::kFixed64},
    {"severityNumber", "severity_number", 2, Kind::kEnum, false, nullptr, kSeverityNames},
    {"severityText", "severity_text", 3, Kind::kText},
    {"body", "body", 5, Kind::kMessage, false, &kAnyValue},
    {"attributes", "attributes", 6, Kind::kMessage, true, &kKeyValue},
    {"droppedAttributesCount", "dropped_attributes_count", 7, Kind::kUint32},
    {"flags", "flags", 8, Kind::kFixed32},
    {"traceId", "trace_id", 9, Kind::kHex},
    {"spanId", "span_id", 10, Kind::kHex},
    {"observedTimeUnixNano", "observed_time_unix_nano", 11, Kind::kFixed64},
    {"eventName", "event_name", 12, Kind::kText},
};
constexpr Message kLogRecord{kLogRecordFields, true};
constexpr Field kScopeLogsFields[] = {
    {"scope", "scope", 1, Kind::kMessage, false, &kScope},
    {"logRecords", "log_records", 2, Kind::kMessage, true, &kLogRecord},
    {"schemaUrl", "schema_url", 3, Kind::kText},
};
constexpr Message kScopeLogs{kScopeLogsFields};
constexpr Field kResourceLogsFields[] = {
    {"resource", "resource", 1, Kind::kMessage, false, &kResource},
    {"scopeLogs", "scope_logs", 2, Kind::kMessage, true, &kScopeLogs},
    {"schemaUrl", "schema_url", 3, Kind::kText},
};
constexpr Message kResourceLogs{kResourceLogsFields};
constexpr Field kLogsRequestFields[] = {
    {"resourceLogs", "resource_logs", 1, Kind::kMessage, true, &kResourceLogs}};
constexpr Message kLogsRequest{kLogsRequestFields};

// --- metrics --------------------------------------------------------------------------

constexpr std::string_view kTemporalityNames[] = {"AGGREGATION_TEMPORALITY_UNSPECIFIED",
                                                  "AGGREGATION_TEMPORALITY_DELTA",
                                                  "AGGREGATION_TEMPORALITY_CUMULATIVE"};

constexpr Field kExemplarFields[] = {
    {"timeUnixNano", "time_unix_nano", 2, Kind::kFixed64},
    {"asDouble", "as_double", 3, Kind::kDouble},
    {"spanId", "span_id", 4, Kind::kHex},
    {"traceId", "trace_id", 5, Kind::kHex},
    {"asInt", "as_int", 6, Kind::kSigned64},
    {"filteredAttributes", "filtered_attributes", 7, Kind::kMessage, true, &kKeyValue},
};
constexpr Message kExemplar{kExemplarFields};
constexpr Field kNumberPointFields[] = {
    {"startTimeUnixNano", "start_time_unix_nano", 2, Kind::kFixed64},
    {"timeUnixNano", "time_unix_nano", 3, Kind::kFixed64},
    {"asDouble", "as_double", 4, Kind::kDouble},
    {"exemplars", "exemplars", 5, Kind::kMessage, true, &kExemplar},
    {"asInt", "as_int", 6, Kind::kSigned64},
    {"attributes", "attributes", 7, Kind::kMessage, true, &kKeyValue},
    {"flags", "flags", 8, Kind::kUint32},
};
constexpr Message kNumberPoint{kNumberPointFields, true};
constexpr Field kHistogramPointFields[] = {
    {"startTimeUnixNano", "start_time_unix_nano", 2, Kind::kFixed64},
    {"timeUnixNano", "time_unix_nano", 3, Kind::kFixed64},
    {"count", "count", 4, Kind::kFixed64},
    {"sum", "sum", 5, Kind::kDouble},
    {"bucketCounts", "bucket_counts", 6, Kind::kFixed64, true},
    {"explicitBounds", "explicit_bounds", 7, Kind::kDouble, true},
    {"exemplars", "exemplars", 8, Kind::kMessage, true, &kExemplar},
    {"attributes", "attributes", 9, Kind::kMessage, true, &kKeyValue},
    {"flags", "flags", 10, Kind::kUint32},
    {"min", "min", 11, Kind::kDouble},
    {"max", "max", 12, Kind::kDouble},
};
constexpr Message kHistogramPoint{kHistogramPointFields, true};
constexpr Field kBucketsFields[] = {
    {"offset", "offset", 1, Kind::kSigned32},
    {"bucketCounts", "bucket_counts", 2, Kind::kUint64, true},
};
constexpr Message kBuckets{kBucketsFields};
constexpr Field kExponentialPointFields[] = {
    {"attributes", "attributes", 1, Kind::kMessage, true, &kKeyValue},
    {"startTimeUnixNano", "start_time_unix_nano", 2, Kind::kFixed64},
    {"timeUnixNano", "time_unix_nano", 3, Kind::kFixed64},
    {"count", "count", 4, Kind::kFixed64},
    {"sum", "sum", 5, Kind::kDouble},
    {"scale", "scale", 6, Kind::kSigned32},
    {"zeroCount", "zero_count", 7, Kind::kFixed64},
    {"positive", "positive", 8, Kind::kMessage, false, &kBuckets},
    {"negative", "negative", 9, Kind::kMessage, false, &kBuckets},
    {"flags", "flags", 10, Kind::kUint32},
    {"exemplars", "exemplars", 11, Kind::kMessage, true, &kExemplar},
    {"min", "min", 12, Kind::kDouble},
    {"max", "max", 13, Kind::kDouble},
    {"zeroThreshold", "zero_threshold", 14, Kind::kDouble},
};
constexpr Message kExponentialPoint{kExponentialPointFields, true};
constexpr Field kQuantileFields[] = {
    {"quantile", "quantile", 1, Kind::kDouble},
    {"value", "value", 2, Kind::kDouble},
};
constexpr Message kQuantile{kQuantileFields};
constexpr Field kSummaryPointFields[] = {
    {"startTimeUnixNano", "start_time_unix_nano", 2, Kind::kFixed64},
    {"timeUnixNano", "time_unix_nano", 3, Kind::kFixed64},
    {"count", "count", 4, Kind::kFixed64},
    {"sum", "sum", 5, Kind::kDouble},
    {"quantileValues", "quantile_values", 6, Kind::kMessage, true, &kQuantile},
    {"attributes", "attributes", 7, Kind::kMessage, true, &kKeyValue},
    {"flags", "flags", 8, Kind::kUint32},
};
constexpr Message kSummaryPoint{kSummaryPointFields, true};

template <const Message& kPoint>
constexpr Field kDataFields[] = {
    {"dataPoints", "data_points", 1, Kind::kMessage, true, &kPoint},
    {"aggregationTemporality", "aggregation_temporality", 2, Kind::kEnum, false, nullptr, kTemporalityNames},
    {"isMonotonic", "is_monotonic", 3, Kind::kBool},
};
template <const Message& kPoint>
constexpr Message kData{kDataFields<kPoint>};

constexpr Field kMetricFields[] = {
    {"name", "name", 1, Kind::kText},
    {"description", "description", 2, Kind::kText},
    {"unit", "unit", 3, Kind::kText},
    {"gauge", "gauge", 5, Kind::kMessage, false, &kData<kNumberPoint>},
    {"sum", "sum", 7, Kind::kMessage, false, &kData<kNumberPoint>},
    {"histogram", "histogram", 9, Kind::kMessage, false, &kData<kHistogramPoint>},
    {"exponentialHistogram", "exponential_histogram", 10, Kind::kMessage, false, &kData<kExponentialPoint>},
    {"summary", "summary", 11, Kind::kMessage, false, &kData<kSummaryPoint>},
};
constexpr Message kMetric{kMetricFields, true};
constexpr Field kScopeMetricsFields[] = {
    {"scope", "scope", 1, Kind::kMessage, false, &kScope},
    {"metrics", "metrics", 2, Kind::kMessage, true, &kMetric},
    {"schemaUrl", "schema_url", 3, Kind::kText},
};
constexpr Message kScopeMetrics{kScopeMetricsFields};
constexpr Field kResourceMetricsFields[] = {
    {"resource", "resource", 1, Kind::kMessage, false, &kResource},
    {"scopeMetrics", "scope_metrics", 2, Kind::kMessage, true, &kScopeMetrics},
    {"schemaUrl", "schema_url", 3, Kind::kText},
};
constexpr Message kResourceMetrics{kResourceMetricsFields};
constexpr Field kMetricsRequestFields[] = {
    {"resourceMetrics", "resource_metrics", 1, Kind::kMessage, true, &kResourceMetrics}};
constexpr Message kMetricsRequest{kMetricsRequestFields};

// --- writing --------------------------------------------------------------------------

// No field has the number 0: what a reader of protobuf stops at.
constexpr std::string_view kUnreadable("\0", 1);

const Field* FindField(const Message& message, std::string_view key) {
  for (const Field& field : message.fields) {
    if (key == field.camel || key == field.snake) return &field;
  }
  return nullptr;
}

bool ReadInt64(element json, int64_t& number) {
  std::string_view text;
  if (!json.get_int64().get(number)) return true;
  if (!json.get_string().get(text) && ParseNumber(text, number)) return true;
  double real;
  if (!ReadDouble(json, real) || !IsWhole(real) || real < -kInt64End || real >= kInt64End) return false;
  number = static_cast<int64_t>(real);
  return true;
}

std::optional<std::string> ParseHexText(std::string_view hex) {
  if (hex.size() % 2 != 0) return std::nullopt;
  std::string bytes(hex.size() / 2, '\0');
  if (!ParseHex(hex, reinterpret_cast<uint8_t*>(bytes.data()), bytes.size())) return std::nullopt;
  return bytes;
}

class Writer {
 public:
  // False when the message, as its JSON says it, cannot be; why() says which member.
  bool Write(element json, const Message& message, std::string& out) {
    object members;
    if (json.get_object().get(members)) return Fault("an object is due");
    for (const auto [key, member] : members) {
      const Field* field = FindField(message, key);
      if (field == nullptr || member.is_null()) continue;
      if (!WriteMember(*field, member, out)) return Fault(field->camel);
    }
    return true;
  }

  std::string_view why() const { return why_; }
  uint64_t integers_kept_as_double() const { return integers_kept_as_double_; }

 private:
  // Keeps the innermost name; always false.
  bool Fault(std::string_view why) {
    if (why_.empty()) why_ = why;
    return false;
  }

  bool WriteMember(const Field& field, element json, std::string& out) {
    if (!field.repeated) return WriteOne(field, json, out);
    array items;
    if (json.get_array().get(items)) return false;
    for (const element item : items) {
      if (!WriteOne(field, item, out)) return false;
    }
    return true;
  }

  bool WriteOne(const Field& field, element json, std::string& out) {
    if (field.kind == Kind::kMessage) return WriteMessage(field, json, out);
    std::string_view text;
    uint64_t wide = 0;
    uint32_t narrow = 0;
    int64_t whole = 0;
    double real = 0;
    switch (field.kind) {
      case Kind::kText:
        if (!ReadText(json, text)) return false;
        AppendWireBytes(field.number, text, out);
        return true;
      case Kind::kHex:
      case Kind::kBase64: {
        if (!ReadText(json, text)) return false;
        const std::optional<std::string> bytes =
            field.kind == Kind::kHex ? ParseHexText(text) : ParseBase64(text);
        if (!bytes) return false;
        AppendWireBytes(field.number, *bytes, out);
        return true;
      }
      case Kind::kBool: {
        bool flag = false;
        if (json.get_bool().get(flag)) return false;
        AppendWireVarint(field.number, flag ? 1 : 0, out);
        return true;
      }
      case Kind::kUint32:
      case Kind::kFixed32:
        if (!ReadUint32(json, narrow)) return false;
        if (field.kind == Kind::kUint32) AppendWireVarint(field.number, narrow, out);
        if (field.kind == Kind::kFixed32) AppendWireFixed32(field.number, narrow, out);
        return true;
      case Kind::kFixed64:
      case Kind::kUint64:
        if (!ReadUint64(json, wide)) return false;
        if (field.kind == Kind::kUint64) AppendWireVarint(field.number, wide, out);
        if (field.kind == Kind::kFixed64) AppendWireFixed64(field.number, wide, out);
        return true;
      case Kind::kSigned64:
        if (!ReadInt64(json, whole)) return false;
        AppendWireFixed64(field.number, static_cast<uint64_t>(whole), out);
        return true;
      case Kind::kSigned32:
        if (!ReadInt64(json, whole) || whole < INT32_MIN || whole > INT32_MAX) return false;
        AppendWireVarint(field.number, static_cast<uint32_t>((whole << 1) ^ (whole >> 63)), out);
        return true;
      case Kind::kAnyInteger:
        return WriteAnyInteger(field, json, out);
      case Kind::kDouble:
        if (!ReadDouble(json, real)) return false;
        AppendWireFixed64(field.number, std::bit_cast<uint64_t>(real), out);
        return true;
      case Kind::kEnum: {
        uint8_t number = 0;
        if (!ReadEnum(json, field.names, number)) return false;
        AppendWireVarint(field.number, number, out);
        return true;
      }
      case Kind::kMessage:
        break;
    }
    return false;
  }

  // JavaScript calls every whole number an integer, 1e22 too.
  bool WriteAnyInteger(const Field& field, element json, std::string& out) {
    int64_t whole = 0;
    if (ReadInt64(json, whole)) {
      AppendWireVarint(field.number, static_cast<uint64_t>(whole), out);
      return true;
    }
    double real = 0;
    if (!ReadDouble(json, real) || !IsWhole(real)) return false;
    AppendWireFixed64(field.number + 1, std::bit_cast<uint64_t>(real), out);
    ++integers_kept_as_double_;
    return true;
  }

  bool WriteMessage(const Field& field, element json, std::string& out) {
    std::string inner;
    if (!json.is_null() && !Write(json, *field.message, inner)) {
      if (!field.message->is_item) return false;
      inner = kUnreadable;
      why_ = {};
    }
    AppendWireBytes(field.number, inner, out);
    return true;
  }

  std::string_view why_;
  uint64_t integers_kept_as_double_ = 0;
};

// As JSON, repaired where our reader is stricter than that.
simdjson::error_code Parse(std::string_view bytes, simdjson::dom::parser& reader, element& json) {
  const auto parse = [&](std::string_view text) { return reader.parse(text.data(), text.size()).get(json); };
  if (!MayHoldMinusZeroUntrusted(bytes) && parse(bytes) == simdjson::SUCCESS) return simdjson::SUCCESS;
  return parse(RewriteNumbersUntrusted(ReplaceLoneSurrogatesUntrusted(bytes)));
}

}  // namespace

Result<std::string> JsonToWireUntrusted(Signal signal, std::string_view bytes) {
  const SignalNames names = NamesOf(signal);
  const auto refuse = [&](std::string_view why) {
    return Fail(ErrorCode::kInvalidInput,
                "read an " + std::string(names.request) + ": " + std::to_string(bytes.size()) +
                    " bytes: " + std::string(why),
                "send an " + std::string(names.request) + " as JSON: {\"" + std::string(names.json_list) +
                    "\":[...]}");
  };
  if (bytes.empty()) return refuse("no JSON");
  simdjson::dom::parser reader;
  element json;
  const simdjson::error_code error = Parse(bytes, reader, json);
  if (error != simdjson::SUCCESS) return refuse(std::string("not JSON: ") + simdjson::error_message(error));

  std::string wire;
  Writer writer;
  if (!writer.Write(json, signal == Signal::kLogs ? kLogsRequest : kMetricsRequest, wire)) {
    return refuse(std::string(writer.why()) + " cannot be read");
  }
  if (writer.integers_kept_as_double() > 0)
    Count(Counter::kJsonIntegersKeptAsDouble, writer.integers_kept_as_double());
  return wire;
}

struct StoredJson::Reader {
  // False where the text is not JSON.
  bool Read(std::string_view text, element& json) {
    return !text.empty() && Parse(text, parser, json) == simdjson::SUCCESS;
  }

  std::string AppendHead(const Message& message, uint32_t field, std::string_view text, std::string& out) {
    element json;
    std::string inner;
    std::string_view schema_url;
    if (Read(text, json)) {
      if (!Writer().Write(json, message, inner)) inner.clear();
      if (json["schemaUrl"].get_string().get(schema_url)) schema_url = {};
    }
    AppendWireBytes(field, inner, out);
    return std::string(schema_url);
  }

  void AppendElements(const Message& message, uint32_t field, std::string_view text, std::string& out) {
    element json;
    array elements;
    if (!Read(text, json) || json.get_array().get(elements)) return;
    std::string inner;
    for (const element one : elements) {
      inner.clear();
      if (Writer().Write(one, message, inner)) AppendWireBytes(field, inner, out);
    }
  }

  simdjson::dom::parser parser;
};

StoredJson::StoredJson() : reader_(std::make_unique<Reader>()) {}
StoredJson::~StoredJson() = default;

std::string StoredJson::AppendResource(uint32_t field, std::string_view json, std::string& out) {
  return reader_->AppendHead(kResource, field, json, out);
}

std::string StoredJson::AppendScope(uint32_t field, std::string_view json, std::string& out) {
  return reader_->AppendHead(kScope, field, json, out);
}

void StoredJson::AppendAnyValue(uint32_t field, std::string_view json, std::string& out) {
  reader_->AppendHead(kAnyValue, field, json, out);
}

void StoredJson::AppendEvents(uint32_t field, std::string_view json, std::string& out) {
  reader_->AppendElements(kEvent, field, json, out);
}

void StoredJson::AppendLinks(uint32_t field, std::string_view json, std::string& out) {
  reader_->AppendElements(kLink, field, json, out);
}

}  // namespace telltale
