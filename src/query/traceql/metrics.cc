#include "query/traceql/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "query/statement.h"
#include "query/traceql/compare.h"
#include "query/traceql/matched_spans.h"
#include "query/traceql/row_sql.h"
#include "query/traceql/series.h"
#include "store/row_reader.h"

namespace telltale {
namespace {

using traceql::FieldExpression;
using traceql::MetricFunction;
using traceql::MetricStage;
using traceql::RowSource;
using traceql::RowSql;
using traceql::SqlPiece;
using traceql::StepValue;

// True where a condition holds on calls only.
bool ImpliesCall(const FieldExpression& expression) {
  if (const auto* chain = std::get_if<traceql::LogicalExpression>(&expression.node)) {
    return chain->op == traceql::LogicalOperator::kAnd ? std::ranges::any_of(chain->operands, ImpliesCall)
                                                       : std::ranges::all_of(chain->operands, ImpliesCall);
  }
  const auto* comparison = std::get_if<traceql::ComparisonExpression>(&expression.node);
  if (comparison == nullptr) return false;
  const auto is_nil = [](const FieldExpression& side) {
    const auto* literal = std::get_if<traceql::Literal>(&side.node);
    return literal != nullptr && std::holds_alternative<traceql::Nil>(*literal);
  };
  if (comparison->op == traceql::ComparisonOperator::kEqual &&
      (is_nil(*comparison->left) || is_nil(*comparison->right)))
    return false;
  bool has_call = false;
  VisitFields(expression, [&](const FieldExpression& field) {
    has_call = has_call || std::holds_alternative<traceql::CallFieldReference>(field.node);
  });
  return has_call;
}

class MetricRun {
 public:
  MetricRun(Engine& engine, const TraceQuery& query, const MetricQuestion& question,
            const traceql::Steps& steps)
      : engine_(engine),
        query_(query),
        metric_(*query.query().metric),
        question_(question),
        steps_(steps),
        builder_(metric_, steps) {}

  Result<MetricAnswer> Run() {
    TELLTALE_ASSIGN_OR_RETURN(const bool in_sql, RunInSql());
    if (!in_sql) TELLTALE_RETURN_IF_ERROR(RunOverTraces());
    return builder_.Take(query_.query(), question_.exemplars_max);
  }

 private:
  // False where one row does not tell all of it.
  Result<bool> RunInSql() {
    const traceql::SpansetFilter* filter = query_.plan().only_filter();
    if (filter == nullptr) return false;
    traceql::SqlParameters parameters("k");
    RowSql calls(RowSource::kCall, parameters, nullptr);
    const bool calls_tell = filter->condition && ImpliesCall(*filter->condition) && Tells(calls);
    if (calls_tell) {
      TELLTALE_ASSIGN_OR_RETURN(const std::shared_ptr<const SqlPiece> condition,
                                CallConditionOfFilter(engine_, query_, question_.range));
      if (condition) {
        TELLTALE_RETURN_IF_ERROR(Ask("calls FINAL", *condition, calls, parameters));
        return true;
      }
    }
    TELLTALE_ASSIGN_OR_RETURN(const std::set<std::string> keys,
                              traceql::KeysOfNoResource(engine_, query_.plan(), question_.range));
    RowSql spans(RowSource::kSpan, parameters, &keys);
    if (!Tells(spans)) return false;
    const traceql::DriverCondition driver = DriverOf(query_.plan(), traceql::DriverForm::kAlone, keys);
    if (!driver.is_exact) return false;
    TELLTALE_RETURN_IF_ERROR(Ask("spans", driver.piece, spans, parameters));
    return true;
  }

  bool Tells(RowSql& row) const {
    if (metric_.argument && !row.Reads(*metric_.argument)) return false;
    return std::ranges::all_of(metric_.by, [&](const FieldExpression& key) { return row.Reads(key); });
  }

