#include "traceql/check.h"

#include <re2/re2.h>

#include <algorithm>
#include <string>
#include <utility>

#include "base/overloaded.h"
#include "traceql/format.h"
#include "traceql/parser.h"

namespace telltale::traceql {
namespace {

ValueType TypeOfLiteral(const Literal& literal) {
  return std::visit(
      Overloaded{[](Nil) { return ValueType::kNil; }, [](bool) { return ValueType::kBoolean; },
                 [](int64_t) { return ValueType::kInteger; }, [](double) { return ValueType::kReal; },
                 [](Duration) { return ValueType::kDuration; },
                 [](const std::string&) { return ValueType::kString; },
                 [](Word word) { return TypeOf(word.set); }},
      literal);
}

// False for what is the same for every span.
bool ReadsSpan(const FieldExpression& expression) {
  return std::visit(
      Overloaded{
          [](const Literal&) { return false; }, [](const IntrinsicField&) { return true; },
          [](const AttributeField&) { return true; }, [](const CallFieldReference&) { return true; },
          [](const UnaryExpression& unary) { return ReadsSpan(*unary.operand); },
          [](const ArithmeticExpression& both) { return ReadsSpan(*both.left) || ReadsSpan(*both.right); },
          [](const ComparisonExpression& both) { return ReadsSpan(*both.left) || ReadsSpan(*both.right); },
          [](const LogicalExpression& chain) { return std::ranges::any_of(chain.operands, ReadsSpan); }},
      expression.node);
}

bool HasAggregate(const ScalarExpression& number) {
  return std::visit(Overloaded{[](const Literal&) { return false; }, [](const Aggregate&) { return true; },
                               [](const ScalarArithmetic& both) {
                                 return HasAggregate(*both.left) || HasAggregate(*both.right);
                               },
                               [](const ScalarPipeline&) { return true; }},
                    number.node);
}

bool CanBeNumber(ValueType type) {
  return IsNumber(type) || type == ValueType::kAny;
}
bool CanBeBoolean(ValueType type) {
  return type == ValueType::kBoolean || type == ValueType::kAny;
}
bool HasOrder(ValueType type) {
  return CanBeNumber(type) || type == ValueType::kString;
}

ValueType TypeOfArithmetic(ArithmeticOperator op, ValueType left, ValueType right) {
  const bool left_duration = left == ValueType::kDuration;
  const bool right_duration = right == ValueType::kDuration;
  const bool integers = left == ValueType::kInteger && right == ValueType::kInteger;
  switch (op) {
    case ArithmeticOperator::kAdd:
    case ArithmeticOperator::kSubtract:
    case ArithmeticOperator::kMultiply:
      if (left_duration || right_duration) return ValueType::kDuration;
      return integers ? ValueType::kInteger : ValueType::kReal;
    case ArithmeticOperator::kDivide:
      return left_duration && !right_duration ? ValueType::kDuration : ValueType::kReal;
    case ArithmeticOperator::kModulo:
      if (left_duration) return ValueType::kDuration;
      return integers ? ValueType::kInteger : ValueType::kReal;
    case ArithmeticOperator::kPower:
      return ValueType::kReal;
  }
  return ValueType::kReal;
}

// Each function gives false after it has set error_.
class Checker {
 public:
  explicit Checker(std::string_view text) : text_(text) {}

  bool Check(Query& query);
  std::optional<TraceQlError> TakeError() { return std::move(error_); }

 private:
  bool Check(Stage& stage);
  bool Check(SpansetExpression& spans);
  bool Check(SpansetFilter& filter);
  bool Check(ScalarFilter& filter, SourceRange range);
  bool Check(ScalarExpression& number);
  bool Check(Aggregate& aggregate);
  bool CheckNumber(FieldExpression& argument, std::string_view function);
  bool CheckKeys(std::vector<FieldExpression>& keys, std::string_view where);

  bool Check(FieldExpression& expression);
  bool Check(UnaryExpression& unary, FieldExpression& whole);
  bool Check(ArithmeticExpression& arithmetic, FieldExpression& whole);
  bool Check(ComparisonExpression& comparison, FieldExpression& whole);
  bool Check(LogicalExpression& logical, FieldExpression& whole);
  bool CheckNil(const ComparisonExpression& comparison, SourceRange range);
  bool CheckPattern(const ComparisonExpression& comparison);
  bool CheckComparable(const ComparisonExpression& comparison, SourceRange range);
  bool TakeWord(const FieldExpression& field, FieldExpression& other);

