#include "query/traceql/compare.h"

#include <limits>
#include <map>
#include <tuple>
#include <utility>

#include "query/statement.h"
#include "query/traceql/row_sql.h"
#include "store/row_reader.h"

namespace telltale::traceql {
namespace {

// Values of spans that say the same about each of them are not told apart by it.
constexpr std::string_view kOfSpans =
    "arrayConcat([('name', concat('s', name)), ('kind', concat('s', {kinds}[kind + 1])), "
    "('status', concat('s', {statuses}[status + 1])), ('resource.service.name', concat('s', service))], "
    "arrayMap((key, value, place) -> (concat('span.', key), "
    "concat(substring(attr_types, place, 1), value)), mapKeys(attrs), mapValues(attrs), "
    "arrayEnumerate(mapKeys(attrs))))";

constexpr std::string_view kOfResources =
    "arrayMap(pair -> (concat('resource.', JSONExtractString(pair, 'key')), "
    "multiIf(JSONHas(pair, 'value', 'stringValue'), "
    "concat('s', JSONExtractString(pair, 'value', 'stringValue')), JSONHas(pair, 'value', 'intValue'), "
    "concat('i', JSONExtractString(pair, 'value', 'intValue')), JSONHas(pair, 'value', 'boolValue'), "
    "concat('b', JSONExtractRaw(pair, 'value', 'boolValue')), JSONHas(pair, 'value', 'doubleValue'), "
    "concat('d', JSONExtractRaw(pair, 'value', 'doubleValue')), '')), "
    "arrayFilter(pair -> JSONExtractString(pair, 'key') != 'service.name', "
    "JSONExtractArrayRaw(resource, 'attributes')))";

// Attributes of one key that are looked at before the most frequent ones are chosen.
constexpr std::string_view kRowsMax = "200000";

std::string SpanPairs() {
  std::string text(kOfSpans);
  text.replace(text.find("{kinds}"), 7, WordsSql(WordSet::kSpanKind));
  text.replace(text.find("{statuses}"), 10, WordsSql(WordSet::kStatus));
  return text;
}

class Comparison {
 public:
  Comparison(Engine& engine, const TraceQuery& query, const MetricQuestion& question, const Steps& steps)
      : engine_(engine),
        query_(query),
        question_(question),
        steps_(steps),
        arguments_(*query.query().metric->compare) {}

  Result<MetricAnswer> Run() {
    TELLTALE_ASSIGN_OR_RETURN(keys_of_no_resource_,
                              KeysOfNoResource(engine_, query_.plan(), question_.range));
    driver_ = DriverOf(query_.plan(), DriverForm::kAlone, keys_of_no_resource_);
    RowSql row(RowSource::kSpan, parameters_, &keys_of_no_resource_);
    selection_ = arguments_.selection.condition ? row.AtMost(*arguments_.selection.condition) : "1";
    if (!driver_.is_exact || !row.is_exact()) {
      return Fail(
          ErrorCode::kInvalidInput,
          "query: compare() takes conditions on the span itself: not on its parent, its trace or other spans",
          "{ conditions } | compare({ conditions })");
    }
    TELLTALE_RETURN_IF_ERROR(Ask(SpanPairs(), "attrs, attr_types, name, kind, status, service"));
    TELLTALE_RETURN_IF_ERROR(Ask(kOfResources, "resource"));
    return Answer();
  }

 private:
  std::string InSelection() const {
    if (!arguments_.window) return selection_;
    const auto time = [](int64_t nano) {
      return "fromUnixTimestamp64Nano(" + std::to_string(nano) + ", 'UTC')";
    };
    return "(" + selection_ + " AND start >= " + time(arguments_.window->start_unix_nano) + " AND start < " +
           time(arguments_.window->end_unix_nano) + ")";
  }

  // Spans with equal columns are counted together before their attributes are taken apart.
  Status Ask(std::string_view pairs, std::string_view columns) {
    Statement sql(
        "SELECT selected, pair.1 AS key, pair.2 AS value, sum(spans) AS total, sumMap([step], [spans]) FROM "
        "(SELECT ");
    sql << "selected, step, spans, arrayJoin(" << pairs << ") AS pair FROM (SELECT toUInt8(";
    AddText(InSelection(), question_.range, sql);
    sql << ") AS selected, toInt64(intDiv(toUnixTimestamp64Nano(start) - "
        << std::to_string(steps_.first_unix_nano) << ", " << std::to_string(steps_.step_nano)
        << ")) AS step, " << columns << ", count() AS spans FROM spans WHERE ";
    AddPiece(driver_.piece, question_.range, sql);
    sql.AndRange(question_.range) << " GROUP BY selected, step, " << columns
                                  << ")) GROUP BY selected, key, value ORDER BY total DESC LIMIT "
                                  << kRowsMax;
    sql.Parameters(parameters_.list());
    TELLTALE_ASSIGN_OR_RETURN(const QueryResult result, engine_.Query(sql.Take("max_threads = 2")));
    for (RowReader rows(result.bytes); !rows.done();) ReadRow(rows);
    return {};
  }

  void ReadRow(RowReader& rows) {
    const bool selected = rows.Number<uint8_t>() != 0;
    const std::string key(rows.String());
    const std::string value(rows.String());
    rows.Number<uint64_t>();
    std::vector<int64_t> steps(rows.Length());
    for (int64_t& step : steps) step = rows.Number<int64_t>();
    std::vector<uint64_t> counts(rows.Length());
    for (uint64_t& count : counts) count = rows.Number<uint64_t>();
    Side& side = sides_[{selected, key}];
    std::vector<double> values(steps_.count);
    side.total.resize(steps_.count);
    for (size_t i = 0; i < steps.size(); ++i) {
      if (steps[i] < 0 || static_cast<size_t>(steps[i]) >= steps_.count) continue;
      const auto count = static_cast<double>(counts[i]);
      values[static_cast<size_t>(steps[i])] += count;
      side.total[static_cast<size_t>(steps[i])] += count;
    }
    // The most frequent come first.
    if (side.values.size() < static_cast<size_t>(arguments_.top))
      side.values.emplace_back(value, std::move(values));
  }

  MetricAnswer Answer() {
    MetricAnswer answer{
        .first_unix_nano = steps_.first_unix_nano, .step_nano = steps_.step_nano, .series = {}};
    for (auto& [place, side] : sides_) {
      const auto& [selected, key] = place;
      const std::string type = selected ? "sselection" : "sbaseline";
      for (auto& [value, counts] : side.values)
        answer.series.push_back(
            {.labels = {{"__meta_type", type}, {key, value}}, .values = std::move(counts), .exemplars = {}});
      answer.series.push_back({.labels = {{"__meta_type", type + "_total"}, {key, ""}},
                               .values = std::move(side.total),
                               .exemplars = {}});
    }
    Apply(query_.query().series, answer.series);
    return answer;
  }

  struct Side {
    std::vector<std::pair<std::string, std::vector<double>>> values;
    std::vector<double> total;
  };

  Engine& engine_;
  const TraceQuery& query_;
  const MetricQuestion& question_;
  const Steps& steps_;
  const CompareArguments& arguments_;
  SqlParameters parameters_{"s"};
  std::set<std::string> keys_of_no_resource_;
  DriverCondition driver_;
  std::string selection_;
  std::map<std::pair<bool, std::string>, Side> sides_;
};

}  // namespace

Result<MetricAnswer> RunCompare(Engine& engine, const TraceQuery& query, const MetricQuestion& question,
                                const Steps& steps) {
  return Comparison(engine, query, question, steps).Run();
}

}  // namespace telltale::traceql
