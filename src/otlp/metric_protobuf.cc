#include <bit>
#include <limits>
#include <optional>
#include <string>

#include "base/counters.h"
#include "json/writer.h"
#include "otlp/any_value.h"
#include "otlp/metric_decoder.h"
#include "otlp/wire_envelope.h"

namespace telltale {
namespace {

// Field tags of opentelemetry/proto/metrics/v1/metrics.proto.
namespace metric_field {
constexpr uint32_t kName = BytesTag(1);
constexpr uint32_t kDescription = BytesTag(2);
constexpr uint32_t kUnit = BytesTag(3);
constexpr uint32_t kGauge = BytesTag(5);
constexpr uint32_t kSum = BytesTag(7);
constexpr uint32_t kHistogram = BytesTag(9);
constexpr uint32_t kExponentialHistogram = BytesTag(10);
constexpr uint32_t kSummary = BytesTag(11);
}  // namespace metric_field
// Of Gauge, Sum, Histogram, ExponentialHistogram and Summary, each with those it has.
namespace data_field {
constexpr uint32_t kPoints = BytesTag(1);
constexpr uint32_t kTemporality = VarintTag(2);
constexpr uint32_t kMonotonic = VarintTag(3);
}  // namespace data_field
namespace exemplar_field {
constexpr uint32_t kTime = Fixed64Tag(2);
constexpr uint32_t kDouble = Fixed64Tag(3);
constexpr uint32_t kSpanId = BytesTag(4);
constexpr uint32_t kTraceId = BytesTag(5);
constexpr uint32_t kInt = Fixed64Tag(6);
constexpr uint32_t kAttributes = BytesTag(7);
}  // namespace exemplar_field
// All kinds of points have these two.
namespace point_field {
constexpr uint32_t kStart = Fixed64Tag(2);
constexpr uint32_t kTime = Fixed64Tag(3);
}  // namespace point_field

// Numbers of fields whose place differs between the kinds of points; 0: has none.
struct PointFields {
  uint32_t attributes;
  uint32_t flags;
  uint32_t exemplars;
  uint32_t min;
  uint32_t max;
};
constexpr PointFields FieldsOf(MetricType type) {
  switch (type) {
    case MetricType::kGauge:
    case MetricType::kSum:
      return {.attributes = 7, .flags = 8, .exemplars = 5, .min = 0, .max = 0};
    case MetricType::kHistogram:
      return {.attributes = 9, .flags = 10, .exemplars = 8, .min = 11, .max = 12};
    case MetricType::kExponentialHistogram:
      return {.attributes = 1, .flags = 10, .exemplars = 11, .min = 12, .max = 13};
    case MetricType::kSummary:
      return {.attributes = 7, .flags = 8, .exemplars = 0, .min = 0, .max = 0};
  }
  return {};
}

constexpr uint32_t kTemporalityMax = 2;

// Writes a list of numbers as they come, packed or one by one: "name":[...]
class NumberList {
 public:
  NumberList(std::string_view name, std::string& out) : name_(name), out_(&out) {}

  void AddText(uint64_t number) {
    Separate();
    *out_ += '"';
    AppendJsonUint(number, *out_);
    *out_ += '"';
  }
  void AddDouble(double number) {
    Separate();
    AppendJsonDouble(number, *out_);
  }
  size_t size() const { return size_; }
  void End() {
    if (size_ > 0) *out_ += ']';
  }

 private:
  void Separate() {
    if (size_++ > 0) {
      *out_ += ',';
      return;
    }
    if (!out_->empty() && out_->back() != '{') *out_ += ',';
    AppendJsonString(name_, *out_);
    *out_ += ":[";
  }

