// A Batch is many spans, log records or metric points as flat arrays: what every
// receiver makes, every stage changes in place, and the encoder turns into a block.
//
//   resources  [ r0 ][ r1 ]                 spans name theirs by index
//   scopes     [ s0 ][ s1 ][ s2 ]
//   spans      [ .resource=0 .scope=1 .attributes={7,3} .events={0,1} ... ][ ... ]
//   events     [ .attributes={10,2} ... ]   a span's events are one run of this array
//   links      [ ... ]                      likewise
//   logs       [ .resource=0 .scope=1 .attributes={9,2} ... ]
//   points     [ .resource=0 .scope=1 .attributes={11,3} ... ]
//   attributes [ key value ][ key value ] ...   every run of everybody's attributes
//
// Ownership      string_views point into the request's bytes (kept by Retain())
//                or into `arena`; both live as long as the Batch. Moving a Batch
//                keeps every view valid.
// Thread safety  One thread at a time.
// Limits         All indices are 32 bits; a request is limited to far less.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/arena.h"
#include "trace/ids.h"

namespace telltale {

// One run of a flat array: elements [begin, begin + count).
struct Run {
  uint32_t begin = 0;
  uint32_t count = 0;
};

// The letters reach disk (encode.h): append, never change.
enum class ValueType : char {
  kNone = 'n',  // An AnyValue with nothing set.
  kString = 's',
  kBool = 'b',
  kInt = 'i',
  kDouble = 'd',
  kBytes = 'y',
  kArray = 'a',
  kMap = 'm',
};

struct Value {
  ValueType type = ValueType::kNone;
  union {
    bool boolean;
    int64_t integer = 0;
    double real;
  };
  // kString: the text. kBytes: the raw bytes. kArray and kMap: the value as one
  // OTLP/JSON AnyValue object, {"arrayValue":{"values":[...]}} or
  // {"kvlistValue":{"values":[...]}}, in the canonical form of otlp/any_value.h.
  std::string_view text;

  static Value String(std::string_view text) { return {.type = ValueType::kString, .text = text}; }
};

struct Attribute {
  std::string_view key;
  Value value;
};

struct Resource {
  Run attributes;
  uint32_t dropped_attributes = 0;
  std::string_view schema_url;
  std::string_view entity_refs;  // a JSON array (otlp/entity_refs.h); empty when there are none
};

struct Scope {
  std::string_view name;
  std::string_view version;
  Run attributes;
  uint32_t dropped_attributes = 0;
  std::string_view schema_url;
};

struct Event {
  uint64_t time_unix_nano = 0;
  std::string_view name;
  Run attributes;
  uint32_t dropped_attributes = 0;
};

struct Link {
  TraceId trace_id;
  SpanId span_id;
  std::string_view trace_state;
  Run attributes;
  uint32_t dropped_attributes = 0;
  uint32_t flags = 0;
};

// Numbers as in OTLP: SpanKind 0 unspecified, 1 internal, 2 server, 3 client,
// 4 producer, 5 consumer; StatusCode 0 unset, 1 ok, 2 error. Unknown numbers
// become 0.
struct Span {
  TraceId trace_id;
  SpanId span_id;
  SpanId parent_span_id;  // zero for a root
  std::string_view trace_state;
  std::string_view name;
  std::string_view status_message;
  uint64_t start_unix_nano = 0;
  uint64_t end_unix_nano = 0;
  Run attributes;
  Run events;
  Run links;
  uint32_t dropped_attributes = 0;
  uint32_t dropped_events = 0;
  uint32_t dropped_links = 0;
  uint32_t flags = 0;
  uint32_t resource = 0;
  uint32_t scope = 0;
  uint8_t kind = 0;
  uint8_t status_code = 0;
};

// A log record or, when `event_name` is not empty, an event of OpenTelemetry's logs.
struct LogRecord {
  uint64_t time_unix_nano = 0;           // 0: the source did not say
  uint64_t observed_time_unix_nano = 0;  // 0: nobody said
  TraceId trace_id;                      // zero: belongs to no trace
  SpanId span_id;                        // zero: belongs to no span
  std::string_view severity_text;
  std::string_view event_name;
  Value body;
  Run attributes;
  uint32_t dropped_attributes = 0;
  uint32_t flags = 0;
  uint32_t resource = 0;
  uint32_t scope = 0;
  uint8_t severity_number = 0;  // 1 trace ... 24 fatal; 0 unspecified
};

// The numbers reach disk: append, never renumber.
enum class MetricType : uint8_t {
  kGauge = 1,
  kSum = 2,
  kHistogram = 3,
  kExponentialHistogram = 4,
  kSummary = 5,
};

// One data point of a metric. What a metric says of itself stands on each of its points.
struct MetricPoint {
  std::string_view name;
  std::string_view description;
  std::string_view unit;
  MetricType type = MetricType::kGauge;
  uint8_t temporality = 0;  // 0 unspecified, 1 delta, 2 cumulative
  bool monotonic = false;
  bool is_integer = false;  // gauge and sum: `integer` holds the value, not `value`
  // From here `count` to `max` are of histograms and summaries only.
  bool has_sum = false;
  bool has_min = false;
  bool has_max = false;
  uint64_t start_unix_nano = 0;
  uint64_t time_unix_nano = 0;
  double value = 0;
  int64_t integer = 0;
  uint64_t count = 0;
  double sum = 0;
  double min = 0;
  double max = 0;
  // The rest of the point as the members of an OTLP/JSON data point, without braces:
  // explicitBounds and bucketCounts; scale, zeroCount, positive, negative ...;
  // quantileValues. Empty for gauge and sum.
  std::string_view shape;
  // [{...}, ...] in OTLP/JSON, ids in hex; empty without exemplars.
  std::string_view exemplars;
  Run attributes;
  uint32_t flags = 0;
  uint32_t resource = 0;
  uint32_t scope = 0;
};

struct Batch {
  std::vector<Resource> resources;
  std::vector<Scope> scopes;
  std::vector<Span> spans;
  std::vector<Event> events;
  std::vector<Link> links;
  std::vector<LogRecord> logs;
  std::vector<MetricPoint> points;
  std::vector<Attribute> attributes;
  Arena arena;

  Batch() = default;
  Batch(Batch&&) = default;
  Batch& operator=(Batch&&) = default;

  // Keeps `bytes` alive as long as the batch: the views point into it.
  void Retain(std::shared_ptr<const void> bytes) { retained_.push_back(std::move(bytes)); }

  bool empty() const { return spans.empty() && logs.empty() && points.empty(); }

  const Attribute* begin(Run run) const { return attributes.data() + run.begin; }
  const Attribute* end(Run run) const { return attributes.data() + run.begin + run.count; }

  // The last value of `key` in `run`, or null: OTLP says keys are unique, senders
  // do not, and the last one written wins everywhere.
  const Value* Find(Run run, std::string_view key) const {
    const Value* found = nullptr;
    for (const Attribute* at = begin(run); at != end(run); ++at) {
      if (at->key == key) found = &at->value;
    }
    return found;
  }

 private:
  std::vector<std::shared_ptr<const void>> retained_;
};

}  // namespace telltale