  Status Ask(std::string_view table, const SqlPiece& condition, RowSql& row,
             traceql::SqlParameters& parameters) {
    const size_t keys = metric_.by.size();
    Statement sql("SELECT step");
    for (size_t i = 0; i < keys; ++i) sql << ", k" << std::to_string(i);
    const bool is_histogram = metric_.function == MetricFunction::kHistogramOverTime;
    if (is_histogram) sql << ", bucket";
    sql << ", count(), toFloat64(sum(x)), toFloat64(min(x)), toFloat64(max(x)), any((trace_id, span_id, "
           "start, x))";
    if (!metric_.quantiles.empty())
      sql << ", quantilesDD(0.01, " << fmt::format("{}", fmt::join(metric_.quantiles, ", ")) << ")(x)";
    sql << " FROM (SELECT toInt64(intDiv(toUnixTimestamp64Nano(start) - "
        << std::to_string(steps_.first_unix_nano) << ", " << std::to_string(steps_.step_nano) << ")) AS step";
    for (size_t i = 0; i < keys; ++i) sql << ", " << row.Typed(metric_.by[i]) << " AS k" << std::to_string(i);
    sql << ", " << (metric_.argument ? row.Number(*metric_.argument) : "CAST(0, 'Nullable(Float64)')")
        << " AS maybe, ifNull(maybe, 0) AS x";
    if (is_histogram) {
      const bool seconds = metric_.argument->type == traceql::ValueType::kDuration;
      sql << ", if(x > 0, exp2(ceil(log2(x" << (seconds ? " / 1e9" : "") << "))), 0) AS bucket";
    }
    sql << ", trace_id, span_id, start FROM " << table << " WHERE ";
    AddPiece(condition, question_.range, sql);
    sql.AndRange(question_.range) << " AND isNotNull(maybe)) GROUP BY step";
    for (size_t i = 0; i < keys; ++i) sql << ", k" << std::to_string(i);
    if (is_histogram) sql << ", bucket";
    sql << " LIMIT " << std::to_string(kMetricValuesMax + 1);
    return Read(sql, parameters);
  }

  Status Read(Statement& sql, const traceql::SqlParameters& parameters) {
    sql.Parameters(parameters.list());
    TELLTALE_ASSIGN_OR_RETURN(const QueryResult result,
                              engine_.Query(sql.Take("do_not_merge_across_partitions_select_final = 1")));
    for (RowReader rows(result.bytes); !rows.done();) {
      const auto step = rows.Number<int64_t>();
      std::vector<std::string> keys;
      for (size_t i = 0; i < metric_.by.size(); ++i) keys.emplace_back(rows.String());
      if (metric_.function == MetricFunction::kHistogramOverTime)
        keys.push_back("d" + fmt::format("{}", rows.Number<double>()));
      StepValue value;
      value.count = rows.Number<uint64_t>();
      value.sum = rows.Number<double>();
      value.least = rows.Number<double>();
      value.most = rows.Number<double>();
      MetricExemplar exemplar;
      exemplar.trace_id = TraceId::FromBytes(rows.FixedString(16));
      exemplar.span_id = SpanId::FromBytes(rows.FixedString(8));
      exemplar.start_unix_nano = rows.Number<int64_t>();
      exemplar.value = rows.Number<double>();
      if (!metric_.quantiles.empty()) {
        value.quantiles.resize(rows.Length());
        for (double& quantile : value.quantiles) quantile = rows.Number<double>();
      }
      TELLTALE_RETURN_IF_ERROR(builder_.Add(keys, step, std::move(value)));
      builder_.AddExemplar(keys, exemplar);
    }
    return {};
  }