  std::string_view name_;
  std::string* out_;
  size_t size_ = 0;
};

// Calls `add` with every number of a repeated field, packed or not.
template <typename Add>
bool ForEachFixed64(std::string_view message, uint32_t field, const Add& add) {
  WireReader in(message);
  while (!in.AtEnd()) {
    uint32_t tag;
    uint64_t number;
    std::string_view packed;
    if (!in.ReadTag(tag)) return false;
    if (tag == Fixed64Tag(field)) {
      if (!in.ReadFixed64(number)) return false;
      add(number);
    } else if (tag == BytesTag(field)) {
      if (!in.ReadBytes(packed) || packed.size() % 8 != 0) return false;
      for (WireReader numbers(packed); !numbers.AtEnd();) {
        if (!numbers.ReadFixed64(number)) return false;
        add(number);
      }
    } else if (!in.Skip(tag)) {
      return false;
    }
  }
  return true;
}

template <typename Add>
bool ForEachVarint(std::string_view message, uint32_t field, const Add& add) {
  WireReader in(message);
  while (!in.AtEnd()) {
    uint32_t tag;
    uint64_t number;
    std::string_view packed;
    if (!in.ReadTag(tag)) return false;
    if (tag == VarintTag(field)) {
      if (!in.ReadVarint(number)) return false;
      add(number);
    } else if (tag == BytesTag(field)) {
      if (!in.ReadBytes(packed)) return false;
      for (WireReader numbers(packed); !numbers.AtEnd();) {
        if (!numbers.ReadVarint(number)) return false;
        add(number);
      }
    } else if (!in.Skip(tag)) {
      return false;
    }
  }
  return true;
}

int32_t ZigZag(uint64_t number) {
  const auto wide = static_cast<uint32_t>(number);
  return static_cast<int32_t>((wide >> 1) ^ (~(wide & 1) + 1));
}

void AppendKey(std::string_view name, std::string& out) {
  if (!out.empty() && out.back() != '{' && out.back() != '[') out += ',';
  AppendJsonString(name, out);
  out += ':';
}
void AppendUintText(std::string_view name, uint64_t number, std::string& out) {
  AppendKey(name, out);
  out += '"';
  AppendJsonUint(number, out);
  out += '"';
}
void AppendDouble(std::string_view name, double number, std::string& out) {
  AppendKey(name, out);
  AppendJsonDouble(number, out);
}

class MetricsReader : public WireEnvelope<MetricsReader> {
 public:
  MetricsReader(std::string_view bytes, Batch& out) : WireEnvelope(Signal::kMetrics, bytes, out) {}

  // For WireEnvelope: its items are metrics, of which each adds its points.
  static constexpr size_t kItemBytesMin = 2;
  static constexpr size_t kReservedMax = 10'000;
  auto& items() { return out_->points; }
  void ReadItem(std::string_view bytes, uint32_t resource, uint32_t scope);

 private:
  struct Data {
    MetricType type = MetricType::kGauge;
    std::string_view bytes;
  };

  bool ReadMetric(std::string_view bytes, MetricPoint& metric, Data& data);
  bool ReadData(const Data& data, const MetricPoint& metric);
  bool ReadDataHead(const Data& data, MetricPoint& metric);
  bool Fits(std::string_view point);
  void ReadPoint(std::string_view bytes, const MetricPoint& metric);
  bool ReadPointFields(std::string_view bytes, MetricPoint& point);
  bool ReadNumber(uint32_t tag, WireReader& in, MetricPoint& point, bool& read);
  bool ReadHistogramHead(uint32_t tag, WireReader& in, MetricPoint& point, bool& read);
  bool AppendShape(std::string_view bytes, MetricPoint& point);
  bool AppendHistogram(std::string_view bytes);
  bool AppendExponential(std::string_view bytes);
  bool AppendBuckets(std::string_view name, std::string_view bytes);
  bool AppendQuantiles(std::string_view bytes);
  bool AppendExemplars(std::string_view bytes, MetricPoint& point);
  bool AppendExemplar(std::string_view bytes);

  std::string_view KeepText();

