// Values by step and series while a metric is computed, and what is done with them at the end.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "query/traceql/metrics.h"
#include "traceql/ast.h"

namespace telltale::traceql {

// The steps of a question.
struct Steps {
  int64_t first_unix_nano = 0;
  int64_t step_nano = 0;
  size_t count = 0;
};
Result<Steps> StepsOf(const MetricQuestion& question);

// What spans of one step and series add up to.
struct StepValue {
  uint64_t count = 0;
  double sum = 0;
  double least = 0;
  double most = 0;
  std::vector<double> quantiles;  // beside MetricStage::quantiles
};

class SeriesBuilder {
 public:
  SeriesBuilder(const MetricStage& metric, const Steps& steps);

  // `keys`: typed texts beside MetricStage::by and, of a histogram, its bucket.
  Status Add(const std::vector<std::string>& keys, int64_t step, StepValue value);
  void SetQuantiles(const std::vector<std::string>& keys, int64_t step, std::vector<double> quantiles);
  // One of a step and series is enough.
  void AddExemplar(const std::vector<std::string>& keys, const MetricExemplar& exemplar);

  MetricAnswer Take(const Query& query, size_t exemplars_max);

 private:
  struct Row {
    std::vector<StepValue> steps;
    std::vector<MetricExemplar> exemplars;
  };

  void ThinExemplars(size_t exemplars_max);

  double NumberOf(const StepValue& value, size_t quantile) const;
  void AddSeries(const std::vector<std::string>& keys, Row& row, MetricAnswer& answer) const;

  const MetricStage& metric_;
  const Steps steps_;
  const double scale_;  // of the argument: seconds for durations
  std::map<std::vector<std::string>, Row> rows_;
  size_t values_ = 0;
  size_t exemplars_ = 0;
};

// `> 10`, `topk(5)`: a series without a value left is gone.
void Apply(const std::vector<SeriesStage>& stages, std::vector<MetricSeries>& series);

// Where a number lies in a histogram: the power of two above it, in seconds for durations.
double BucketOf(double number, bool is_duration);

}  // namespace telltale::traceql
