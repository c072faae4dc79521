// Sets of spans, numbers about them, and comparisons of those numbers. The three share
// brackets and operators (`>` relates sets of spans and compares numbers), so one climb reads
// them all, and what an operator means is decided when both of its sides are known.
#include <algorithm>
#include <iterator>
#include <memory>

#include "traceql/parser.h"

namespace telltale::traceql {
namespace {

struct RelationRow {
  Operator op;
  Relation relation;
  RelationForm form;
};
constexpr RelationRow kRelations[] = {
    {Operator::kGreater, Relation::kChild, RelationForm::kPlain},
    {Operator::kDescendant, Relation::kDescendant, RelationForm::kPlain},
    {Operator::kLess, Relation::kParent, RelationForm::kPlain},
    {Operator::kAncestor, Relation::kAncestor, RelationForm::kPlain},
    {Operator::kSibling, Relation::kSibling, RelationForm::kPlain},
    {Operator::kNoChild, Relation::kChild, RelationForm::kNone},
    {Operator::kNoDescendant, Relation::kDescendant, RelationForm::kNone},
    {Operator::kNoParent, Relation::kParent, RelationForm::kNone},
    {Operator::kNoAncestor, Relation::kAncestor, RelationForm::kNone},
    {Operator::kNotMatches, Relation::kSibling, RelationForm::kNone},
    {Operator::kUnionChild, Relation::kChild, RelationForm::kUnion},
    {Operator::kUnionDescendant, Relation::kDescendant, RelationForm::kUnion},
    {Operator::kUnionParent, Relation::kParent, RelationForm::kUnion},
    {Operator::kUnionAncestor, Relation::kAncestor, RelationForm::kUnion},
    {Operator::kUnionSibling, Relation::kSibling, RelationForm::kUnion},
};

SourceRange Over(SourceRange first, SourceRange last) {
  return {first.begin, last.end};
}

const SpansetLogical* ChainOf(const SpansetExpression& spans, LogicalOperator op) {
  const auto* chain = std::get_if<SpansetLogical>(&spans.node);
  return chain != nullptr && chain->op == op ? chain : nullptr;
}

void Append(SpansetExpression operand, LogicalOperator op, std::vector<SpansetExpression>& operands) {
  if (ChainOf(operand, op) == nullptr) {
    operands.push_back(std::move(operand));
    return;
  }
  auto& chain = std::get<SpansetLogical>(operand.node);
  if (operands.empty()) {
    operands = std::move(chain.operands);
    return;
  }
  for (SpansetExpression& inner : chain.operands) operands.push_back(std::move(inner));
}

}  // namespace

std::optional<Parser::Term> Parser::ParseTerm(int level_min, bool first) {
  std::optional<Term> left = ParseTermOperand(first);
  if (!left) return std::nullopt;
  while (At(LexemeKind::kOperator)) {
    const int level = LevelOf(next_.op);
    if (level < level_min || level == 0) break;
    const Lexeme op = Take();
    if (!Enter(op.range)) return std::nullopt;
    std::optional<Term> right = ParseTerm(level == kPowerLevel ? level : level + 1, false);
    Leave();
    if (!right) return std::nullopt;
    left = CombineTerms(op, std::move(*left), std::move(*right));
    if (!left) return std::nullopt;
  }
  return left;
}

std::optional<Parser::Term> Parser::ParseTermOperand(bool first) {
  if (At(LexemeKind::kOpenBrace)) return ParseFilter();
  if (At(LexemeKind::kOpenParenthesis)) return ParseGroup();
  if (At(LexemeKind::kWord) && FindAggregate(next_.text)) return ParseAggregate();
  if (At(LexemeKind::kInteger) || At(LexemeKind::kReal) || At(LexemeKind::kDuration) ||
      At(Operator::kSubtract)) {
    const SourceRange begin = next_.range;
    std::optional<Literal> literal = ParseLiteral();
    if (!literal) return std::nullopt;
    const SourceRange range = Over(begin, last_);
    return Term{ScalarExpression{std::move(*literal), range}, range};
  }
  if (first) return FailUnknownStage();
  return FailExpected("{ ... }, a number or an aggregate");
}

std::optional<SpansetFilter> Parser::ParseBraces(int& height) {
  const std::optional<Lexeme> open = Expect(LexemeKind::kOpenBrace, "`{`");
  if (!open) return std::nullopt;
  SpansetFilter filter;
  height = 1;
  if (!At(LexemeKind::kCloseBrace)) {
    std::optional<Field> condition = ParseField();
    if (!condition) return std::nullopt;
    filter.condition = std::move(condition->expression);
    height = condition->height + 1;
  }
  if (!At(LexemeKind::kCloseBrace)) return FailExpected("`}` or an operator", HintBehindValue());
  Take();
  return filter;
}

std::optional<Parser::Term> Parser::ParseFilter() {
  const SourceRange first = next_.range;
  Term term;
  std::optional<SpansetFilter> filter = ParseBraces(term.height);
  if (!filter) return std::nullopt;
  term.range = Over(first, last_);
  term.node = SpansetExpression{std::move(*filter), term.range};
  return term;
}

std::optional<Parser::Term> Parser::ParseAggregate() {
  const Lexeme name = Take();
  Aggregate aggregate{.function = *FindAggregate(name.text), .argument = {}};
  Term term;
  if (!Expect(LexemeKind::kOpenParenthesis, "`(`")) return std::nullopt;
  if (aggregate.function != AggregateFunction::kCount) {
    if (At(LexemeKind::kCloseParenthesis))
      return FailExpected("a field", "as in " + name.text + "(duration)");
    std::optional<Field> argument = ParseField();
    if (!argument) return std::nullopt;
    term.height = argument->height + 1;
    aggregate.argument = std::move(argument->expression);
  } else if (!At(LexemeKind::kCloseParenthesis)) {
    return FailExpected("`)`", "count() takes no field: filter the spans before it");
  }
  if (!Expect(LexemeKind::kCloseParenthesis, "`)` or an operator")) return std::nullopt;
  term.range = Over(name.range, last_);
  term.node = ScalarExpression{std::move(aggregate), term.range};
  return term;
}

// `( ... )` around a set of spans, a number, or a pipeline that gives one of them.
std::optional<Parser::Term> Parser::ParseGroup() {
  const Lexeme open = Take();
  if (!Enter(open.range)) return std::nullopt;
  std::vector<Stage> stages;
  std::optional<Item> number;
  int height = 1;
  do {
    if (!stages.empty()) Take();
    std::optional<Item> item = ParseItem(stages.empty());
    if (!item) return std::nullopt;
    height = std::max(height, item->height + 1);
    if (auto* stage = std::get_if<Stage>(&item->node)) {
      stages.push_back(std::move(*stage));
    } else {
      number = std::move(item);
    }
  } while (!number && At(LexemeKind::kPipe));
  if (!At(LexemeKind::kCloseParenthesis)) {
    if (number && At(LexemeKind::kPipe))
      return FailExpected("`)` or an operator",
                          "a number ends a pipeline; a comparison does not: count() > 2 | ...");
    return FailExpected("`)`, `|` or an operator");
  }
  Take();
  Leave();
  return CloseGroup(Over(open.range, last_), std::move(stages), std::move(number), height);
}

std::optional<Parser::Term> Parser::CloseGroup(SourceRange range, std::vector<Stage> stages,
                                               std::optional<Item> number, int height) {
  Term term{.node = {}, .range = range, .height = height};
  if (number) {
    auto& scalar = std::get<ScalarExpression>(number->node);
    if (stages.empty()) {
      scalar.range = range;
      term.node = std::move(scalar);
      term.height = number->height;
      return term;
    }
    auto* aggregate = std::get_if<Aggregate>(&scalar.node);
    if (aggregate == nullptr) {
      return Fail(scalar.range, "a pipeline in parentheses ends in one aggregate",
                  "arithmetic stands outside: ({ ... } | count()) + 1");
    }
    term.node = ScalarExpression{ScalarPipeline{std::move(stages), std::move(*aggregate)}, range};
  } else if (auto* alone = std::get_if<SpansetExpression>(&stages.front().node);
             stages.size() == 1 && alone) {
    term.height = height - 1;
    alone->range = range;
    term.node = std::move(*alone);
  } else {
    term.node = SpansetExpression{SpansetPipeline{std::move(stages)}, range};
  }
  if (!FitsDepth(term.height, range)) return std::nullopt;
  return term;
}

std::optional<Parser::Term> Parser::CombineTerms(const Lexeme& op, Term left, Term right) {
  const auto spans = [](const Term& term) { return std::holds_alternative<SpansetExpression>(term.node); };
  const auto number = [](const Term& term) { return std::holds_alternative<ScalarExpression>(term.node); };
  if (spans(left) && spans(right)) return CombineSpansets(op, std::move(left), std::move(right));
  if (number(left) && number(right)) return CombineNumbers(op, std::move(left), std::move(right));
  return FailMixed(op, left, right);
}

std::optional<Parser::Term> Parser::CombineSpansets(const Lexeme& op, Term left, Term right) {
  auto& left_spans = std::get<SpansetExpression>(left.node);
  auto& right_spans = std::get<SpansetExpression>(right.node);
  Term made{
      .node = {}, .range = Over(left.range, right.range), .height = std::max(left.height, right.height) + 1};
  if (const auto logical = LogicalOf(op.op)) {
    made.height = std::max(left.height + (ChainOf(left_spans, *logical) ? 0 : 1),
                           right.height + (ChainOf(right_spans, *logical) ? 0 : 1));
    SpansetLogical chain{.op = *logical, .operands = {}};
    Append(std::move(left_spans), *logical, chain.operands);
    Append(std::move(right_spans), *logical, chain.operands);
    made.node = SpansetExpression{std::move(chain), made.range};
  } else {
    const auto* row = std::ranges::find(kRelations, op.op, &RelationRow::op);
    if (row == std::end(kRelations)) {
      return Fail(op.range, "`" + TextOf(op.range) + "` does not stand between sets of spans",
                  "&&, || and the relations >, >>, <, <<, ~ do; values are compared inside of { }");
    }
    made.node =
        SpansetExpression{SpansetStructural{row->relation, row->form,
                                            std::make_unique<SpansetExpression>(std::move(left_spans)),
                                            std::make_unique<SpansetExpression>(std::move(right_spans))},
                          made.range};
  }
  if (!FitsDepth(made.height, op.range)) return std::nullopt;
  return made;
}

std::optional<Parser::Term> Parser::CombineNumbers(const Lexeme& op, Term left, Term right) {
  auto& left_number = std::get<ScalarExpression>(left.node);
  auto& right_number = std::get<ScalarExpression>(right.node);
  Term made{
      .node = {}, .range = Over(left.range, right.range), .height = std::max(left.height, right.height) + 1};
  if (const auto arithmetic = ArithmeticOf(op.op)) {
    made.node = ScalarExpression{
        ScalarArithmetic{*arithmetic, std::make_unique<ScalarExpression>(std::move(left_number)),
                         std::make_unique<ScalarExpression>(std::move(right_number))},
        made.range};
  } else if (const auto comparison = ComparisonOf(op.op);
             comparison && comparison < ComparisonOperator::kMatches) {
    made.node = ScalarFilter{*comparison, std::move(left_number), std::move(right_number)};
  } else {
    return Fail(op.range, "`" + TextOf(op.range) + "` does not stand between numbers",
                "numbers about a set of spans are compared with =, !=, <, <=, >, >=");
  }
  if (!FitsDepth(made.height, op.range)) return std::nullopt;
  return made;
}

std::nullopt_t Parser::FailMixed(const Lexeme& op, const Term& left, const Term& right) {
  const auto name = [](const Term& term) -> std::string {
    return std::holds_alternative<SpansetExpression>(term.node)  ? "a set of spans"
           : std::holds_alternative<ScalarExpression>(term.node) ? "a number"
                                                                 : "a comparison";
  };
  std::string hint;
  if (LogicalOf(op.op)) {
    hint =
        "a comparison of aggregates is a stage: { ... } | count() > 2; in parentheses it can be combined: "
        "({ ... } | count() > 2) && { ... }";
  } else if (std::holds_alternative<SpansetExpression>(left.node)) {
    hint = "the number of spans is { ... } | count()";
  }
  return Fail(op.range, "`" + TextOf(op.range) + "` between " + name(left) + " and " + name(right),
              std::move(hint));
}

}  // namespace telltale::traceql
