#include "query/traceql/series.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <utility>

#include "base/overloaded.h"
#include "query/traceql/comparison.h"
#include "traceql/format.h"

namespace telltale::traceql {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr double kNanosPerSecond = 1e9;
constexpr size_t kExemplarsMax = 50'000;  // held while a metric is computed

bool IsDuration(const MetricStage& metric) {
  return metric.argument && metric.argument->type == ValueType::kDuration;
}

double Value(const Literal& literal) {
  return std::visit(
      Overloaded{[](int64_t number) { return static_cast<double>(number); },
                 [](double number) { return number; },
                 [](Duration duration) { return static_cast<double>(duration.nano) / kNanosPerSecond; },
                 [](const auto&) { return kNone; }},
      literal);
}

// In each step the largest, or smallest, stay.
void KeepTop(const SeriesTop& top, std::vector<MetricSeries>& series) {
  const size_t steps = series.empty() ? 0 : series[0].values.size();
  std::vector<size_t> order(series.size());
  for (size_t step = 0; step < steps; ++step) {
    std::iota(order.begin(), order.end(), size_t{0});
    std::erase_if(order, [&](size_t i) { return std::isnan(series[i].values[step]); });
    std::ranges::sort(order, [&](size_t a, size_t b) {
      const double left = series[a].values[step];
      const double right = series[b].values[step];
      if (left == right) return a < b;
      return top.largest ? left > right : left < right;
    });
    for (size_t place = static_cast<size_t>(top.count); place < order.size(); ++place)
      series[order[place]].values[step] = kNone;
  }
}

}  // namespace

Result<Steps> StepsOf(const MetricQuestion& question) {
  const int64_t start = question.range.start_unix_nano;
  const int64_t end = question.range.end_unix_nano;
  if (question.step_nano <= 0)
    return Steps{.first_unix_nano = start, .step_nano = std::max<int64_t>(end - start, 1), .count = 1};
  const int64_t step = question.step_nano;
  const int64_t first = start / step * step;
  const int64_t count = end > first ? (end - first - 1) / step + 1 : 0;
  if (count > kMetricStepsMax) {
    return Fail(ErrorCode::kInvalidInput,
                fmt::format("query: {} steps in the range: at most 11000 are possible", count),
                "choose a longer step or a shorter range");
  }
  return Steps{.first_unix_nano = first, .step_nano = step, .count = static_cast<size_t>(count)};
}

double BucketOf(double number, bool is_duration) {
  if (is_duration) number /= kNanosPerSecond;
  return number > 0 ? std::exp2(std::ceil(std::log2(number))) : 0;
}

SeriesBuilder::SeriesBuilder(const MetricStage& metric, const Steps& steps)
    : metric_(metric), steps_(steps), scale_(IsDuration(metric) ? kNanosPerSecond : 1) {}

Status SeriesBuilder::Add(const std::vector<std::string>& keys, int64_t step, StepValue value) {
  if (step < 0 || static_cast<size_t>(step) >= steps_.count) return {};
  const auto [at, is_new] = rows_.try_emplace(keys);
  if (is_new) {
    values_ += steps_.count;
    if (values_ > kMetricValuesMax) {
      return Fail(ErrorCode::kOverLimit,
                  "query: more than a million values: too many series for so many steps",
                  "group by fewer fields, choose a longer step or a shorter range");
    }
    at->second.steps.resize(steps_.count);
  }
  StepValue& place = at->second.steps[static_cast<size_t>(step)];
  if (place.count == 0) {
    place = std::move(value);
    return {};
  }
  place.count += value.count;
  place.sum += value.sum;
  place.least = std::min(place.least, value.least);
  place.most = std::max(place.most, value.most);
  return {};
}

void SeriesBuilder::SetQuantiles(const std::vector<std::string>& keys, int64_t step,
                                 std::vector<double> quantiles) {
  const auto at = rows_.find(keys);
  if (at != rows_.end() && step >= 0 && static_cast<size_t>(step) < steps_.count)
    at->second.steps[static_cast<size_t>(step)].quantiles = std::move(quantiles);
}

void SeriesBuilder::AddExemplar(const std::vector<std::string>& keys, const MetricExemplar& exemplar) {
  const auto at = rows_.find(keys);
  if (at == rows_.end() || exemplars_ >= kExemplarsMax) return;
  at->second.exemplars.push_back(exemplar);
  at->second.exemplars.back().value /= scale_;
  ++exemplars_;
}

