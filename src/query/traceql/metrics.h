// Series over time: what a TraceQL query with a metric at its end answers.
//
//   TELLTALE_ASSIGN_OR_RETURN(MetricAnswer answer,
//                             RunMetric(engine, *query, {.range = range, .step_nano = 60'000'000'000}));
//   for (const MetricSeries& series : answer.series) Plot(answer.first_unix_nano, series.values);
//
// Steps begin at multiples of the step since 1970, so that two questions about one time agree.
// Numbers that are durations are answered in seconds. Quantiles are within 1 %.
//
// A single filter is one statement: over `calls` where calls know all that is asked, else over
// `spans`. Anything else reads the traces that may match whole (matched_spans.h).
//
// Thread safety  Free functions.
// Failure        kInvalidInput: the query has no metric, or more than kMetricStepsMax steps are
//                asked for. kOverLimit: more than kMetricValuesMax values. As Engine::Query.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "query/filter.h"
#include "query/traceql/search.h"
#include "store/engine.h"

namespace telltale {

inline constexpr int64_t kMetricStepsMax = 11'000;
inline constexpr size_t kMetricValuesMax = 1'000'000;  // steps of all series together
inline constexpr size_t kMetricSeriesMax = 1'000;      // the largest ones are answered

struct MetricQuestion {
  TimeRange range;           // both ends are told
  int64_t step_nano = 0;     // 0: one value over the whole range
  size_t exemplars_max = 0;  // spans that stand for a value, over all series
};

struct MetricExemplar {
  TraceId trace_id;
  SpanId span_id;
  int64_t start_unix_nano = 0;
  double value = 0;
};

struct MetricSeries {
  // Name and typed text (FieldReading::typed): what `by` names, and of quantiles `p`, of
  // histograms `__bucket`, of compare `__meta_type` and the attribute.
  std::vector<std::pair<std::string, std::string>> labels;
  std::vector<double> values;  // one a step; NaN: no span says anything
  std::vector<MetricExemplar> exemplars;
};

struct MetricAnswer {
  int64_t first_unix_nano = 0;  // where the first step begins
  int64_t step_nano = 0;
  std::vector<MetricSeries> series;  // by labels; after topk() and bottomk() the ones that it keeps
  bool truncated = false;            // there are more than kMetricSeriesMax
};

Result<MetricAnswer> RunMetric(Engine& engine, const TraceQuery& query, const MetricQuestion& question);

}  // namespace telltale