  size_t exemplars_ = 0;
  size_t kept_text_bytes_ = 0;
  bool misshapen_ = false;
  std::string text_;
};

void MetricsReader::ReadItem(std::string_view bytes, uint32_t resource, uint32_t scope) {
  MetricPoint metric;
  metric.resource = resource;
  metric.scope = scope;
  Data data;
  if (ReadMetric(bytes, metric, data) && ReadDataHead(data, metric) && ReadData(data, metric)) return;
  ++items_seen_;
  RefuseMalformed();
}

bool MetricsReader::ReadMetric(std::string_view bytes, MetricPoint& metric, Data& data) {
  WireReader in(bytes);
  while (!in.AtEnd()) {
    uint32_t tag;
    bool read = false;
    if (!in.ReadTag(tag)) return false;
    // A kind that is given twice is merged, as protobuf does: its bytes one after the other.
    // Of two kinds the last one counts.
    const auto take = [&](MetricType type) {
      std::string_view piece;
      if (!in.ReadBytes(piece)) return false;
      const bool again = data.type == type && !data.bytes.empty();
      data.bytes = again ? out_->arena.Copy(std::string(data.bytes).append(piece)) : piece;
      data.type = type;
      return true;
    };
    switch (tag) {
      case metric_field::kName:
        read = in.ReadBytes(metric.name);
        break;
      case metric_field::kDescription:
        read = in.ReadBytes(metric.description);
        break;
      case metric_field::kUnit:
        read = in.ReadBytes(metric.unit);
        break;
      case metric_field::kGauge:
        read = take(MetricType::kGauge);
        break;
      case metric_field::kSum:
        read = take(MetricType::kSum);
        break;
      case metric_field::kHistogram:
        read = take(MetricType::kHistogram);
        break;
      case metric_field::kExponentialHistogram:
        read = take(MetricType::kExponentialHistogram);
        break;
      case metric_field::kSummary:
        read = take(MetricType::kSummary);
        break;
      default:
        read = in.Skip(tag);
    }
    if (!read) return false;
  }
  metric.type = data.type;
  return true;
}

// What stands beside the points, before or after them.
bool MetricsReader::ReadDataHead(const Data& data, MetricPoint& metric) {
  const bool has_temporality = data.type != MetricType::kGauge && data.type != MetricType::kSummary;
  WireReader in(data.bytes);
  while (!in.AtEnd()) {
    uint32_t tag;
    if (!in.ReadTag(tag)) return false;
    if (tag == data_field::kTemporality && has_temporality) {
      if (!ReadEnum(in, kTemporalityMax, metric.temporality)) return false;
    } else if (tag == data_field::kMonotonic && data.type == MetricType::kSum) {
      uint64_t number;
      if (!in.ReadVarint(number)) return false;
      metric.monotonic = number != 0;
    } else if (!in.Skip(tag)) {
      return false;
    }
  }
  return true;
}

bool MetricsReader::ReadData(const Data& data, const MetricPoint& metric) {
  WireReader in(data.bytes);
  while (!in.AtEnd()) {
    uint32_t tag;
    std::string_view point;
    if (!in.ReadTag(tag)) return false;
    if (tag == data_field::kPoints) {
      if (!in.ReadBytes(point)) return false;
      ReadPoint(point, metric);
    } else if (!in.Skip(tag)) {
      return false;
    }
  }
  return true;
}

bool MetricsReader::Fits(std::string_view point) {
  if (out_->points.size() >= kMetricPointsMax) return attributes_.Broken("too many points in one request");
  if (point.size() > kPointBytesMax) return attributes_.Broken("a point of more than 1 MiB");
  if (kept_text_bytes_ > kPointTextBytesMax)
    return attributes_.Broken("too many buckets or exemplars in one request");
  return true;
}

void MetricsReader::ReadPoint(std::string_view bytes, const MetricPoint& metric) {
  const size_t attributes_before = out_->attributes.size();
  ++items_seen_;
  MetricPoint point = metric;
  misshapen_ = false;
  const bool fits = Fits(bytes);
  if (!fits || !ReadPointFields(bytes, point) || !AppendShape(bytes, point) ||
      !AppendExemplars(bytes, point)) {
    RefuseMalformed();
  } else if (misshapen_) {
    refusals_.Add(Refusal::kShape, ItemName());
  } else if (point.time_unix_nano > kTimeUnixNanoMax || point.start_unix_nano > kTimeUnixNanoMax) {
    refusals_.Add(Refusal::kTime, ItemName());
  } else {
    out_->points.push_back(point);
    return;
  }
  out_->attributes.resize(attributes_before);
}

bool MetricsReader::ReadPointFields(std::string_view bytes, MetricPoint& point) {
  const PointFields fields = FieldsOf(point.type);
  const bool is_number = point.type == MetricType::kGauge || point.type == MetricType::kSum;
  if (is_number) point.value = std::numeric_limits<double>::quiet_NaN();
  point.attributes.begin = static_cast<uint32_t>(out_->attributes.size());
  WireReader in(bytes);
  while (!in.AtEnd()) {
    uint32_t tag;
    bool read = false;
    if (!in.ReadTag(tag)) return false;
    if (tag == point_field::kStart) {
      read = in.ReadFixed64(point.start_unix_nano);
    } else if (tag == point_field::kTime) {
      read = in.ReadFixed64(point.time_unix_nano);
    } else if (tag == BytesTag(fields.attributes)) {
      read = ReadAttribute(in, point.attributes);
    } else if (tag == VarintTag(fields.flags)) {
      read = ReadUint32(in, point.flags);
    } else if (is_number ? !ReadNumber(tag, in, point, read) : !ReadHistogramHead(tag, in, point, read)) {
      read = in.Skip(tag);
    }
    if (!read) return false;
  }
  return true;
}

// False: the tag is none of these.
bool MetricsReader::ReadNumber(uint32_t tag, WireReader& in, MetricPoint& point, bool& read) {
  uint64_t bits = 0;
  if (tag != Fixed64Tag(4) && tag != Fixed64Tag(6)) return false;
  read = in.ReadFixed64(bits);
  point.is_integer = tag == Fixed64Tag(6);
  point.value = point.is_integer ? 0 : std::bit_cast<double>(bits);
  point.integer = point.is_integer ? static_cast<int64_t>(bits) : 0;
  return true;
}

bool MetricsReader::ReadHistogramHead(uint32_t tag, WireReader& in, MetricPoint& point, bool& read) {
  const PointFields fields = FieldsOf(point.type);
  uint64_t bits = 0;
  if (tag == Fixed64Tag(4)) {
    read = in.ReadFixed64(point.count);
  } else if (tag == Fixed64Tag(5)) {
    read = in.ReadFixed64(bits);
    point.sum = std::bit_cast<double>(bits);
    point.has_sum = true;
  } else if (fields.min != 0 && tag == Fixed64Tag(fields.min)) {
    read = in.ReadFixed64(bits);
    point.min = std::bit_cast<double>(bits);
    point.has_min = true;
  } else if (fields.max != 0 && tag == Fixed64Tag(fields.max)) {
    read = in.ReadFixed64(bits);
    point.max = std::bit_cast<double>(bits);
    point.has_max = true;
  } else {
    return false;
  }
  return true;
}

bool MetricsReader::AppendShape(std::string_view bytes, MetricPoint& point) {
  text_.clear();
  bool read = true;
  if (point.type == MetricType::kHistogram) read = AppendHistogram(bytes);
  if (point.type == MetricType::kExponentialHistogram) read = AppendExponential(bytes);
  if (point.type == MetricType::kSummary) {
    // A summary tells its sum always: proto3 leaves a zero out.
    point.has_sum = true;
    read = AppendQuantiles(bytes);
  }
  if (read && !text_.empty()) point.shape = KeepText();
  return read;
}

std::string_view MetricsReader::KeepText() {
  kept_text_bytes_ += text_.size();
  return out_->arena.Copy(text_);
}

bool MetricsReader::AppendHistogram(std::string_view bytes) {
  NumberList counts("bucketCounts", text_);
  if (!ForEachFixed64(bytes, 6, [&](uint64_t number) { counts.AddText(number); })) return false;
  counts.End();
  NumberList bounds("explicitBounds", text_);
  if (!ForEachFixed64(bytes, 7, [&](uint64_t bits) { bounds.AddDouble(std::bit_cast<double>(bits)); }))
    return false;
  bounds.End();
  misshapen_ = counts.size() != bounds.size() + 1 && counts.size() + bounds.size() > 0;
  return true;
}

// Of a member that is given twice the last one counts; buckets are merged, as protobuf does.
bool MetricsReader::AppendExponential(std::string_view bytes) {
  std::optional<int32_t> scale;
  std::optional<uint64_t> zero_count;
  std::optional<double> zero_threshold;
  std::optional<std::string> positive;
  std::optional<std::string> negative;
  WireReader in(bytes);
  while (!in.AtEnd()) {
    uint32_t tag;
    uint64_t number;
    std::string_view inner;
    if (!in.ReadTag(tag)) return false;
    switch (tag) {
      case VarintTag(6):
        if (!in.ReadVarint(number)) return false;
        scale = ZigZag(number);
        break;
      case Fixed64Tag(7):
        if (!in.ReadFixed64(number)) return false;
        zero_count = number;
        break;
      case BytesTag(8):
      case BytesTag(9): {
        if (!in.ReadBytes(inner)) return false;
        std::optional<std::string>& buckets = tag == BytesTag(8) ? positive : negative;
        buckets = buckets.value_or("").append(inner);
        break;
      }
      case Fixed64Tag(14):
        if (!in.ReadFixed64(number)) return false;
        zero_threshold = std::bit_cast<double>(number);
        break;
      default:
        if (!in.Skip(tag)) return false;
    }
  }
  if (scale) {
    AppendKey("scale", text_);
    AppendJsonInt(*scale, text_);
  }
  if (zero_count) AppendUintText("zeroCount", *zero_count, text_);
  if (positive && !AppendBuckets("positive", *positive)) return false;
  if (negative && !AppendBuckets("negative", *negative)) return false;
  if (zero_threshold) AppendDouble("zeroThreshold", *zero_threshold, text_);
  return true;
}

bool MetricsReader::AppendBuckets(std::string_view name, std::string_view bytes) {
  AppendKey(name, text_);
  text_ += '{';
  WireReader in(bytes);
  int32_t offset = 0;
  while (!in.AtEnd()) {
    uint32_t tag;
    uint64_t number;
    if (!in.ReadTag(tag)) return false;
    if (tag == VarintTag(1)) {
      if (!in.ReadVarint(number)) return false;
      offset = ZigZag(number);
    } else if (!in.Skip(tag)) {
      return false;
    }
  }
  if (offset != 0) {
    AppendKey("offset", text_);
    AppendJsonInt(offset, text_);
  }
  NumberList counts("bucketCounts", text_);
  if (!ForEachVarint(bytes, 2, [&](uint64_t number) { counts.AddText(number); })) return false;
  counts.End();
  text_ += '}';
  return true;
}

bool MetricsReader::AppendQuantiles(std::string_view bytes) {
  bool first = true;
  WireReader in(bytes);
  while (!in.AtEnd()) {
    uint32_t tag;
    std::string_view inner;
    if (!in.ReadTag(tag)) return false;
    if (tag != BytesTag(6)) {
      if (!in.Skip(tag)) return false;
      continue;
    }
    if (!in.ReadBytes(inner)) return false;
    double quantile = 0;
    double value = 0;
    WireReader fields(inner);
    while (!fields.AtEnd()) {
      uint64_t bits;
      if (!fields.ReadTag(tag)) return false;
      if (tag != Fixed64Tag(1) && tag != Fixed64Tag(2)) {
        if (!fields.Skip(tag)) return false;
        continue;
      }
      if (!fields.ReadFixed64(bits)) return false;
      (tag == Fixed64Tag(1) ? quantile : value) = std::bit_cast<double>(bits);
    }
    text_ += first ? "\"quantileValues\":[{" : ",{";
    first = false;
    AppendDouble("quantile", quantile, text_);
    AppendDouble("value", value, text_);
    text_ += '}';
  }
  if (!first) text_ += ']';
  return true;
}

bool MetricsReader::AppendExemplars(std::string_view bytes, MetricPoint& point) {
  const uint32_t field = FieldsOf(point.type).exemplars;
  if (field == 0) return true;
  text_.clear();
  WireReader in(bytes);
  while (!in.AtEnd()) {
    uint32_t tag;
    std::string_view inner;
    if (!in.ReadTag(tag)) return false;
    if (tag != BytesTag(field)) {
      if (!in.Skip(tag)) return false;
      continue;
    }
    if (++exemplars_ > kExemplarsMax) return attributes_.Broken("too many exemplars in one request");
    text_ += text_.empty() ? "[{" : ",{";
    if (!in.ReadBytes(inner) || !AppendExemplar(inner)) return false;
    text_ += '}';
  }
  if (text_.empty()) return true;
  text_ += ']';
  point.exemplars = KeepText();
  return true;
}

// An exemplar whose ids are of a wrong length is kept without them, and counted.
bool MetricsReader::AppendExemplar(std::string_view bytes) {
  const size_t attributes_before = out_->attributes.size();
  Run attributes{.begin = static_cast<uint32_t>(attributes_before), .count = 0};
  std::string_view trace_id;
  std::string_view span_id;
  uint64_t time = 0;
  Value value;
  WireReader in(bytes);
  while (!in.AtEnd()) {
    uint32_t tag;
    uint64_t bits = 0;
    bool read = false;
    if (!in.ReadTag(tag)) return false;
    switch (tag) {
      case exemplar_field::kTime:
        read = in.ReadFixed64(time);
        break;
      case exemplar_field::kDouble:
        read = in.ReadFixed64(bits);
        value = {.type = ValueType::kDouble};
        value.real = std::bit_cast<double>(bits);
        break;
      case exemplar_field::kInt:
        read = in.ReadFixed64(bits);
        value = {.type = ValueType::kInt, .integer = static_cast<int64_t>(bits)};
        break;
      case exemplar_field::kSpanId:
        read = in.ReadBytes(span_id);
        break;
      case exemplar_field::kTraceId:
        read = in.ReadBytes(trace_id);
        break;
      case exemplar_field::kAttributes:
        read = ReadAttribute(in, attributes);
        break;
      default:
        read = in.Skip(tag);
    }
    if (!read) return false;
  }
  if (attributes.count > 0) {
    AppendKey("filteredAttributes", text_);
    AppendAttributesJson(*out_, attributes, text_);
    out_->attributes.resize(attributes_before);
  }
  AppendUintText("timeUnixNano", time, text_);
  if (value.type == ValueType::kInt) {
    AppendKey("asInt", text_);
    text_ += '"';
    AppendJsonInt(value.integer, text_);
    text_ += '"';
  }
  if (value.type == ValueType::kDouble) AppendDouble("asDouble", value.real, text_);
  const bool bad_id =
      (!span_id.empty() && span_id.size() != 8) || (!trace_id.empty() && trace_id.size() != 16);
  if (bad_id) Count(Counter::kExemplarIdsDropped);
  if (IsSpanId(span_id)) {
    AppendKey("spanId", text_);
    AppendJsonString(SpanId::FromBytes(span_id).Hex(), text_);
  }
  if (IsTraceId(trace_id)) {
    AppendKey("traceId", text_);
    AppendJsonString(TraceId::FromBytes(trace_id).Hex(), text_);
  }
  return true;
}

}  // namespace

Result<RefusedItems> DecodeMetricsProtobufUntrusted(std::string_view bytes, Batch& out) {
  return MetricsReader(bytes, out).Read();
}

}  // namespace telltale
