// Metric points, newest first, and the names of what was measured. The only place that
// knows the columns of the table `metrics`.
//
//   TELLTALE_ASSIGN_OR_RETURN(MetricPage page,
//                             ReadMetrics(engine, {.filter = {.name = "gen_ai.client.token.usage"}}));
//
// Ownership      Views of a row point into the page's bytes; moving the page keeps them.
// Failure        As Engine::Query.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "query/columns.h"
#include "query/filter.h"
#include "store/engine.h"

namespace telltale {

struct MetricFilter {
  TimeRange range;
  std::string name;     // empty: any
  std::string service;  // empty: any
  std::vector<AttributeFilter> attributes;
};

// Fields as those of MetricPoint in trace/batch.h. NaN: the point does not have it.
struct MetricRow {
  std::string_view name;
  int64_t time_unix_nano = 0;
  int64_t start_unix_nano = 0;
  std::string_view service;
  MetricType type = MetricType::kGauge;
  uint8_t temporality = 0;
  bool monotonic = false;
  std::string_view unit;
  std::string_view description;
  double value = 0;
  bool is_integer = false;
  int64_t integer = 0;
  uint64_t count = 0;
  double sum = 0;
  double min = 0;
  double max = 0;
  std::string_view shape;      // members of an OTLP/JSON data point
  std::string_view exemplars;  // empty or a JSON array
  uint32_t flags = 0;
  StoredAttributes attributes;
  std::string_view resource;
  std::string_view scope;
};

struct MetricPage {
  std::vector<MetricRow> rows;
  std::optional<int64_t> next;  // where the next page's range ends
  std::unique_ptr<const QueryResult> bytes;
};

struct MetricSearch {
  MetricFilter filter;
  size_t limit = 100;
};

Result<MetricPage> ReadMetrics(Engine& engine, const MetricSearch& search);

struct MetricName {
  std::string name;
  MetricType type = MetricType::kGauge;
  std::string unit;
  std::string description;
  uint64_t points = 0;
  int64_t last_unix_nano = 0;
  std::vector<std::string> services;  // sorted
};

// By name; one entry for each type and unit that a name was sent with.
Result<std::vector<MetricName>> ListMetricNames(Engine& engine, const TimeRange& range,
                                                const std::string& service);

}  // namespace telltale
