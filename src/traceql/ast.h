// A TraceQL query as a tree: what ParseTraceQl makes, and what a compiler, the formatter and
// the checker walk.
//
//   TELLTALE_ASSIGN_OR_RETURN(traceql::Query query, ParseTraceQl("{ status = error } | count() > 2"));
//   for (const traceql::Stage& stage : query.stages) {
//     if (const auto* spans = std::get_if<traceql::SpansetExpression>(&stage.node)) Compile(*spans);
//     ...
//   }
//
// What always holds in a parsed tree: types fit (`FieldExpression::type` is set), names are
// known, regular expressions compile, no node is deeper than kTraceQlDepthMax, and chains of
// one of && or || are one node. Parentheses are not in the tree.
//
// Ownership      A tree owns everything in it; it does not point into the text.
// Thread safety  Plain data.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "traceql/fields.h"

namespace telltale {
inline constexpr size_t kTraceQlTextMax = 64 * 1024;  // bytes: far above what people and Grafana write
inline constexpr int kTraceQlDepthMax = 200;          // levels, so that walking a tree cannot end the stack
}  // namespace telltale

namespace telltale::traceql {

// Bytes [begin, end) of the text.
struct SourceRange {
  uint32_t begin = 0;
  uint32_t end = 0;
};

// --- what is said of one span ----------------------------------------------------------

struct Nil {};
struct Duration {
  int64_t nano = 0;
};
// One of a closed list: `error`, `server`, `llm`. `number` is what OTLP and the store use.
struct Word {
  WordSet set = WordSet::kStatus;
  uint8_t number = 0;
};
using Literal = std::variant<Nil, bool, int64_t, double, Duration, std::string, Word>;

struct IntrinsicField {
  Intrinsic intrinsic = Intrinsic::kName;
  bool of_parent = false;  // only where IntrinsicInfo::of_parent
};

struct AttributeField {
  AttributeScope scope = AttributeScope::kAny;
  bool of_parent = false;  // only with kAny, kSpan and kResource
  std::string key;         // any bytes but none; an empty key is refused
};

struct CallFieldReference {
  CallField field = CallField::kKind;
};

struct FieldExpression;

enum class UnaryOperator : uint8_t { kMinus, kNot };

struct UnaryExpression {
  UnaryOperator op = UnaryOperator::kMinus;
  std::unique_ptr<FieldExpression> operand;
};

enum class ArithmeticOperator : uint8_t { kAdd, kSubtract, kMultiply, kDivide, kModulo, kPower };

struct ArithmeticExpression {
  ArithmeticOperator op = ArithmeticOperator::kAdd;
  std::unique_ptr<FieldExpression> left;
  std::unique_ptr<FieldExpression> right;
};

enum class ComparisonOperator : uint8_t {
  kEqual,
  kNotEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kMatches,     // =~; the right side is a literal string, a pattern for the whole value
  kNotMatches,  // !~
};

struct ComparisonExpression {
  ComparisonOperator op = ComparisonOperator::kEqual;
  std::unique_ptr<FieldExpression> left;
  std::unique_ptr<FieldExpression> right;
};

enum class LogicalOperator : uint8_t { kAnd, kOr };

// Two operands or more, none of them a LogicalExpression of the same operator.
struct LogicalExpression {
  LogicalOperator op = LogicalOperator::kAnd;
  std::vector<FieldExpression> operands;
};

struct FieldExpression {
  std::variant<Literal, IntrinsicField, AttributeField, CallFieldReference, UnaryExpression,
               ArithmeticExpression, ComparisonExpression, LogicalExpression>
      node;
  SourceRange range;
  ValueType type = ValueType::kAny;
};

// --- sets of spans ---------------------------------------------------------------------

struct Stage;
struct SpansetExpression;

// `{ condition }`; without one every span.
struct SpansetFilter {
  std::optional<FieldExpression> condition;  // of type kBoolean or kAny: an attribute alone means "is true"
};

// &&: the spans of all operands if each has some. ||: the spans of all operands.
// Two operands or more, none of them a SpansetLogical of the same operator.
struct SpansetLogical {
  LogicalOperator op = LogicalOperator::kAnd;
  std::vector<SpansetExpression> operands;
};

// What the spans on the right are to those on the left.
enum class Relation : uint8_t { kChild, kDescendant, kParent, kAncestor, kSibling };
enum class RelationForm : uint8_t {
  kPlain,  // `>`: the spans on the right that have the relation
  kNone,   // `!>`: the spans on the right that do not have it
  kUnion,  // `&>`: the spans of both sides that have it
};

struct SpansetStructural {
  Relation relation = Relation::kChild;
  RelationForm form = RelationForm::kPlain;
  std::unique_ptr<SpansetExpression> left;
  std::unique_ptr<SpansetExpression> right;
};

// `( stage | stage ... )`: never a single stage that is itself a SpansetExpression.
struct SpansetPipeline {
  std::vector<Stage> stages;
};

struct SpansetExpression {
  std::variant<SpansetFilter, SpansetLogical, SpansetStructural, SpansetPipeline> node;
  SourceRange range;
};

// --- numbers about a set of spans ------------------------------------------------------

enum class AggregateFunction : uint8_t { kCount, kAvg, kMin, kMax, kSum };

struct Aggregate {
  AggregateFunction function = AggregateFunction::kCount;
  std::optional<FieldExpression> argument;  // absent exactly for kCount; a number that reads the span
};

struct ScalarExpression;

// `( stage | ... | aggregate )`: the number that a pipeline of its own ends in.
struct ScalarPipeline {
  std::vector<Stage> stages;
  Aggregate aggregate;
};

struct ScalarArithmetic {
  ArithmeticOperator op = ArithmeticOperator::kAdd;
  std::unique_ptr<ScalarExpression> left;
  std::unique_ptr<ScalarExpression> right;
};

struct ScalarExpression {
  std::variant<Literal, Aggregate, ScalarArithmetic, ScalarPipeline> node;  // literals are numbers, durations
  SourceRange range;
};

// `count() > 2`: keeps the sets of spans for which it holds. One side has an aggregate.
struct ScalarFilter {
  ComparisonOperator op = ComparisonOperator::kGreater;  // never kMatches, kNotMatches
  ScalarExpression left;
  ScalarExpression right;
};

// --- the pipeline ----------------------------------------------------------------------

// Splits each set of spans by the values of these.
struct GroupBy {
  std::vector<FieldExpression> keys;  // one or more; each reads the span
};

// Fields to give back beside those that the query reads.
struct Select {
  std::vector<FieldExpression> fields;  // one or more; fields only
};

// Undoes GroupBy: one set of spans again.
struct Coalesce {};

struct Stage {
  std::variant<SpansetExpression, ScalarFilter, GroupBy, Select, Coalesce> node;
  SourceRange range;
};

enum class MetricFunction : uint8_t {
  kRate,
  kCountOverTime,
  kSumOverTime,
  kAvgOverTime,
  kMinOverTime,
  kMaxOverTime,
  kQuantileOverTime,
  kHistogramOverTime,
  kCompare,
};

struct CompareWindow {
  int64_t start_unix_nano = 0;
  int64_t end_unix_nano = 0;  // > start_unix_nano
};

struct CompareArguments {
  SpansetFilter selection;
  int64_t top = 10;  // values of each attribute
  std::optional<CompareWindow> window;
};

// What turns spans into series over time.
struct MetricStage {
  MetricFunction function = MetricFunction::kRate;
  std::optional<FieldExpression>
      argument;                   // of kSumOverTime to kHistogramOverTime: a number that reads the span
  std::vector<double> quantiles;  // of kQuantileOverTime, one or more, each in [0, 1]
  std::optional<CompareArguments> compare;  // of kCompare
  std::vector<FieldExpression> by;          // fields only
  SourceRange range;
};

// What is done with the series of a metric: `topk(5)`, `bottomk(5)`, `> 10`.
struct SeriesTop {
  bool largest = true;
  int64_t count = 0;  // >= 1
};
struct SeriesFilter {
  ComparisonOperator op = ComparisonOperator::kGreater;  // never kMatches, kNotMatches
  Literal value;                                         // a number or a duration
};
struct SeriesStage {
  std::variant<SeriesTop, SeriesFilter> node;
  SourceRange range;
};

// `with (name = value)`: advice; what a reader does not know it leaves alone.
struct Hint {
  std::string name;
  Literal value;
  SourceRange range;
};

struct Query {
  std::vector<Stage> stages;          // one or more
  std::optional<MetricStage> metric;  // with it the answer is series, without it spans
  std::vector<SeriesStage> series;    // only behind a metric
  std::vector<Hint> hints;            // each name once
};

}  // namespace telltale::traceql
