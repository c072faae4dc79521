#include <limits>

#include "ingest/encode.h"

namespace telltale {
namespace {

constexpr uint64_t kColumns = 24;

// What a point does not have is NaN in the store: no value of its own.
double Or(bool has, double value) {
  return has ? value : std::numeric_limits<double>::quiet_NaN();
}

bool HasValue(const MetricPoint& point) {
  return point.type == MetricType::kGauge || point.type == MetricType::kSum;
}

double ValueOf(const MetricPoint& point) {
  if (!HasValue(point)) return std::numeric_limits<double>::quiet_NaN();
  return point.is_integer ? static_cast<double>(point.integer) : point.value;
}

}  // namespace

Block MetricEncoder::Encode(const Batch& batch, uint64_t received_unix_ms) {
  Begin(batch, nullptr, RuleTable::BuiltIn());
  const auto& points = batch.points;
  NativeBlock block(kColumns, points.size(), out_);
  using Point = MetricPoint;

  Dictionary(block, points, "name", [](const Point& point) { return point.name; });
  Numbers(block, points, "time", "DateTime64(9, 'UTC')",
          [](const Point& point) { return static_cast<int64_t>(point.time_unix_nano); });
  Numbers(block, points, "start", "DateTime64(9, 'UTC')",
          [](const Point& point) { return static_cast<int64_t>(point.start_unix_nano); });
  Service(block, points);
  Numbers(block, points, "type", "UInt8",
          [](const Point& point) { return static_cast<uint8_t>(point.type); });
  Numbers(block, points, "temporality", "UInt8", [](const Point& point) { return point.temporality; });
  Numbers(block, points, "monotonic", "UInt8",
          [](const Point& point) { return static_cast<uint8_t>(point.monotonic); });
  Dictionary(block, points, "unit", [](const Point& point) { return point.unit; });
  Dictionary(block, points, "description", [](const Point& point) { return point.description; });
  Numbers(block, points, "value", "Float64", ValueOf);
  Numbers(block, points, "is_integer", "UInt8",
          [](const Point& point) { return static_cast<uint8_t>(point.is_integer); });
  Numbers(block, points, "integer", "Int64", [](const Point& point) { return point.integer; });
  Numbers(block, points, "count", "UInt64", [](const Point& point) { return point.count; });
  Numbers(block, points, "sum", "Float64", [](const Point& point) { return Or(point.has_sum, point.sum); });
  Numbers(block, points, "min", "Float64", [](const Point& point) { return Or(point.has_min, point.min); });
  Numbers(block, points, "max", "Float64", [](const Point& point) { return Or(point.has_max, point.max); });
  Texts(block, points, "shape", [](const Point& point) { return point.shape; });
  Texts(block, points, "exemplars", [](const Point& point) { return point.exemplars; });
  Numbers(block, points, "flags", "UInt32", [](const Point& point) { return point.flags; });
  Attributes(block, batch, points);
  ResourceAndScope(block, points);
  Received(block, points.size(), received_unix_ms);
  return Finish(BlockKind::kMetrics, points.size());
}

}  // namespace telltale
