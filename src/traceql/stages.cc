// The pipeline: stages, the metric that may end it, and hints.
#include <algorithm>
#include <iterator>
#include <vector>

#include "traceql/format.h"
#include "traceql/parser.h"

namespace telltale::traceql {
namespace {

constexpr double kQuantileMax = 1;

SourceRange Over(SourceRange first, SourceRange last) {
  return {first.begin, last.end};
}

bool IsField(const FieldExpression& expression) {
  return std::holds_alternative<IntrinsicField>(expression.node) ||
         std::holds_alternative<AttributeField>(expression.node) ||
         std::holds_alternative<CallFieldReference>(expression.node);
}

}  // namespace

std::optional<Query> Parser::ParseQuery() {
  Query query;
  if (At(LexemeKind::kEnd)) return Fail(next_.range, "the query is empty", "{ } finds every span");
  do {
    if (!query.stages.empty()) Take();
    if (At(LexemeKind::kWord)) {
      if (const auto function = FindMetric(next_.text)) {
        if (query.stages.empty())
          return Fail(next_.range, "a metric needs spans before it",
                      "{ } | " + next_.text + "() takes all of them");
        query.metric = ParseMetric(*function);
        if (!query.metric || !ParseSeries(query)) return std::nullopt;
        break;
      }
    }
    std::optional<Item> item = ParseItem(query.stages.empty());
    if (!item) return std::nullopt;
    auto* stage = std::get_if<Stage>(&item->node);
    if (stage == nullptr) {
      const SourceRange range = std::get<ScalarExpression>(item->node).range;
      return Fail(range, "expected a comparison: `" + TextOf(range) + "` is a number",
                  AtWord("by") ? "series: | count_over_time() by (...); groups: | by(...) | count() > 2"
                               : "as in " + TextOf(range) + " > 2");
    }
    query.stages.push_back(std::move(*stage));
  } while (At(LexemeKind::kPipe));
  if (AtWord("with") && !ParseHints(query)) return std::nullopt;
  if (At(LexemeKind::kEnd)) return query;
  if (At(LexemeKind::kOpenBrace))
    return FailExpected("`|`, an operator or the end", "between sets of spans stands &&, ||, >, >> ...");
  if (AtWord("by") && !query.metric)
    return FailExpected("`|`, an operator or the end", "by(...) is a stage: | by(...)");
  if (!query.hints.empty()) return FailExpected("the end of the query", "with (...) stands at the end");
  return FailExpected(query.metric ? "`by`, `|` or the end" : "`|`, an operator or the end");
}

std::optional<Parser::Item> Parser::ParseItem(bool first) {
  if (AtWord("by")) return ParseGroupBy();
  if (AtWord("select")) return ParseSelect();
  if (AtWord("coalesce")) return ParseCoalesce(first);
  std::optional<Term> term = ParseTerm();
  if (!term) return std::nullopt;
  if (!FitsDepth(term->height, term->range)) return std::nullopt;
  if (auto* number = std::get_if<ScalarExpression>(&term->node))
    return Item{std::move(*number), term->height};
  Stage stage{.node = {}, .range = term->range};
  if (auto* filter = std::get_if<ScalarFilter>(&term->node)) {
    stage.node = std::move(*filter);
  } else {
    stage.node = std::move(std::get<SpansetExpression>(term->node));
  }
  return Item{std::move(stage), term->height};
}

std::nullopt_t Parser::FailUnknownStage() {
  constexpr std::string_view kWhat = "a stage: { ... }, count(), avg(...), by(...), select(...), rate() ...";
  if (At(LexemeKind::kAttribute) || At(LexemeKind::kCallField) || At(LexemeKind::kColonName) ||
      At(LexemeKind::kDottedName))
    return FailExpected(kWhat, "conditions on spans stand in braces: { " + TextOf(next_.range) + " = ... }");
  if (!At(LexemeKind::kWord)) return FailExpected(kWhat);
  const std::string& word = next_.text;
  if (FindMetric(word))
    return Fail(next_.range, "a metric cannot stand here",
                word + "() ends a query: { ... } | " + word + "()");
  if (word == "topk" || word == "bottomk")
    return Fail(next_.range, word + " needs the series of a metric before it",
                "{ ... } | rate() by (...) | " + word + "(5)");
  constexpr std::string_view kStages[] = {"count",
                                          "avg",
                                          "min",
                                          "max",
                                          "sum",
                                          "by",
                                          "select",
                                          "coalesce",
                                          "rate",
                                          "count_over_time",
                                          "sum_over_time",
                                          "avg_over_time",
                                          "min_over_time",
                                          "max_over_time",
                                          "quantile_over_time",
                                          "histogram_over_time",
                                          "compare",
                                          "topk",
                                          "bottomk"};
  const std::string_view near = NearestName(word, kStages);
  if (!near.empty() && near != word)
    return Fail(next_.range, "unknown stage `" + TextOf(next_.range) + "`", std::string(near) + "?");
  return FailExpected(
      kWhat, FindIntrinsic(word) ? "conditions on spans stand in braces: { " + word + " = ... }" : "");
}

std::optional<Parser::Item> Parser::ParseGroupBy() {
  const Lexeme name = Take();
  std::optional<std::vector<Field>> keys = ParseFieldList();
  if (!keys) return std::nullopt;
  GroupBy group;
  int height = 1;
  for (Field& key : *keys) {
    height = std::max(height, key.height + 1);
    group.keys.push_back(std::move(key.expression));
  }
  return Item{Stage{std::move(group), Over(name.range, last_)}, height};
}

std::optional<Parser::Item> Parser::ParseSelect() {
  const Lexeme name = Take();
  std::optional<std::vector<Field>> fields = ParseFieldList();
  if (!fields) return std::nullopt;
  Select select;
  for (Field& field : *fields) select.fields.push_back(std::move(field.expression));
  if (!CheckFieldsOnly(select.fields, "select()")) return std::nullopt;
  return Item{Stage{std::move(select), Over(name.range, last_)}};
}

std::optional<Parser::Item> Parser::ParseCoalesce(bool first) {
  const Lexeme name = Take();
  if (!Expect(LexemeKind::kOpenParenthesis, "`(`") || !Expect(LexemeKind::kCloseParenthesis, "`)`"))
    return std::nullopt;
  const SourceRange range = Over(name.range, last_);
  if (first) return Fail(range, "coalesce() cannot be first", "it undoes a by(...) before it");
  return Item{Stage{Coalesce{}, range}};
}

bool Parser::CheckFieldsOnly(const std::vector<FieldExpression>& fields, std::string_view where) {
  for (const FieldExpression& field : fields) {
    if (IsField(field)) continue;
    Fail(field.range, std::string(where) + " takes fields, not expressions",
         "as in " + std::string(where.substr(0, where.find('('))) + "(name, span.http.route)");
    return false;
  }
  return true;
}

std::optional<MetricStage> Parser::ParseMetric(MetricFunction function) {
  const Lexeme name = Take();
  MetricStage metric;
  metric.function = function;
  if (!Expect(LexemeKind::kOpenParenthesis, "`(`")) return std::nullopt;
  const bool fits =
      function == MetricFunction::kCompare ? ParseCompare(metric) : ParseMetricArguments(metric);
  if (!fits || !Expect(LexemeKind::kCloseParenthesis, "`)`")) return std::nullopt;
  if (AtWord("by") && !ParseMetricBy(metric)) return std::nullopt;
  metric.range = Over(name.range, last_);
  return metric;
}

bool Parser::ParseMetricArguments(MetricStage& metric) {
  const std::string name(MetricName(metric.function));
  if (metric.function == MetricFunction::kRate || metric.function == MetricFunction::kCountOverTime) {
    if (At(LexemeKind::kCloseParenthesis)) return true;
    FailExpected("`)`", name + "() takes no field: filter the spans before it");
    return false;
  }
  if (At(LexemeKind::kCloseParenthesis)) {
    FailExpected("a field", "as in " + name +
                                (metric.function == MetricFunction::kQuantileOverTime ? "(duration, 0.9)"
                                                                                      : "(duration)"));
    return false;
  }
  std::optional<Field> argument = ParseField();
  if (!argument) return false;
  metric.argument = std::move(argument->expression);
  return metric.function != MetricFunction::kQuantileOverTime || ParseQuantiles(metric);
}

bool Parser::ParseQuantiles(MetricStage& metric) {
  if (!At(LexemeKind::kComma)) {
    FailExpected("`,` and a quantile", "as in quantile_over_time(duration, 0.5, 0.99)");
    return false;
  }
  while (At(LexemeKind::kComma)) {
    Take();
    const SourceRange first = next_.range;
    if (!At(LexemeKind::kInteger) && !At(LexemeKind::kReal) && !At(Operator::kSubtract)) {
      FailExpected("a quantile between 0 and 1");
      return false;
    }
    const std::optional<Literal> literal = ParseLiteral();
    if (!literal) return false;
    const auto* whole = std::get_if<int64_t>(&*literal);
    const auto* real = std::get_if<double>(&*literal);
    const double quantile = whole ? static_cast<double>(*whole) : real ? *real : -1;
    if (quantile < 0 || quantile > kQuantileMax) {
      Fail(Over(first, last_), "a quantile is between 0 and 1", "the 99th percentile is 0.99");
      return false;
    }
    metric.quantiles.push_back(quantile);
  }
  return true;
}

// `{ selection }, top, start, end`
bool Parser::ParseCompare(MetricStage& metric) {
  CompareArguments compare;
  int height = 1;
  if (!At(LexemeKind::kOpenBrace)) {
    FailExpected("the spans to compare with all others", "as in compare({ status = error })");
    return false;
  }
  std::optional<SpansetFilter> selection = ParseBraces(height);
  if (!selection) return false;
  compare.selection = std::move(*selection);
  if (At(LexemeKind::kComma)) {
    Take();
    const SourceRange at = next_.range;
    const std::optional<int64_t> top = ParseInteger("a number of values for each attribute");
    if (!top) return false;
    if (*top < 1) {
      Fail(at, "compare() shows at least one value of each attribute");
      return false;
    }
    compare.top = *top;
  }
  if (At(LexemeKind::kComma)) {
    Take();
    const SourceRange first = next_.range;
    const std::optional<int64_t> start = ParseInteger("a start in nanoseconds since 1970");
    if (!start) return false;
    if (!At(LexemeKind::kComma)) {
      FailExpected("`,` and an end", "compare() takes both a start and an end, or neither");
      return false;
    }
    Take();
    const std::optional<int64_t> end = ParseInteger("an end in nanoseconds since 1970");
    if (!end) return false;
    if (*end <= *start) {
      Fail(Over(first, last_), "the end of compare() is not after its start");
      return false;
    }
    compare.window = CompareWindow{*start, *end};
  }
  metric.compare = std::move(compare);
  return true;
}

bool Parser::ParseMetricBy(MetricStage& metric) {
  const Lexeme by = Take();
  if (metric.function == MetricFunction::kCompare) {
    Fail(by.range, "compare() takes no by()", "it compares every attribute by itself");
    return false;
  }
  std::optional<std::vector<Field>> keys = ParseFieldList();
  if (!keys) return false;
  for (Field& key : *keys) metric.by.push_back(std::move(key.expression));
  return CheckFieldsOnly(metric.by, "by() of a metric");
}

bool Parser::ParseSeries(Query& query) {
  while (true) {
    const bool piped = At(LexemeKind::kPipe);
    const SourceRange first = next_.range;
    if (piped) Take();
    std::optional<SeriesStage> stage;
    if (At(LexemeKind::kOperator) && LevelOf(next_.op) == kComparisonLevel) {
      stage = ParseSeriesFilter();
    } else if (piped && (AtWord("topk") || AtWord("bottomk"))) {
      stage = ParseSeriesTop(AtWord("topk"));
    } else if (piped) {
      FailExpected("topk(...), bottomk(...) or a comparison", "a metric ends the query but for these");
    } else {
      return true;
    }
    if (!stage) return false;
    if (query.metric->function == MetricFunction::kCompare) {
      Fail(Over(first, last_), "nothing can follow compare()",
           "it has a number of values itself: compare({ ... }, 5)");
      return false;
    }
    query.series.push_back(std::move(*stage));
  }
}

std::optional<SeriesStage> Parser::ParseSeriesTop(bool largest) {
  const Lexeme name = Take();
  if (!Expect(LexemeKind::kOpenParenthesis, "`(`")) return std::nullopt;
  const SourceRange at = next_.range;
  const std::optional<int64_t> count = ParseInteger("a number of series");
  if (!count) return std::nullopt;
  if (*count < 1) return Fail(at, name.text + "() keeps at least one series");
  if (!Expect(LexemeKind::kCloseParenthesis, "`)`")) return std::nullopt;
  return SeriesStage{SeriesTop{largest, *count}, Over(name.range, last_)};
}

std::optional<SeriesStage> Parser::ParseSeriesFilter() {
  const Lexeme op = Take();
  const auto comparison = ComparisonOf(op.op);
  if (!comparison || *comparison >= ComparisonOperator::kMatches)
    return Fail(op.range, "`" + TextOf(op.range) + "` does not compare numbers", "=, !=, <, <=, >, >= do");
  if (!At(LexemeKind::kInteger) && !At(LexemeKind::kReal) && !At(LexemeKind::kDuration) &&
      !At(Operator::kSubtract))
    return FailExpected("a number or a duration");
  std::optional<Literal> value = ParseLiteral();
  if (!value) return std::nullopt;
  return SeriesStage{SeriesFilter{*comparison, std::move(*value)}, Over(op.range, last_)};
}

bool Parser::ParseHints(Query& query) {
  Take();
  if (!Expect(LexemeKind::kOpenParenthesis, "`(`")) return false;
  bool first = true;
  do {
    if (!first) Take();
    first = false;
    const std::optional<Lexeme> name = Expect(LexemeKind::kWord, "the name of a hint");
    if (!name) return false;
    for (const Hint& hint : query.hints) {
      if (hint.name != name->text) continue;
      Fail(name->range, "the hint `" + TextOf(name->range) + "` is given twice");
      return false;
    }
    if (!At(Operator::kEqual)) {
      FailExpected("`=`", "as in with (most_recent = true)");
      return false;
    }
    Take();
    std::optional<Literal> value = ParseLiteral();
    if (!value) return false;
    query.hints.push_back({name->text, std::move(*value), Over(name->range, last_)});
  } while (At(LexemeKind::kComma));
  return Expect(LexemeKind::kCloseParenthesis, "`,` or `)`").has_value();
}

std::optional<int64_t> Parser::ParseInteger(std::string_view what) {
  if (!At(LexemeKind::kInteger)) return FailExpected(what);
  const std::optional<Literal> literal = ParseNumber(false);
  if (!literal) return std::nullopt;
  return std::get<int64_t>(*literal);
}

}  // namespace telltale::traceql