// What is wanted of them, spread over all series and times.
void SeriesBuilder::ThinExemplars(size_t exemplars_max) {
  size_t index = 0;
  for (auto& [keys, row] : rows_) {
    std::ranges::sort(row.exemplars, {}, &MetricExemplar::start_unix_nano);
    std::erase_if(row.exemplars, [&](const MetricExemplar&) {
      // The i-th stays where i * max / count steps over a whole number.
      const size_t before = index * exemplars_max / exemplars_;
      ++index;
      return index * exemplars_max / exemplars_ == before;
    });
  }
}

double SeriesBuilder::NumberOf(const StepValue& value, size_t quantile) const {
  const auto count = static_cast<double>(value.count);
  // Nobody calls is a rate of 0; nobody tells a number is no number.
  const bool counts =
      metric_.function == MetricFunction::kRate || metric_.function == MetricFunction::kCountOverTime ||
      metric_.function == MetricFunction::kHistogramOverTime || metric_.function == MetricFunction::kCompare;
  if (value.count == 0) return counts ? 0 : kNone;
  switch (metric_.function) {
    case MetricFunction::kRate:
      return count / (static_cast<double>(steps_.step_nano) / kNanosPerSecond);
    case MetricFunction::kSumOverTime:
      return value.sum / scale_;
    case MetricFunction::kAvgOverTime:
      return value.sum / count / scale_;
    case MetricFunction::kMinOverTime:
      return value.least / scale_;
    case MetricFunction::kMaxOverTime:
      return value.most / scale_;
    case MetricFunction::kQuantileOverTime:
      return quantile < value.quantiles.size() ? value.quantiles[quantile] / scale_ : kNone;
    case MetricFunction::kCountOverTime:
    case MetricFunction::kHistogramOverTime:
    case MetricFunction::kCompare:
      return count;
  }
  return kNone;
}

void SeriesBuilder::AddSeries(const std::vector<std::string>& keys, Row& row, MetricAnswer& answer) const {
  const size_t variants =
      metric_.function == MetricFunction::kQuantileOverTime ? metric_.quantiles.size() : 1;
  for (size_t variant = 0; variant < variants; ++variant) {
    MetricSeries& series = answer.series.emplace_back();
    for (size_t i = 0; i < metric_.by.size(); ++i) series.labels.emplace_back(Format(metric_.by[i]), keys[i]);
    if (metric_.function == MetricFunction::kHistogramOverTime)
      series.labels.emplace_back("__bucket", keys[metric_.by.size()]);
    if (metric_.function == MetricFunction::kQuantileOverTime)
      series.labels.emplace_back("p", "d" + fmt::format("{}", metric_.quantiles[variant]));
    for (const StepValue& value : row.steps) series.values.push_back(NumberOf(value, variant));
    if (variant == 0) series.exemplars = std::move(row.exemplars);
  }
}

MetricAnswer SeriesBuilder::Take(const Query& query, size_t exemplars_max) {
  if (exemplars_ > exemplars_max) ThinExemplars(exemplars_max);
  MetricAnswer answer{.first_unix_nano = steps_.first_unix_nano, .step_nano = steps_.step_nano, .series = {}};
  // Without groups there is a series also where there is no span.
  if (rows_.empty() && metric_.by.empty() && metric_.function != MetricFunction::kHistogramOverTime)
    rows_[{}].steps.resize(steps_.count);
  for (auto& [keys, row] : rows_) AddSeries(keys, row, answer);
  Apply(query.series, answer.series);
  if (answer.series.size() <= kMetricSeriesMax) return answer;
  const auto total = [](const MetricSeries& series) {
    double sum = 0;
    for (const double value : series.values) sum += std::isnan(value) ? 0 : value;
    return sum;
  };
  std::ranges::sort(answer.series, std::ranges::greater(), total);
  answer.series.resize(kMetricSeriesMax);
  answer.truncated = true;
  return answer;
}

void Apply(const std::vector<SeriesStage>& stages, std::vector<MetricSeries>& series) {
  for (const SeriesStage& stage : stages) {
    std::visit(Overloaded{[&](const SeriesTop& top) { KeepTop(top, series); },
                          [&](const SeriesFilter& filter) {
                            const double bound = Value(filter.value);
                            for (MetricSeries& each : series) {
                              for (double& value : each.values) {
                                if (!Holds(filter.op, value, bound)) value = kNone;
                              }
                            }
                          }},
               stage.node);
    std::erase_if(series, [](const MetricSeries& each) {
      return std::ranges::all_of(each.values, [](double value) { return std::isnan(value); });
    });
  }
}

}  // namespace telltale::traceql