  std::string Quoted(SourceRange range) const;
  std::string Named(const FieldExpression& expression) const {
    return Quoted(expression.range) + " is " + std::string(ValueTypeName(expression.type));
  }
  bool Fail(SourceRange range, std::string message, std::string hint = {});

  std::string_view text_;
  std::optional<TraceQlError> error_;
};

std::string Checker::Quoted(SourceRange range) const {
  constexpr size_t kShownMax = 60;
  std::string_view shown = text_.substr(range.begin, range.end - range.begin);
  size_t size = std::min(shown.size(), kShownMax);
  while (size < shown.size() && size > 0 && (static_cast<unsigned char>(shown[size]) & 0xC0) == 0x80) --size;
  std::string quoted = "`" + std::string(shown.substr(0, size)) + (size < shown.size() ? "...`" : "`");
  std::ranges::replace_if(quoted, [](unsigned char byte) { return byte < 0x20 || byte == 0x7F; }, ' ');
  return quoted;
}

bool Checker::Fail(SourceRange range, std::string message, std::string hint) {
  error_ = {.offset = range.begin,
            .length = range.end - range.begin,
            .message = std::move(message),
            .hint = std::move(hint)};
  return false;
}

bool Checker::Check(Query& query) {
  for (Stage& stage : query.stages) {
    if (!Check(stage)) return false;
  }
  if (!query.metric) return true;
  MetricStage& metric = *query.metric;
  if (metric.argument && !CheckNumber(*metric.argument, MetricName(metric.function))) return false;
  if (metric.compare && !Check(metric.compare->selection)) return false;
  return CheckKeys(metric.by, "by()");
}

bool Checker::Check(Stage& stage) {
  return std::visit(Overloaded{[&](SpansetExpression& spans) { return Check(spans); },
                               [&](ScalarFilter& filter) { return Check(filter, stage.range); },
                               [&](GroupBy& group) { return CheckKeys(group.keys, "by()"); },
                               [&](Select& select) { return CheckKeys(select.fields, "select()"); },
                               [](Coalesce) { return true; }},
                    stage.node);
}

bool Checker::Check(SpansetExpression& spans) {
  const auto check = [&](auto& inner) { return Check(inner); };
  return std::visit(
      Overloaded{[&](SpansetFilter& filter) { return Check(filter); },
                 [&](SpansetLogical& chain) { return std::ranges::all_of(chain.operands, check); },
                 [&](SpansetStructural& both) { return Check(*both.left) && Check(*both.right); },
                 [&](SpansetPipeline& pipeline) { return std::ranges::all_of(pipeline.stages, check); }},
      spans.node);
}

bool Checker::Check(SpansetFilter& filter) {
  if (!filter.condition) return true;
  if (!Check(*filter.condition)) return false;
  if (CanBeBoolean(filter.condition->type)) return true;
  return Fail(filter.condition->range, "a filter needs a condition: " + Named(*filter.condition),
              ReadsSpan(*filter.condition) ? "compare it: = != < <= > >= =~ !~" : "compare it with a field");
}

bool Checker::Check(ScalarFilter& filter, SourceRange range) {
  if (!Check(filter.left) || !Check(filter.right)) return false;
  if (HasAggregate(filter.left) || HasAggregate(filter.right)) return true;
  return Fail(range, "there is no aggregate in " + Quoted(range), "as in count() > 2, avg(duration) < 1s");
}

bool Checker::Check(ScalarExpression& number) {
  return std::visit(
      Overloaded{[](Literal&) { return true; }, [&](Aggregate& aggregate) { return Check(aggregate); },
                 [&](ScalarArithmetic& both) { return Check(*both.left) && Check(*both.right); },
                 [&](ScalarPipeline& pipeline) {
                   return std::ranges::all_of(pipeline.stages, [&](Stage& stage) { return Check(stage); }) &&
                          Check(pipeline.aggregate);
                 }},
      number.node);
}

bool Checker::Check(Aggregate& aggregate) {
  return !aggregate.argument || CheckNumber(*aggregate.argument, AggregateName(aggregate.function));
}

bool Checker::CheckNumber(FieldExpression& argument, std::string_view function) {
  if (!Check(argument)) return false;
  if (!CanBeNumber(argument.type))
    return Fail(argument.range, std::string(function) + "() needs a number: " + Named(argument));
  if (ReadsSpan(argument)) return true;
  return Fail(argument.range,
              std::string(function) + "() needs a field of the span: " + Quoted(argument.range) +
                  " is the same for all",
              "as in " + std::string(function) + "(duration)");
}

bool Checker::CheckKeys(std::vector<FieldExpression>& keys, std::string_view where) {
  for (FieldExpression& key : keys) {
    if (!Check(key)) return false;
    if (key.type == ValueType::kSpan)
      return Fail(key.range, std::string(where) + " cannot take a whole span",
                  "parent.name, span:parentID ... are values");
    if (!ReadsSpan(key)) {
      return Fail(
          key.range,
          std::string(where) + " needs a field of the span: " + Quoted(key.range) + " is the same for all",
          "as in " + std::string(where.substr(0, where.size() - 1)) + "resource.service.name)");
    }
  }
  return true;
}

bool Checker::Check(FieldExpression& expression) {
  return std::visit(Overloaded{[&](Literal& literal) {
                                 expression.type = TypeOfLiteral(literal);
                                 return true;
                               },
                               [&](IntrinsicField& field) {
                                 expression.type = InfoOf(field.intrinsic).type;
                                 return true;
                               },
                               [&](AttributeField&) {
                                 expression.type = ValueType::kAny;
                                 return true;
                               },
                               [&](CallFieldReference& field) {
                                 expression.type = InfoOf(field.field).type;
                                 return true;
                               },
                               [&](auto& inner) { return Check(inner, expression); }},
                    expression.node);
}

bool Checker::Check(UnaryExpression& unary, FieldExpression& whole) {
  if (!Check(*unary.operand)) return false;
  if (unary.op == UnaryOperator::kNot) {
    whole.type = ValueType::kBoolean;
    if (CanBeBoolean(unary.operand->type)) return true;
    return Fail(whole.range, "! needs a condition: " + Named(*unary.operand),
                "! binds tighter than a comparison: !(a = b), or a != b");
  }
  whole.type = unary.operand->type == ValueType::kAny ? ValueType::kReal : unary.operand->type;
  if (CanBeNumber(unary.operand->type)) return true;
  return Fail(whole.range, "- needs a number: " + Named(*unary.operand));
}

bool Checker::Check(ArithmeticExpression& arithmetic, FieldExpression& whole) {
  if (!Check(*arithmetic.left) || !Check(*arithmetic.right)) return false;
  for (const FieldExpression* side : {arithmetic.left.get(), arithmetic.right.get()}) {
    if (!CanBeNumber(side->type)) {
      return Fail(side->range,
                  "`" + std::string(OperatorText(arithmetic.op)) + "` needs numbers: " + Named(*side));
    }
  }
  whole.type = TypeOfArithmetic(arithmetic.op, arithmetic.left->type, arithmetic.right->type);
  return true;
}

bool Checker::Check(LogicalExpression& logical, FieldExpression& whole) {
  whole.type = ValueType::kBoolean;
  for (FieldExpression& operand : logical.operands) {
    if (!Check(operand)) return false;
    if (!CanBeBoolean(operand.type)) {
      return Fail(operand.range,
                  "`" + std::string(OperatorText(logical.op)) + "` joins conditions: " + Named(operand),
                  ReadsSpan(operand) ? "compare it: = != < <= > >= =~ !~" : "");
    }
  }
  return true;
}

bool Checker::Check(ComparisonExpression& comparison, FieldExpression& whole) {
  whole.type = ValueType::kBoolean;
  if (!Check(*comparison.left) || !Check(*comparison.right)) return false;
  if (comparison.op == ComparisonOperator::kMatches || comparison.op == ComparisonOperator::kNotMatches)
    return CheckPattern(comparison);
  if (comparison.left->type == ValueType::kNil || comparison.right->type == ValueType::kNil)
    return CheckNil(comparison, whole.range);
  if (!TakeWord(*comparison.left, *comparison.right) || !TakeWord(*comparison.right, *comparison.left))
    return false;
  return CheckComparable(comparison, whole.range);
}

bool Checker::CheckNil(const ComparisonExpression& comparison, SourceRange range) {
  if (comparison.op != ComparisonOperator::kEqual && comparison.op != ComparisonOperator::kNotEqual)
    return Fail(range, "nil has no order", "= nil: it is not there; != nil: it is there");
  if (ReadsSpan(*comparison.left) || ReadsSpan(*comparison.right)) return true;
  return Fail(range, "nil is compared with a field of the span", "as in .user.id = nil");
}

bool Checker::CheckPattern(const ComparisonExpression& comparison) {
  const std::string op = "`" + std::string(OperatorText(comparison.op)) + "`";
  const ValueType left = comparison.left->type;
  if (left != ValueType::kString && left != ValueType::kAny) {
    const auto set = WordSetOf(left);
    return Fail(
        comparison.left->range, op + " matches strings: " + Named(*comparison.left),
        set ? "words are compared: " +
                  std::string(text_.substr(comparison.left->range.begin,
                                           comparison.left->range.end - comparison.left->range.begin)) +
                  " = " + std::string(WordsOf(*set)[1]) + " || ..."
            : "");
  }
  const auto* literal = std::get_if<Literal>(&comparison.right->node);
  const auto* pattern = literal == nullptr ? nullptr : std::get_if<std::string>(literal);
  if (pattern == nullptr) {
    return Fail(comparison.right->range,
                op + " needs a regular expression in quotes on its right: " + Named(*comparison.right));
  }
  RE2::Options options;
  options.set_log_errors(false);
  const RE2 regex(re2::StringPiece(pattern->data(), pattern->size()), options);
  if (regex.ok()) return true;
  return Fail(comparison.right->range, "invalid regular expression: " + regex.error(),
              "the syntax is RE2's; it must match the whole value");
}

// A string beside a field of a closed list stands for a word of the list.
bool Checker::TakeWord(const FieldExpression& field, FieldExpression& other) {
  const auto set = WordSetOf(field.type);
  auto* literal = std::get_if<Literal>(&other.node);
  if (!set || literal == nullptr) return true;
  if (const auto* string = std::get_if<std::string>(literal)) {
    const auto number = FindWord(*set, *string);
    if (!number) {
      const std::string_view near = NearestName(*string, WordsOf(*set));
      return Fail(other.range,
                  "unknown " + std::string(ValueTypeName(field.type).substr(2)) + " " + Quoted(other.range) +
                      ": it is " + WordList(*set),
                  near.empty() ? "" : std::string(near) + "?");
    }
    *literal = Word{*set, *number};
    other.type = field.type;
  }
  const auto* call = std::get_if<CallFieldReference>(&field.node);
  const auto* word = std::get_if<Word>(literal);
  if (call != nullptr && call->field == CallField::kStatus && word != nullptr &&
      word->set == WordSet::kStatus && word->number == 0)
    return Fail(other.range, "call.status is ok or error",
                "the span's own status may be unset: status = unset");
  return true;
}

bool Checker::CheckComparable(const ComparisonExpression& comparison, SourceRange range) {
  const FieldExpression& left = *comparison.left;
  const FieldExpression& right = *comparison.right;
  if (left.type == ValueType::kSpan || right.type == ValueType::kSpan)
    return Fail(range, "a span is only compared with nil",
                "parent = nil finds roots; parent.name ... are values");
  const bool known = left.type != ValueType::kAny && right.type != ValueType::kAny;
  const bool numbers = IsNumber(left.type) && IsNumber(right.type);
  if (known && !numbers && left.type != right.type) {
    std::string hint;
    for (const FieldExpression* side : {&left, &right}) {
      const auto set = WordSetOf(side->type);
      if (set && !std::holds_alternative<Literal>(side->node))
        hint = Quoted(side->range) + " is " + WordList(*set);
      if (!set && side->type == ValueType::kString && std::holds_alternative<Literal>(side->node) &&
          hint.empty() && (IsNumber(left.type) || IsNumber(right.type)))
        hint = "numbers and durations stand without quotes: 5, 1.5s";
      if (side->type == ValueType::kString && !std::holds_alternative<Literal>(side->node) && hint.empty())
        hint = "a string stands in quotes";
    }
    return Fail(range,
                std::string(ValueTypeName(left.type)) + " cannot be compared with " +
                    std::string(ValueTypeName(right.type)),
                std::move(hint));
  }
  if (comparison.op == ComparisonOperator::kEqual || comparison.op == ComparisonOperator::kNotEqual)
    return true;
  for (const FieldExpression* side : {&left, &right}) {
    if (!HasOrder(side->type)) {
      return Fail(range, "`" + std::string(OperatorText(comparison.op)) +
                             "` needs an order: " + Named(*side) + ", and only equal or not");
    }
  }
  return true;
}

}  // namespace

std::optional<TraceQlError> CheckTypes(std::string_view text, Query& query) {
  Checker checker(text);
  checker.Check(query);
  return checker.TakeError();
}

}  // namespace telltale::traceql