  // The general way: traces that may match, read whole.
  Status RunOverTraces() {
    using Place = std::pair<std::vector<std::string>, int64_t>;
    std::map<Place, std::vector<double>> numbers;  // where quantiles are wanted
    std::set<Place> steps_told;
    size_t kept = 0;
    Status status;
    const traceql::Plan& plan = query_.plan();
    const Status visited = VisitMatches(engine_, query_, question_.range, [&](const MatchedTrace& trace) {
      for (const traceql::Spanset& set : trace.sets) {
        for (const uint32_t span : set.spans) {
          const traceql::SpanFacts& facts = trace.table.spans[span];
          const double number =
              metric_.argument
                  ? trace.table.numbers[span * plan.numbers().size() + plan.NumberOf(*metric_.argument)]
                  : 0;
          if (std::isnan(number)) continue;
          const std::vector<std::string> keys = KeysOf(trace, span, number);
          const int64_t step = (facts.start_unix_nano - steps_.first_unix_nano) / steps_.step_nano;
          const bool first_of_step = steps_told.emplace(keys, step).second;
          status = builder_.Add(
              keys, step, {.count = 1, .sum = number, .least = number, .most = number, .quantiles = {}});
          if (!status) return false;
          if (!metric_.quantiles.empty()) {
            numbers[{keys, step}].push_back(number);
            if (++kept > kNumbersMax) return false;
          }
          if (first_of_step)
            builder_.AddExemplar(keys, {.trace_id = trace.table.trace_id,
                                        .span_id = facts.span_id,
                                        .start_unix_nano = facts.start_unix_nano,
                                        .value = number});
        }
      }
      return true;
    });
    TELLTALE_RETURN_IF_ERROR(visited);
    TELLTALE_RETURN_IF_ERROR(status);
    if (kept > kNumbersMax) {
      return Fail(ErrorCode::kOverLimit,
                  "query: more than 5000000 spans match: too many for quantiles over "
                  "traces that are read whole",
                  "narrow the time range, or ask with a single filter: { ... && ... }");
    }
    for (auto& [place, values] : numbers)
      builder_.SetQuantiles(place.first, place.second, QuantilesOf(values));
    return {};
  }

  std::vector<std::string> KeysOf(const MatchedTrace& trace, uint32_t span, double number) const {
    std::vector<std::string> keys;
    for (const FieldExpression& key : metric_.by) {
      const size_t column = query_.plan().KeyOf(key);
      keys.push_back(trace.texts.TextOf(trace.table.keys[span * query_.plan().keys().size() + column]));
    }
    if (metric_.function == MetricFunction::kHistogramOverTime) {
      const bool seconds = metric_.argument->type == traceql::ValueType::kDuration;
      keys.push_back("d" + fmt::format("{}", traceql::BucketOf(number, seconds)));
    }
    return keys;
  }

  std::vector<double> QuantilesOf(std::vector<double>& numbers) const {
    std::vector<double> quantiles;
    for (const double level : metric_.quantiles) {
      const auto place = static_cast<size_t>(std::lround(level * static_cast<double>(numbers.size() - 1)));
      std::ranges::nth_element(numbers, numbers.begin() + static_cast<ptrdiff_t>(place));
      quantiles.push_back(numbers[place]);
    }
    return quantiles;
  }

  static constexpr size_t kNumbersMax = 5'000'000;

  Engine& engine_;
  const TraceQuery& query_;
  const MetricStage& metric_;
  const MetricQuestion& question_;
  const traceql::Steps steps_;
  traceql::SeriesBuilder builder_;
};

}  // namespace

Result<MetricAnswer> RunMetric(Engine& engine, const TraceQuery& query, const MetricQuestion& question) {
  if (!query.is_metric()) {
    return Fail(ErrorCode::kInvalidInput, "query: it finds spans, and a series over time was asked for",
                "end it with a metric, such as | rate() or | quantile_over_time(duration, 0.95)");
  }
  TELLTALE_ASSIGN_OR_RETURN(const traceql::Steps steps, traceql::StepsOf(question));
  if (query.query().metric->function == MetricFunction::kCompare)
    return traceql::RunCompare(engine, query, question, steps);
  return MetricRun(engine, query, question, steps).Run();
}

}  // namespace telltale
