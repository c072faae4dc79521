// The recursive-descent parser behind ParseTraceQl: precedence climbing once for what is said
// of a span (field.cc) and once for sets of spans and their numbers (term.cc).
//
// Both have Tempo's levels, from loose to tight, all of them from the left but ^:
//   && ||     = != < <= > >= =~ !~ and the relations     + -     unary - and !     * / %     ^
//
// Thread safety  One parser, one text, one thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "traceql/ast.h"
#include "traceql/error.h"
#include "traceql/lexer.h"

namespace telltale::traceql {

enum Level : int {
  kLogicalLevel = 1,
  kComparisonLevel,
  kAdditiveLevel,
  kUnaryLevel,
  kMultiplicativeLevel,
  kPowerLevel
};

// Of a binary operator; 0: it is none.
int LevelOf(Operator op);
std::optional<ArithmeticOperator> ArithmeticOf(Operator op);
std::optional<ComparisonOperator> ComparisonOf(Operator op);
std::optional<LogicalOperator> LogicalOf(Operator op);

class Parser {
 public:
  explicit Parser(std::string_view text);

  // Nothing: error() says why.
  std::optional<Query> ParseQuery();
  const TraceQlError& error() const { return *error_; }

 private:
  // A part of a tree, and how many levels it has.
  struct Field {
    FieldExpression expression;
    int height = 1;
  };
  // A set of spans, a number about one, or a comparison of such numbers.
  struct Term {
    std::variant<SpansetExpression, ScalarExpression, ScalarFilter> node;
    SourceRange range;
    int height = 1;
  };
  // What stands between two pipes. A number is no stage: only a pipeline in parentheses ends in one.
  struct Item {
    std::variant<Stage, ScalarExpression> node;
    int height = 1;
  };

  // parser.cc: lexemes and errors
  bool At(LexemeKind kind) const { return next_.kind == kind; }
  bool At(Operator op) const { return At(LexemeKind::kOperator) && next_.op == op; }
  bool AtWord(std::string_view word) const { return At(LexemeKind::kWord) && next_.text == word; }
  Lexeme Take();
  std::optional<Lexeme> Expect(LexemeKind kind, std::string_view what);
  std::string Found() const;
  std::string TextOf(SourceRange range) const;
  std::nullopt_t Fail(SourceRange range, std::string message, std::string hint = {});
  std::nullopt_t FailExpected(std::string_view what, std::string hint = {});
  bool FitsDepth(int height, SourceRange range);
  bool Enter(SourceRange range);
  void Leave() { --nesting_; }

  // field.cc: what is said of one span
  std::optional<Field> ParseField(int level_min = kLogicalLevel);
  std::optional<Field> ParseOperand();
  std::optional<Field> ParseUnary();
  std::optional<Field> ParseInParentheses();
  std::optional<FieldExpression> ParseWord();
  std::optional<FieldExpression> ParseColonName();
  std::optional<FieldExpression> ParseAttribute();
  std::optional<FieldExpression> ParseCallField();
  std::optional<Field> Combine(const Lexeme& op, Field left, Field right);
  std::optional<Literal> ParseNumber(bool negative);
  std::optional<Literal> ParseLiteral();
  std::nullopt_t FailUnknownWord(const Lexeme& word);
  std::nullopt_t FailUnknownIntrinsic();
  std::string HintBehindValue() const;
  std::optional<std::vector<Field>> ParseFieldList();

  // term.cc: sets of spans and their numbers
  std::optional<Term> ParseTerm(int level_min = kLogicalLevel, bool first = true);
  std::optional<Term> ParseTermOperand(bool first);
  std::optional<Term> ParseFilter();
  std::optional<SpansetFilter> ParseBraces(int& height);
  std::optional<Term> ParseGroup();
  std::optional<Term> CloseGroup(SourceRange range, std::vector<Stage> stages, std::optional<Item> number,
                                 int height);
  std::optional<Term> ParseAggregate();
  std::optional<Term> CombineTerms(const Lexeme& op, Term left, Term right);
  std::optional<Term> CombineSpansets(const Lexeme& op, Term left, Term right);
  std::optional<Term> CombineNumbers(const Lexeme& op, Term left, Term right);
  std::nullopt_t FailMixed(const Lexeme& op, const Term& left, const Term& right);

  // stages.cc: the pipeline
  std::optional<Item> ParseItem(bool first);
  std::optional<Item> ParseGroupBy();
  std::optional<Item> ParseSelect();
  std::optional<Item> ParseCoalesce(bool first);
  std::optional<MetricStage> ParseMetric(MetricFunction function);
  bool ParseMetricArguments(MetricStage& metric);
  bool ParseQuantiles(MetricStage& metric);
  bool ParseCompare(MetricStage& metric);
  bool ParseMetricBy(MetricStage& metric);
  bool ParseSeries(Query& query);
  std::optional<SeriesStage> ParseSeriesTop(bool largest);
  std::optional<SeriesStage> ParseSeriesFilter();
  bool ParseHints(Query& query);
  std::optional<int64_t> ParseInteger(std::string_view what);
  bool CheckFieldsOnly(const std::vector<FieldExpression>& fields, std::string_view where);
  std::nullopt_t FailUnknownStage();

  std::string_view text_;
  Lexer lexer_;
  Lexeme next_;
  SourceRange last_;  // of the lexeme that was taken last
  int nesting_ = 0;
  std::optional<WordSet> beside_;  // what the value after a comparison is a word of, as `status = `
  std::optional<TraceQlError> error_;
};

std::optional<MetricFunction> FindMetric(std::string_view word);
std::optional<AggregateFunction> FindAggregate(std::string_view word);

}  // namespace telltale::traceql
